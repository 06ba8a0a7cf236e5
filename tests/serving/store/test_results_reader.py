"""A folder of results as rows, refused where it is not one whole run."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from report_examples import AS_OF
from result_folders import write_results

from rind.common.results import served_paths
from rind.serving.store.protocols import NoResultsError
from rind.serving.store.results_reader import read_results

NEXT = AS_OF + timedelta(days=7)


def test_a_folder_that_is_not_of_one_run_is_not_published(folder: Path, tmp_path: Path) -> None:
    other = write_results(tmp_path / "other", NEXT, 14)
    (folder / "risk_list.parquet").write_bytes((other / "risk_list.parquet").read_bytes())
    with pytest.raises(NoResultsError, match="does not belong to the run"):
        read_results(folder)


def test_pages_find_each_document_by_the_name_of_its_result_whatever_its_file_is_called(folder: Path) -> None:
    for path in served_paths("document").values():
        if path != "run.json":
            (folder / path).write_text(json.dumps({"lies_in": path}))
    run = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(run | {"manifest": {}}))
    results = read_results(folder)
    kept = {name: results.document(name).get("lies_in") for name in served_paths("document") if name != "run"}
    assert kept == {name: path for name, path in served_paths("document").items() if name != "run"}


@pytest.mark.parametrize("gone", ["run.json", "risk_list.parquet", "backtest.parquet"])
def test_half_a_folder_is_not_published(folder: Path, gone: str) -> None:
    (folder / gone).unlink()
    with pytest.raises(NoResultsError, match=gone):
        read_results(folder)
