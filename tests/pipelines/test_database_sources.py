"""The same company from a real PostgreSQL server or a DuckDB file gives the same results as from Parquet."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from conftest import QUICK_RUN, run_quietly

from rind.demo.schema import TABLES
from tests.features.companies import write_duckdb, write_postgres

ORDER = ["account_id", "as_of", "feature"]


@pytest.fixture(scope="module")
def from_files(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("files") / "out"
    run_quietly(small_run / "source", out, QUICK_RUN)
    return out


@pytest.mark.bench  # features/test_every_form.py reads the same tables of both bit for bit; the rest sees no source
@pytest.mark.parametrize("engine", ["postgres", "duckdb"])
def test_a_whole_run_on_a_database_gives_the_list_of_the_files(
    small_run: Path, from_files: Path, tmp_path: Path, request: pytest.FixtureRequest, engine: str
) -> None:
    tables = {name: pq.read_table(small_run / f"source/{name}.parquet") for name in TABLES}
    if engine == "postgres":
        url = write_postgres(request.getfixturevalue("postgres_uri"), "small_company", tables)
    else:
        url = write_duckdb(tmp_path / "my company.db", tables)
    run_quietly(url, tmp_path / "out", QUICK_RUN)
    for name in ("features", "labels", "backtest", "risk_list", "explanations"):
        ours, theirs = (read(out / f"{name}.parquet") for out in (from_files, tmp_path / "out"))
        assert len(ours) > 50
        pd.testing.assert_frame_equal(ours, theirs, rtol=1e-5, atol=1e-6)
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert record["tables"] == json.loads((from_files / "run.json").read_text())["tables"]
    assert record["source"].startswith(engine)


def read(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path)
    return frame.sort_values([c for c in ORDER if c in frame.columns], ignore_index=True)
