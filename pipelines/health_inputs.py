"""What the health score needs of the parameters and the workspace."""

from __future__ import annotations

import pandas as pd

from rind.common.errors import ParamsError
from rind.common.facts.run import FeatureEntry
from rind.models.common.frames import KEYS, SEGMENT
from rind.pipelines.data import read, read_json
from rind.pipelines.params import Params
from rind.pipelines.workspace import Workspace


def curve_features(space: Workspace, params: Params) -> pd.DataFrame:
    """One row per snapshot: the features of the curves that this source has, and the segment."""
    health = params.health
    wanted = [*health.curves, *(feature for of in health.segments.values() for feature in of.curves)]
    described = read_json(space.catalogue)["features"]
    _refuse_unknown(wanted, described)
    built = {feature["name"] for feature in described} & {*wanted, SEGMENT}
    return read(space.features, [*KEYS, *sorted(built)])


def _refuse_unknown(wanted: list[str], catalogue: list[FeatureEntry]) -> None:
    """A curve may name a feature of a family that this source lacks, but no feature that does not exist."""
    known, built = {f["name"] for f in catalogue}, {f["family"] for f in catalogue}
    unknown = [name for name in wanted if name.split("__", 1)[0] in built and name not in known]
    if unknown:
        raise ParamsError(f"health.curves names no feature: {', '.join(unknown)}", "`rind features` lists them all")
