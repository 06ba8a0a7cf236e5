"""The moments after which accounts stay, and how far the young ones are."""

from __future__ import annotations

import pandas as pd

from common.files import write_json
from models.adoption import predict
from models.true_north import Search, find
from pipelines.data import read, read_dates, write
from pipelines.params import Params
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write true_north.json and adoption.parquet."""
    spec, grace = params.true_north, params.labels.grace_days
    early, cohorts = read(space.early), read(space.cohorts)
    as_of = read_dates(space.dates)["as_of"]
    last_covered = pd.Timestamp(as_of) - pd.Timedelta(days=1)
    progress("searching")
    search = Search(spec.retention_days, grace, permutations=spec.permutations, seed=params.seed)
    found = find(early, cohorts, last_covered, search)
    write_json(space.true_north, found)
    progress("adoption")
    adoption = predict(
        early,
        cohorts,
        as_of,
        found["moments"],
        launch_days=spec.launch_days,
        retention_days=spec.retention_days,
        grace_days=grace,
        seed=params.seed,
    )
    write(adoption, space.adoption)


if __name__ == "__main__":
    main("true_north", run)
