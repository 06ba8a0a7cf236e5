"""The health score of every snapshot as it stood on the day."""

from __future__ import annotations

from rind.features.storage import present
from rind.models.health.score import as_it_stood, fit_answers, score
from rind.pipelines.data import read, write
from rind.pipelines.health_inputs import curve_features
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write health.parquet, one row per snapshot."""
    del progress
    features = curve_features(space, params)
    own = read(space.tables / "health_scores.parquet") if "health_scores" in present(space.tables) else None
    fit = fit_answers(features, own, params.health.fit_max_age_days)
    ours = score(features, params.health, fit).assign(health_fit=fit.astype("str").where(fit.notna(), None))
    write(as_it_stood(ours, own, params.health, params.health.own_score_max_age_days), space.health)
