"""Give the registered models their aliases, once the lists that were made with them stand."""

from __future__ import annotations

from typing import Any

from rind.common.files import write_json
from rind.pipelines import tracking
from rind.pipelines.data import read_json
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Move the alias champion or challenger; write promoted.json: name, version, alias, moved; and the same of the
    adoption model under ``adoption``.

    The last stage of all: a run that fails before leaves the registry's aliases as they were. Where another run has
    promoted a model since this one was judged, the alias stays with that: nobody has compared the two.
    """
    del params, progress
    adoption = read_json(space.adoption_registered) if space.adoption_registered.exists() else {}
    with tracking.store(space) as mlflow:
        promoted = _promote(mlflow, read_json(space.registered))
        if adoption:
            promoted["adoption"] = _promote(mlflow, adoption)
    write_json(space.promoted, promoted)


def _promote(mlflow: Any, registered: dict[str, Any]) -> dict[str, Any]:
    given = {key: registered[key] for key in ("name", "version", "alias")}
    now = tracking.aliases(mlflow, given["name"])
    if given["alias"] == "champion":
        moved = now.get("champion") in (registered["judged_against"], given["version"])
    else:
        moved = int(now.get("challenger", 0)) <= int(given["version"])
    if moved:
        tracking.set_alias(mlflow, **given)
    return {**given, "moved": moved}
