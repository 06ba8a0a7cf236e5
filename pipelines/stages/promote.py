"""Give the registered model its alias, once the list that was made with it stands."""

from __future__ import annotations

from common.files import write_json
from pipelines import tracking
from pipelines.data import read_json
from pipelines.params import Params
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Move the alias champion or challenger; write promoted.json: name, version, alias, moved.

    The last stage of all: a run that fails before leaves the registry's aliases as they were. Where another run has
    promoted a model since this one was judged, the alias stays with that: nobody has compared the two.
    """
    del params, progress
    registered = read_json(space.registered)
    given = {key: registered[key] for key in ("name", "version", "alias")}
    with tracking.store(space) as mlflow:
        now = tracking.aliases(mlflow, given["name"])
        if given["alias"] == "champion":
            moved = now.get("champion") in (registered["judged_against"], given["version"])
        else:
            moved = int(now.get("challenger", 0)) <= int(given["version"])
        if moved:
            tracking.set_alias(mlflow, **given)
    write_json(space.promoted, {**given, "moved": moved})


if __name__ == "__main__":
    main("promote", run)
