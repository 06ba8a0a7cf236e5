"""The feature matrix and its catalogue."""

from __future__ import annotations

from dataclasses import asdict

from rind.features.families import CATALOGUE, FAMILIES
from rind.features.matrix import available, join
from rind.features.storage import present
from rind.pipelines.data import read_json, read_lazily, write_document, write_lazily
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Join the families on the spine; write which columns mean what, and which families are left out and why."""
    del params, progress
    built, missing = available(present(space.tables))
    spine, *families = read_lazily(space.snapshots, *(space.family(name) for name in FAMILIES))
    parts = {n: t for n, t in zip(FAMILIES, families, strict=True) if n in built}
    own = read_json(space.own_families / "families.json")
    names = list(dict.fromkeys(feature["family"] for feature in own["features"]))
    connection = spine.get_backend()
    parts |= {name: connection.read_parquet(str(space.own_families / f"{name}.parquet")) for name in names}
    write_lazily(join(spine, parts), space.features)
    columns = [asdict(f) | {"family": f.family} for f in CATALOGUE.values() if f.family in built]
    left_out = {name: f"no table {', '.join(gaps)}" for name, gaps in missing.items()}
    write_document(space.catalogue, {"features": columns + own["features"], "left_out": left_out | own["left_out"]})
