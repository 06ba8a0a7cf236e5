"""A weekly run into the served folder: the old week or the new one, never half of one."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from result_folders import first_and_second

from benchmarks.made_results import make_results
from rind.common.results import public_paths
from rind.serving.store.folder import READ, FolderStore
from rind.serving.store.protocols import NoResultsError
from rind.serving.store.results_reader import read_results


def test_at_every_step_of_a_publication_one_whole_week_is_served(tmp_path: Path) -> None:
    first, second = first_and_second(tmp_path)
    store = FolderStore(first, 0)
    old = store.current().version
    there = [n for n in public_paths() if n != "run.json" and (first / n).is_file()]
    for name in [n for n in there if (first / n).read_bytes() != (second / n).read_bytes()]:
        os.replace((second / name).resolve(), (first / name).resolve())
        assert not store.refresh()
        assert store.current().version == old
        if name in READ:
            with pytest.raises(NoResultsError, match="not of the same run"):
                FolderStore(first, 0).current()
    os.replace((second / "run.json").resolve(), (first / "run.json").resolve())
    assert store.refresh()
    assert store.current().version != old
    assert store.current().risk_list["name"].str.endswith("(second)").all()


@pytest.mark.parametrize("broken", ["risk_list.parquet", "features.parquet", "metrics.json", "plots/gains.csv"])
def test_a_file_that_is_not_what_the_manifest_says_is_not_served(tmp_path: Path, broken: str) -> None:
    first, second = first_and_second(tmp_path)
    shutil.copy(second / broken, first / broken)
    if broken.endswith(("json", "csv")):
        (first / broken).write_text((first / broken).read_text() + " ")
    with pytest.raises(NoResultsError, match="not of the same run"):
        FolderStore(first, 0).current()


def test_without_a_manifest_the_folder_is_believed(tmp_path: Path) -> None:
    first, _ = first_and_second(tmp_path)
    run = json.loads((first / "run.json").read_text())
    del run["manifest"]
    (first / "run.json").write_text(json.dumps(run))
    assert len(FolderStore(first, 0).current().risk_list) == 12


def test_a_folder_that_gets_its_first_results_is_served_from_then_on(tmp_path: Path) -> None:
    store = FolderStore(tmp_path, 0)
    with pytest.raises(NoResultsError, match=r"run\.json"):
        store.current()
    make_results(tmp_path, accounts=12, weeks=20)
    assert store.refresh()
    assert len(store.current().risk_list) == 12


@pytest.mark.parametrize("text", ["[]", "null", "7", '"run"', "{", "", "{}", '{"as_of": null}', '{"as_of": "soon"}'])
def test_a_run_json_that_is_no_record_of_a_run_is_said_to_be_so_to_who_serves_and_who_publishes(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "run.json").write_text(text)
    (tmp_path / "risk_list.parquet").write_bytes(b"PAR1")
    with pytest.raises(NoResultsError, match=r"run\.json (holds no JSON object|is no record of a run)"):
        FolderStore(tmp_path, 0).current()
    with pytest.raises(NoResultsError, match=r"run\.json (holds no JSON object|is no record of a run)"):
        read_results(tmp_path)
