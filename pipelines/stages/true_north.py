"""The moments after which accounts stay, and whether those of the last run still hold."""

from __future__ import annotations

from rind.models.moments.discovery import find
from rind.pipelines import tracking
from rind.pipelines.data import read, read_dates, write_document
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.moment_text import true_north_record


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write true_north.json, and moments.json with what a page draws; both are logged in MLflow for the next run."""
    as_of = read_dates(space.dates)["as_of"]
    early, cohorts = read(space.early), read(space.cohorts)
    experiment = tracking.moments_experiment(params.model.experiment)
    with tracking.store(space, params.tracking) as mlflow:
        before = tracking.last_document(mlflow, experiment, as_of, space.true_north.name)
        result = find(early, cohorts, params.true_north, params.seed, progress, before["moments"] if before else ())
        write_document(space.moments, result["details"])
        write_document(space.true_north, true_north_record(result))
        with tracking.start_run(mlflow, space, experiment, params.tracking) as active:
            mlflow.set_tags({"as_of": as_of.isoformat(), "git_commit": tracking.git_commit()})
            mlflow.log_metrics({"moments": float(len(result["moments"])), "rejected": float(len(result["rejected"]))})
            mlflow.log_artifact(str(space.true_north))
    write_document(space.moments_tracked, {"run_id": active.info.run_id})
