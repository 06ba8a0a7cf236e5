"""What a long line of weeks leaves in MLflow: runs that died are ended, old ones are deleted with their models."""

from __future__ import annotations

import io
import json
import logging
import os
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rind.common.results import RESULTS
from rind.pipelines.params import Params
from rind.pipelines.tracking.places import local_folder, settle
from rind.pipelines.tracking.registry import aliases
from rind.pipelines.tracking.runs import is_published, moments_experiment, outcomes_experiment
from rind.pipelines.tracking.store import database, is_own, store
from rind.pipelines.workspace import Workspace

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Named:
    """What the week that stands names: runs by id, model versions by (name, number)."""

    runs: frozenset[str]
    versions: frozenset[tuple[str, str]]


def sweep(space: Workspace, params: Params) -> None:
    """End the runs that died and delete those that are too old, before a new one begins.

    The caller holds the folder of results: whatever is RUNNING in the own store is dead, and becomes KILLED. Of each
    experiment the newest ``tracking.keep_runs`` published runs stay, and as many that never were; of the older ones
    those that an alias, or the week that stands, names. The others are deleted with their model versions and
    artefacts; on a server they are only marked as deleted (`mlflow gc` there frees the space).
    """
    if not os.environ.get("MLFLOW_TRACKING_URI") and not database(space).exists():
        return
    with store(space, params.tracking) as mlflow:
        own = is_own(mlflow, space)
        if own:
            settle(space, params.tracking.lock_wait_seconds)
        doomed: list[Any] = []
        churn = params.model.experiment
        for name in (churn, moments_experiment(churn), outcomes_experiment(churn)):
            runs = _runs(mlflow, name)
            if own:
                _end_the_dead(mlflow, runs)
            doomed += _older(runs, params.tracking.keep_runs)
        _delete(mlflow, doomed, _named(space), own)


def _runs(mlflow: Any, experiment: str) -> list[Any]:
    """The runs of an experiment, the newest first."""
    if mlflow.get_experiment_by_name(experiment) is None:
        return []
    runs = mlflow.search_runs(experiment_names=[experiment], output_format="list", order_by=["start_time DESC"])
    return list(runs)


def _end_the_dead(mlflow: Any, runs: list[Any]) -> None:
    for run in runs:
        if run.info.status == "RUNNING":
            mlflow.MlflowClient().set_terminated(run.info.run_id, "KILLED")


def _older(runs: list[Any], keep: int | None) -> list[Any]:
    """Those beyond the newest ``keep``; runs that were never published push out none that was."""
    if keep is None:
        return []
    published = [run for run in runs if is_published(run)]
    others = [run for run in runs if not is_published(run)]
    return [*published[keep:], *others[keep:]]


def _named(space: Workspace) -> Named:
    """By the week that stands: beside the store (`rind run`), or in the workspace (DVC)."""
    runs, versions = set(), set()
    for folder in {space.tracking.parent, space.root}:
        path = folder / RESULTS["run"].path
        if not path.exists():
            continue
        record = json.loads(path.read_text(encoding="utf-8"))
        for model in (record.get("mlflow") or {}, record.get("scored_by") or {}):
            versions.add((str(model.get("name")), str(model.get("version"))))
            runs.add(str(model.get("run_id")))
    return Named(frozenset(runs), frozenset(versions))


def _delete(mlflow: Any, runs: list[Any], named: Named, own: bool) -> None:
    """Delete the runs that nothing names, with what was registered from them."""
    client = mlflow.MlflowClient()
    run_ids, model_ids, folders = [], [], list[Path | None]()
    for run in runs:
        run_id, experiment_id = run.info.run_id, run.info.experiment_id
        versions = client.search_model_versions(f"run_id = '{run_id}'")
        if run_id in named.runs or any(_is_named(mlflow, version, named) for version in versions):
            continue
        models = client.search_logged_models([experiment_id], filter_string=f"source_run_id = '{run_id}'")
        folders += [local_folder(mlflow, model.artifact_location, experiment_id) for model in models]
        folders.append(local_folder(mlflow, run.info.artifact_uri, experiment_id))
        for version in versions:
            client.delete_model_version(version.name, version.version)
        for model in models:
            client.delete_logged_model(model.model_id)
        client.delete_run(run_id)
        run_ids.append(run_id)
        model_ids += [model.model_id for model in models]
    if own and run_ids:
        _collect(mlflow, run_ids, model_ids)
        for folder in filter(None, folders):
            with suppress(OSError):
                folder.parent.rmdir()
    if run_ids:
        logger.info("deleted %d runs and %d models from the store of MLflow", len(run_ids), len(model_ids))


def _is_named(mlflow: Any, version: Any, named: Named) -> bool:
    number = str(version.version)
    return (version.name, number) in named.versions or number in aliases(mlflow, version.name).values()


def _collect(mlflow: Any, run_ids: list[str], model_ids: list[str]) -> None:
    """What `mlflow gc` does: rows and files of runs and models that are marked as deleted go for good.

    With them go experiments that a person has deleted in this store.
    """
    from mlflow.cli import gc

    ids = ["--run-ids", ",".join(run_ids), *(["--logged-model-ids", ",".join(model_ids)] if model_ids else [])]
    with redirect_stdout(io.StringIO()):
        gc.main([*ids, "--backend-store-uri", mlflow.get_tracking_uri()], standalone_mode=False)
