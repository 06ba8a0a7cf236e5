from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import ibis
import pytest
from typer.testing import CliRunner, Result

from rind.pipelines.cli.app import app
from rind.pipelines.feature_store import DateKey, FeatureStore
from rind.pipelines.weeks import store_folder

NEW, OLD = "a" * 24, "b" * 24
DAYS = (date(2025, 6, 2), date(2025, 6, 9))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results whose store holds two dates of the family usage, the first of them in two states."""
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    store = FeatureStore(store_folder(folder))
    for key, days in ((NEW, DAYS), (OLD, DAYS[:1])):
        rows = ibis.memtable([{"account_id": "A1", "as_of": day} for day in days], schema=SCHEMA)
        store.add("usage", rows, {day: DateKey(key) for day in days})
    os.utime(store.folder / "usage" / f"{DAYS[0]}-{OLD}", (0, 0))
    return folder


SCHEMA = {"account_id": "string", "as_of": "date"}


def rind_store(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["store", "--dir", str(folder), *options])


def test_the_store_of_a_folder_of_results_is_shown_family_by_family(results: Path) -> None:
    done = rind_store(results)
    assert done.exit_code == 0
    [row] = [line for line in done.stdout.splitlines() if "usage" in line]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[:5] == ["usage", "2025-06-02", "2025-06-09", "2", "1"]


def test_what_no_run_has_used_for_so_many_days_is_dropped_and_the_rest_stays(results: Path) -> None:
    assert "dropped: 1 dates" in rind_store(results, "--drop-older-than", "30").stdout
    kept = FeatureStore(store_folder(results)).dates()
    assert [(date.day, date.key) for date in kept] == [(DAYS[0], NEW), (DAYS[1], NEW)]


def test_dropping_what_is_older_than_no_day_drops_all(results: Path) -> None:
    assert "nothing is kept" in rind_store(results, "--drop-older-than", "0").stdout
    assert "nothing is kept" in rind_store(results).stdout


def test_a_store_of_its_own_folder_is_shown_too(results: Path) -> None:
    assert "2025-06-09" in rind_store(store_folder(results)).stdout


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = rind_store(tmp_path / "nowhere")
    assert done.exit_code == 2
    assert "nowhere" in done.output
