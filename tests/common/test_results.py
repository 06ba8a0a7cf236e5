"""Every output declares its columns in one place, and every stage writes through the check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rind.common.results import RESULTS, public_paths, result_of, served_paths
from rind.pipelines.results_page import results_page

ROOT = Path(__file__).resolve().parents[2]
CHECKED = (".parquet", ".json", ".csv")
UNDECLARED = {
    "usual": "its keys are the company's own segments",
    "risk_list_csv": "risk_list.parquet in another format",
}
"""Result -> why it declares no columns of its own."""


def test_every_table_and_document_declares_what_it_holds_or_has_a_reason() -> None:
    without = [name for name, r in RESULTS.items() if Path(r.path).suffix in CHECKED and not r.columns]
    assert without == list(UNDECLARED)


def test_the_page_of_results_prints_every_declared_column_of_the_public_ones() -> None:
    page = results_page()
    for result in RESULTS.values():
        if result.public and result.columns:
            section = page.partition(f"## {result.path}\n")[2].partition("\n## ")[0]
            assert [c.name for c in result.columns if f"| `{c.name}` |" not in section] == [], result.path


def test_no_stage_writes_a_result_past_the_check() -> None:
    past = {
        path.name: calls
        for path in (ROOT / "pipelines/stages").glob("*.py")
        if (calls := re.findall(r"write_json\(space\.(?!own_families)\w+|to_csv|to_parquet", path.read_text()))
    }
    assert past == {}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("work/labels.parquet", "labels"),
        ("work/plots/gains.csv", "plot_gains"),
        ("work/own_families/labels.parquet", None),  # a family of one's own that is called labels
        ("work/own_families/families.json", None),
        ("work/notes.json", None),
    ],
)
def test_a_file_is_a_result_by_its_place_not_by_its_name_alone(file: str, name: str | None) -> None:
    assert result_of(Path(file)) == (RESULTS[name] if name else None)


def test_what_is_served_is_public_and_run_json_comes_last() -> None:
    kinds = ("table", "document", "curve", "columns", "series")
    assert set(served_paths(*kinds).values()) <= set(public_paths())
    assert public_paths()[-1] == "run.json"
