from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.made_results import make_results


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    make_results(folder, accounts=130, weeks=24)
    return folder


@pytest.fixture(scope="module")
def listing(results: Path) -> pd.DataFrame:
    return pd.read_parquet(results / "risk_list.parquet")
