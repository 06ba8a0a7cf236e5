"""The moments after which accounts stay."""

from __future__ import annotations

from common.files import write_json
from models.true_north import find
from pipelines.data import read
from pipelines.moments import the_search
from pipelines.params import Params
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write true_north.json."""
    search = the_search(params.true_north, params.seed)
    write_json(space.true_north, find(read(space.early), read(space.cohorts), search, progress))


if __name__ == "__main__":
    main("true_north", run)
