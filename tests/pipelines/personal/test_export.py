"""Results without names: no name, id or address of the source stands in any byte, and files can be joined."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from result_folders import write_results
from typer.testing import CliRunner

from rind.common.errors import RindError, UsageError
from rind.pipelines.cli.app import app
from rind.pipelines.personal.export import export_pseudonymous
from rind.pipelines.personal.pseudonyms import NAME, pseudonym, pseudonym_key
from rind.pipelines.personal.search import traces

KEY = b"k" * 32


@pytest.fixture(scope="module")
def out(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small run, exported."""
    folder = tmp_path_factory.mktemp("export") / "out"
    assert len(export_pseudonymous(small_run / "results", folder, KEY).rows) > 15
    return folder


def test_no_name_id_or_address_of_the_source_stands_in_any_byte(small_run: Path, out: Path) -> None:
    source = small_run / "source"
    accounts = pd.read_parquet(source / "accounts.parquet")
    people = pd.read_parquet(source / "contacts.parquet")["contact_id"]
    users = pd.read_parquet(source / "usage.parquet", columns=["user_id"])["user_id"].dropna().unique()
    comments = pd.read_parquet(source / "surveys.parquet")["comment"].dropna()
    for terms in (accounts["account_id"], accounts["name"], accounts["csm"].dropna(), people, users, comments):
        assert traces(out, {str(term) for term in terms if len(str(term)) > 3}) == []
    assert not any("@" in str(value) for value in pd.read_parquet(out / "risk_list.parquet").to_numpy().ravel())


def test_files_can_be_joined_by_pseudonym_and_their_order_tells_nothing(small_run: Path, out: Path) -> None:
    results = small_run / "results"
    names = ("risk_list", "features", "backtest", "explanations")
    before = {name: pd.read_parquet(results / f"{name}.parquet") for name in names}
    after = {name: pd.read_parquet(out / f"{name}.parquet") for name in names}
    for name in names:
        assert len(after[name]) == len(before[name]), name
        assert after[name]["account_id"].is_monotonic_increasing, name
        assert set(after[name]["account_id"]) == {pseudonym(KEY, "account", a) for a in before[name]["account_id"]}
    one = before["risk_list"].iloc[0]
    [row] = after["risk_list"][lambda f: f["account_id"] == pseudonym(KEY, "account", one["account_id"])].to_dict(
        "records"
    )
    assert (row["churn_probability"], row["mrr"]) == (one["churn_probability"], one["mrr"])
    assert row["csm"] == pseudonym(KEY, "staff", one["csm"])
    assert {"name", "reason_1", "playbook"} & set(after["risk_list"]) == set()
    assert "all" in set(pd.read_parquet(out / "kpis.parquet")["csm"])


def test_the_key_is_made_once_for_its_owner_or_comes_from_the_environment(tmp_path: Path) -> None:
    first = pseudonym_key(tmp_path, {})
    assert (pseudonym_key(tmp_path, {}), (tmp_path / NAME).stat().st_mode & 0o777) == (first, 0o600)
    assert pseudonym_key(tmp_path, {"RIND_PSEUDONYM_KEY": "of the environment"}) == b"of the environment"
    with pytest.raises(UsageError, match="fewer than 16"):
        pseudonym_key(tmp_path, {"RIND_PSEUDONYM_KEY": "short"})
    assert pseudonym(first, "account", "A1") != pseudonym(KEY, "account", "A1")
    assert pseudonym(KEY, "account", 1) == pseudonym(KEY, "account", "1")


def test_what_would_name_somebody_is_not_written(tmp_path: Path) -> None:
    week = write_results(tmp_path / "week")
    name = pd.read_parquet(week / "risk_list.parquet")["name"].iloc[0]
    (week / "catalogue.json").write_text(json.dumps({"features": [f"of {name}"], "left_out": {}}))
    with pytest.raises(RindError, match=r"catalogue\.json would name"):
        export_pseudonymous(week, tmp_path / "out", KEY)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["week"]


def test_texts_of_a_family_of_ones_own_stay_here(tmp_path: Path) -> None:
    """A segment or a plan is kept; nobody knows what a text of a plugin holds."""
    week = write_results(tmp_path / "week")
    features = pd.read_parquet(week / "features.parquet")
    features.assign(crm__owner__now="Jane Doe", commercial__plan__now="pro").to_parquet(week / "features.parquet")
    export_pseudonymous(week, tmp_path / "out", KEY)
    columns = set(pd.read_parquet(tmp_path / "out/features.parquet"))
    assert ("crm__owner__now" in columns, "commercial__plan__now" in columns) == (False, True)


def test_the_command_wants_the_word_and_an_empty_folder(tmp_path: Path) -> None:
    week, out = write_results(tmp_path / "week"), tmp_path / "out"
    command = ["export", "--dir", str(week), "--out", str(out)]
    assert CliRunner().invoke(app, command).exit_code == 2
    done = CliRunner().invoke(app, [*command, "--pseudonymous"])
    assert (done.exit_code, "risk_list.parquet: 12 rows" in done.output) == (0, True), done.output
    assert CliRunner().invoke(app, [*command, "--pseudonymous"]).exit_code == 2
    shutil.rmtree(out)
    out.touch()
    assert CliRunner().invoke(app, [*command, "--pseudonymous"]).exit_code == 2
