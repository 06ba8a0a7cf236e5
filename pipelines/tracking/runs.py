"""Runs in MLflow: opened, filled, published once their week stands, and read by later weeks only then."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from rind.pipelines.tracking.places import artifact_root, run_file, settle
from rind.pipelines.tracking.store import is_own
from rind.pipelines.tracking_settings import TrackingSettings
from rind.pipelines.workspace import Workspace

PUBLISHED = "published"
"""Tag of a run: "false" until the week that it belongs to stands."""


def moments_experiment(name: str) -> str:
    """The experiment of the True North moments, beside the one of the models."""
    return f"{name}-true-north"


def outcomes_experiment(name: str) -> str:
    """The experiment of the outcomes beside churn."""
    return f"{name}-outcomes"


def start_run(mlflow: Any, space: Workspace, experiment: str, settings: TrackingSettings) -> Any:
    """Open a run in the experiment, which is made, with local artifacts, where it does not exist.

    No later week reads it before `publish` has marked it.
    """
    existing = mlflow.get_experiment_by_name(experiment)
    own = is_own(mlflow, space)
    if existing is None:
        mlflow.create_experiment(experiment, artifact_location=artifact_root(space) if own else None)
    elif own and existing.artifact_location != artifact_root(space):
        settle(space, settings.lock_wait_seconds)
    mlflow.set_experiment(experiment)
    return mlflow.start_run(tags={PUBLISHED: "false"})


def publish(mlflow: Any, run_ids: Iterable[str]) -> None:
    """Mark runs as those of a week that stands."""
    client = mlflow.MlflowClient()
    for run_id in run_ids:
        client.set_tag(run_id, PUBLISHED, "true")


def is_published(run: Any) -> bool:
    """Whether the week of a run stands; runs of before the tag was written count."""
    return bool(run.data.tags.get(PUBLISHED, "true") == "true")


def last_document(mlflow: Any, experiment: str, as_of: date, name: str) -> Any:
    """A JSON artifact of the newest published run for an earlier date than as_of; None where there is none."""
    if mlflow.get_experiment_by_name(experiment) is None:
        return None
    runs = mlflow.search_runs(experiment_names=[experiment], output_format="list", order_by=["start_time DESC"])
    earlier = [
        run
        for run in runs
        if run.info.status == "FINISHED"
        and is_published(run)
        and run.data.tags.get("as_of", "9999") < as_of.isoformat()
    ]
    if not earlier:
        return None
    newest = max(earlier, key=lambda run: run.data.tags["as_of"])  # of equal dates the run started last comes first
    return json.loads(run_file(mlflow, newest, name).read_text(encoding="utf-8"))


def flat_metrics(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested figures as ``model.auc.low``: what MLflow can keep."""
    flat: dict[str, float] = {}
    for key, value in metrics.items():
        name = f"{prefix}{str(key).replace(' ', '_')}"
        if isinstance(value, Mapping):
            flat |= flat_metrics(value, f"{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[name] = float(value)
    return flat


def git_commit() -> str:
    """The commit of the working folder, "" outside git."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
