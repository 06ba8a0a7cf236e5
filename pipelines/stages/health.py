"""The health score of every snapshot as it stood on the day."""

from __future__ import annotations

from typing import Any

import pandas as pd

from common.errors import ParamsError
from features.storage import present
from models.health import SEGMENT, Curve, HealthSpec, Override, as_it_stood, fit_answers, score
from pipelines.data import read, read_json, write
from pipelines.params import Params
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def spec(params: Params) -> HealthSpec:
    """Weights, curves and bands of the parameters."""
    given = params.health
    segments = {name: Override(of.weights, _curves(of.curves)) for name, of in given.segments.items()}
    return HealthSpec(
        given.weights, _curves(given.curves), given.amber_from, given.green_from, segments, given.fit_usage_factor
    )


def _curves(given: dict[str, tuple[float, float]]) -> tuple[Curve, ...]:
    return tuple(Curve(feature, bad, good) for feature, (bad, good) in given.items())


def curve_features(space: Workspace, params: Params) -> pd.DataFrame:
    """One row per snapshot: the features of the curves that this source has, and the segment."""
    health = params.health
    wanted = [*health.curves, *(feature for of in health.segments.values() for feature in of.curves)]
    described = read_json(space.catalogue)["features"]
    _refuse_unknown(wanted, described)
    built = {feature["name"] for feature in described} & {*wanted, SEGMENT}
    return read(space.features, ["account_id", "as_of", *sorted(built)])


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write health.parquet, one row per snapshot."""
    del progress
    features = curve_features(space, params)
    own = read(space.tables / "health_scores.parquet") if "health_scores" in present(space.tables) else None
    fit = fit_answers(features, own, params.health.fit_max_age_days)
    ours = score(features, spec(params), fit).assign(health_fit=fit.astype("str").where(fit.notna(), None))
    write(as_it_stood(ours, own, spec(params), params.health.own_score_max_age_days), space.health)


def _refuse_unknown(wanted: list[str], catalogue: list[dict[str, Any]]) -> None:
    """A curve may name a feature of a family that this source lacks, but no feature that does not exist."""
    known, built = {f["name"] for f in catalogue}, {f["family"] for f in catalogue}
    unknown = [name for name in wanted if name.split("__", 1)[0] in built and name not in known]
    if unknown:
        raise ParamsError(f"health.curves names no feature: {', '.join(unknown)}", "`rind features` lists them all")


if __name__ == "__main__":
    main("health", run)
