"""A folder of results as rows, refused where it is not one whole run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from report_examples import AS_OF
from result_folders import write_results

from rind.serving.store.protocols import NoResultsError
from rind.serving.store.results_reader import read_results

NEXT = AS_OF + timedelta(days=7)


def test_a_folder_that_is_not_of_one_run_is_not_published(folder: Path, tmp_path: Path) -> None:
    other = write_results(tmp_path / "other", NEXT, 14)
    (folder / "risk_list.parquet").write_bytes((other / "risk_list.parquet").read_bytes())
    with pytest.raises(NoResultsError, match="does not belong to the run"):
        read_results(folder)


@pytest.mark.parametrize("gone", ["run.json", "risk_list.parquet", "backtest.parquet"])
def test_half_a_folder_is_not_published(folder: Path, gone: str) -> None:
    (folder / gone).unlink()
    with pytest.raises(NoResultsError, match=gone):
        read_results(folder)
