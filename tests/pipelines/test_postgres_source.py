"""The same company from a real PostgreSQL server gives the same features as from Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.families import FAMILIES
from features.tables import TABLES
from pipelines.params import load
from pipelines.stages import family, matrix, snapshots, validate
from pipelines.workspace import Workspace
from tests.features.companies import write_postgres

KEYS = ["account_id", "as_of"]


def features(url: str, root: Path) -> pd.DataFrame:
    params = load(None, ["snapshots.every_days=91", f"source.url={url}"])
    space = Workspace(root, root / "mlruns")
    for stage in (validate.run, snapshots.run):
        stage(space, params, lambda _: None)
    for name in FAMILIES:
        family.run(space, params, lambda _: None, name)
    matrix.run(space, params, lambda _: None)
    return pd.read_parquet(space.features).sort_values(KEYS, ignore_index=True)


@pytest.mark.slow
def test_features_from_postgresql_are_those_from_parquet(small_run: Path, tmp_path: Path, postgres_uri: str) -> None:
    tables = {name: pq.read_table(small_run / f"source/{name}.parquet") for name in TABLES}
    url = write_postgres(postgres_uri, "small_company", tables)
    from_server, from_files = (
        features(url, tmp_path / "server"),
        features(str(small_run / "source"), tmp_path / "files"),
    )
    assert from_server.columns.equals(from_files.columns)
    assert len(from_files) > 300
    assert from_server[KEYS].equals(from_files[KEYS])
    for name in from_files.columns.drop(KEYS):
        ours, theirs = from_files[name], from_server[name]
        same = ours.equals(theirs) if ours.dtype == "str" else np.allclose(ours, theirs, rtol=1e-5, equal_nan=True)
        assert same, name
