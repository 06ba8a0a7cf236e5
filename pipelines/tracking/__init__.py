"""The only place that knows MLflow: runs, the registered models, their aliases, and how all of it is kept."""

from rind.pipelines.tracking.registry import (
    aliases,
    artifact_of,
    champion,
    earned_aliases,
    log_model,
    model_version,
    scoring_model,
    set_alias,
    versions,
)
from rind.pipelines.tracking.retention import sweep
from rind.pipelines.tracking.runs import (
    flat_metrics,
    git_commit,
    last_document,
    moments_experiment,
    outcomes_experiment,
    publish,
    start_run,
)
from rind.pipelines.tracking.scoring import Champion, model_inputs
from rind.pipelines.tracking.store import present_address, recorded_address, store

__all__ = [
    "Champion",
    "aliases",
    "artifact_of",
    "champion",
    "earned_aliases",
    "flat_metrics",
    "git_commit",
    "last_document",
    "log_model",
    "model_inputs",
    "model_version",
    "moments_experiment",
    "outcomes_experiment",
    "present_address",
    "publish",
    "recorded_address",
    "scoring_model",
    "set_alias",
    "start_run",
    "store",
    "sweep",
    "versions",
]
