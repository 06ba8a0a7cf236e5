"""The feature families of one's own that params.yaml names under plugins."""

from __future__ import annotations

import shutil
from dataclasses import asdict

from rind.common.files import write_json
from rind.features.matrix import available, built_by
from rind.features.plugins import load_families
from rind.features.storage import load, present
from rind.pipelines.data import write_lazily
from rind.pipelines.family_settings import family_settings
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write one file per family, one row per snapshot, and families.json: their features, and which are left out."""
    shutil.rmtree(space.own_families, ignore_errors=True)
    families = load_families(params.plugins.families)
    built, missing = available(present(space.tables), families)
    tables = load(space.tables)
    snapshots = tables["usage"].get_backend().read_parquet(str(space.snapshots))
    settings = family_settings(params)
    for name in built:
        progress(name)
        table = built_by(families[name], snapshots, tables, settings)
        write_lazily(table, space.own_families / f"{name}.parquet")
    features = [asdict(f) | {"family": name} for name in built for f in families[name].FEATURES]
    left_out = {name: f"no table {', '.join(gaps)}" for name, gaps in missing.items()}
    write_json(space.own_families / "families.json", {"features": features, "left_out": left_out})
