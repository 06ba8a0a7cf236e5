from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="module")
def address(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from browsing import served

    with served(results, tmp_path_factory.mktemp("access"), login_attempts_per_minute=100) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from browsing import ARGS, CHROMIUM
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        opened = tool.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=ARGS)
        yield opened
        opened.close()
