"""Publish the runs of the week and give the models their aliases, once the lists that were made with them stand."""

from __future__ import annotations

from typing import Any

from rind.common.facts.run import Promoted, Registered, RegisteredOutcome
from rind.pipelines import tracking
from rind.pipelines.data import read_json, write_document
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Move the alias champion or challenger; write promoted.json: name, version, alias, moved; and the same of the
    other models under ``adoption`` and ``outcomes``.

    The last stage of all: a run that fails before leaves the registry's aliases as they were, and its MLflow runs
    unpublished: no later week reads them. Where another run has
    promoted a model since this one was judged, the alias stays with that: nobody has compared the two.
    """
    del progress
    adoption: Registered | None = None
    if space.adoption_registered.exists():
        adoption = read_json(space.adoption_registered) or None
    moments = read_json(space.moments_tracked) if space.moments_tracked.exists() else {}
    registered = read_json(space.registered)
    outcomes: list[RegisteredOutcome] = []
    if space.outcomes_registered.exists():
        outcomes = read_json(space.outcomes_registered)
    with tracking.store(space, params.tracking) as mlflow:
        tracking.publish(mlflow, [made["run_id"] for made in (registered, adoption, moments, *outcomes) if made])
        promoted = _promote(mlflow, registered)
        if adoption:
            promoted["adoption"] = _promote(mlflow, adoption)
        if outcomes:
            promoted["outcomes"] = [_promote(mlflow, outcome) for outcome in outcomes]
    write_document(space.promoted, promoted)


def _promote(mlflow: Any, registered: Registered) -> Promoted:
    name, version, alias = registered["name"], registered["version"], registered["alias"]
    now = tracking.aliases(mlflow, name)
    if alias == "champion":
        moved = now.get("champion") in (registered["judged_against"], version)
    else:
        moved = int(now.get("challenger", 0)) <= int(version)
    if moved:
        tracking.set_alias(mlflow, name=name, version=version, alias=alias)
    return Promoted(name=name, version=version, alias=alias, moved=moved)
