"""The list of personal data holds against the data contract, a finished run, and what lies beside it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rind.common.results import RESULTS
from rind.features.tables import TABLES
from rind.pipelines.backup.staging import STATES
from rind.pipelines.personal.catalogue import HOLDS, PLACES, Data, kind_of
from rind.pipelines.personal.page import personal_page
from rind.pipelines.personal.search import traces
from rind.pipelines.private_files import ALSO_OURS

ROOT = Path(__file__).parents[3]


def test_every_text_and_id_of_the_data_contract_was_looked_at() -> None:
    columns = [(name, c.name, c.kind) for name, table in TABLES.items() for c in table.columns]
    assert [(table, name) for table, name, kind in columns if kind_of(name, kind) is None] == []


def test_every_declared_column_of_a_result_is_of_a_kind_that_the_list_names() -> None:
    named = {"account_id": Data.ACCOUNT, "name": Data.ACCOUNT, "csm": Data.STAFF, "contact_id": Data.PERSON}
    for name, result in RESULTS.items():
        if result.public and not result.path.endswith(".json"):
            held = {named[column.name] for column in result.columns if column.name in named}
            assert held <= set(HOLDS.get(name, ())), name


@pytest.fixture(scope="module")
def found(small_run: Path) -> dict[str, set[Data]]:
    """Result -> what of the company's people and accounts a search finds in its files."""
    source, out = small_run / "source", small_run / "results/.rind/current"
    accounts = pd.read_parquet(source / "accounts.parquet")
    contacts = pd.read_parquet(source / "contacts.parquet")["contact_id"]
    surveys = pd.read_parquet(source / "surveys.parquet")["comment"].dropna()
    terms = {
        Data.ACCOUNT: set(accounts["account_id"]) | set(accounts["name"]), Data.STAFF: set(accounts["csm"]),
        Data.PERSON: set(contacts), Data.WORDS: set(surveys[surveys.str.len() > 20]),
    }  # fmt: skip
    held: dict[str, set[Data]] = {}
    for data, some in terms.items():
        for path in traces(out.resolve(), some):
            [name] = [n for n, r in RESULTS.items() if path == r.path or path.startswith(f"{r.path}/")]
            held.setdefault(name, set()).add(data)
    return held


def test_no_file_of_a_run_holds_more_of_a_person_than_the_list_says(found: dict[str, set[Data]]) -> None:
    more = {name: held - set(HOLDS.get(name, ())) for name, held in found.items()}
    assert {name: held for name, held in more.items() if held} == {}
    assert Data.WORDS in found["voice_texts"]
    assert Data.STAFF in found["risk_list_xlsx"]


def test_every_file_beside_the_results_is_on_the_list() -> None:
    paths = [place.path for place in PLACES]
    for name in (*ALSO_OURS, *STATES, ".rind/work", "mlruns"):
        assert any(path.startswith(name.rstrip("/")) for path in paths), name


def test_the_page_is_the_list() -> None:
    assert (ROOT / "docs/personal-data.md").read_text() == personal_page()
