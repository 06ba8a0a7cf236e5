from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from served import Site, site

from benchmarks.made_results import make_results
from rind.pipelines.data import write
from rind.serving.store.folder import FolderStore


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Names that a spreadsheet would run, and one that a browser would."""
    folder = tmp_path_factory.mktemp("results")
    make_results(folder, accounts=60, weeks=20)
    listing = pd.read_parquet(folder / "risk_list.parquet")
    listing.loc[:3, "name"] = ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "<script>alert(1)</script>"]
    write(listing, folder / "risk_list.parquet")
    import json

    run = json.loads((folder / "run.json").read_text())
    del run["manifest"]
    (folder / "run.json").write_text(json.dumps(run))
    return folder


@pytest.fixture(scope="module")
def weeks(results: Path) -> FolderStore:
    return FolderStore(results, 0)


@pytest.fixture
def here(weeks: FolderStore, results: Path, tmp_path: Path) -> Iterator[Site]:
    with site(results, tmp_path / "access.sqlite", store=weeks, login_attempts_per_minute=20) as made:
        yield made


@pytest.fixture
def strict(weeks: FolderStore, results: Path, tmp_path: Path) -> Iterator[Site]:
    """A CSM sees nothing but the own accounts."""
    with site(results, tmp_path / "access.sqlite", store=weeks, csm_sees="own_only") as made:
        yield made
