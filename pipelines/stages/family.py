"""The features of one family."""

from __future__ import annotations

import glob
from pathlib import Path

from rind.features.matrix import available, build_family
from rind.features.storage import load, present
from rind.pipelines.data import write_lazily
from rind.pipelines.family_settings import family_settings
from rind.pipelines.feature_store import FeatureStore
from rind.pipelines.kept_features import KeptFeatures
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress, name: str) -> None:
    """Write one row per snapshot; without the tables that the family needs, the bare spine.

    Where a store of finished features is named, only the dates are made that it does not have; Spark makes all.
    """
    tables = load(space.tables)
    snapshots = tables["usage"].get_backend().read_parquet(glob.escape(str(space.snapshots)))
    built, _ = available(present(space.tables))
    settings = family_settings(params)
    progress(name)
    if name in built and params.feature_store.folder and snapshots.get_backend().name == "duckdb":
        kept = KeptFeatures(FeatureStore(Path(params.feature_store.folder)), space.tables, tables, progress)
        kept.write_family(name, snapshots, settings, space.family(name))
    else:
        table = build_family(name, snapshots, tables, settings) if name in built else snapshots
        write_lazily(table, space.family(name))
