"""The features of one family."""

from __future__ import annotations

import glob

from rind.features.matrix import available, build_family
from rind.features.storage import load, present
from rind.pipelines.data import write_lazily
from rind.pipelines.family_settings import family_settings
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress, name: str) -> None:
    """Write one row per snapshot; without the tables that the family needs, the bare spine."""
    tables = load(space.tables)
    connection = tables["usage"].get_backend()
    snapshots = connection.read_parquet(glob.escape(str(space.snapshots)))
    built, _ = available(present(space.tables))
    progress(name)
    table = build_family(name, snapshots, tables, family_settings(params)) if name in built else snapshots
    write_lazily(table, space.family(name))
