"""The features of one family: `python -m pipelines.stages.family usage`."""

from __future__ import annotations

import sys
from functools import partial

from features.catalogue import Settings
from features.matrix import available, build_family
from features.storage import load, present
from pipelines.data import write_lazily
from pipelines.params import Params
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress, name: str) -> None:
    """Write one row per snapshot; without the tables that the family needs, the bare spine."""
    tables = load(space.tables)
    connection = tables["usage"].get_backend()
    snapshots = connection.read_parquet(str(space.snapshots))
    built, _ = available(present(space.tables))
    progress(name)
    settings = Settings(horizon_days=params.labels.horizon_days)
    table = build_family(name, snapshots, tables, settings) if name in built else snapshots
    write_lazily(table, space.family(name))


if __name__ == "__main__":
    main(f"features_{sys.argv[1]}", partial(run, name=sys.argv[1]))
