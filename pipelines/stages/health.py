"""The health score of every snapshot as it stood on the day, and the weights that history proposes."""

from __future__ import annotations

from typing import Any

from common.errors import ParamsError
from common.files import write_json
from features.storage import present
from models.health import Curve, HealthSpec, as_it_stood, score
from models.health_weights import propose
from pipelines.data import read, read_json, write
from pipelines.knowledge import labels_at, seen_until
from pipelines.params import Params
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def spec(params: Params) -> HealthSpec:
    """Weights, curves and bands of the parameters."""
    curves = tuple(Curve(feature, bad, good) for feature, (bad, good) in params.health.curves.items())
    return HealthSpec(params.health.weights, curves, params.health.amber_from, params.health.green_from)


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write health.parquet, one row per snapshot, and health_score.json."""
    wanted = list(params.health.curves)
    _refuse_unknown(wanted, read_json(space.catalogue)["features"])
    columns = [c for c in read(space.features).columns if c in {"account_id", "as_of", *wanted}]
    ours = score(read(space.features, columns), spec(params))
    own = read(space.tables / "health_scores.parquet") if "health_scores" in present(space.tables) else None
    write(as_it_stood(ours, own, spec(params), params.health.own_score_max_age_days), space.health)
    progress("weights")
    labels = labels_at(space, seen_until(space))
    proposal = propose(
        ours.merge(labels, on=["account_id", "as_of"]),
        params.health.weights,
        bounds=params.health.bounds,
        green_from=params.health.green_from,
        embargo_days=params.labels.horizon_days + params.labels.grace_days,
        draws=params.metrics.bootstrap_draws,
        seed=params.seed,
    )
    write_json(space.health_score, proposal)


def _refuse_unknown(wanted: list[str], catalogue: list[dict[str, Any]]) -> None:
    """A curve may name a feature of a family that this source lacks, but no feature that does not exist."""
    known, built = {f["name"] for f in catalogue}, {f["family"] for f in catalogue}
    unknown = [name for name in wanted if name.split("__", 1)[0] in built and name not in known]
    if unknown:
        raise ParamsError(f"health.curves names no feature: {', '.join(unknown)}", "`rind features` lists them all")


if __name__ == "__main__":
    main("health", run)
