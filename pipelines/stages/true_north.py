"""The moments after which accounts stay, and how far the young ones are."""

from __future__ import annotations

import numpy as np

from common.files import write_json
from models.adoption import predict
from models.follow_up import Outcome, follow
from models.true_north import Search, find
from pipelines.data import read, read_dates, write
from pipelines.params import Params, TrueNorthParams
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write true_north.json and adoption.parquet."""
    spec, grace = params.true_north, params.labels.grace_days
    early, cohorts = read(space.early), read(space.cohorts)
    search = the_search(spec, params.seed)
    found = find(early, cohorts, search, progress)
    write_json(space.true_north, found)
    progress("adoption")
    followed = follow(cohorts, search.outcome)
    adoption = predict(
        early,
        cohorts.assign(stayed=np.where(followed.known, followed.duration >= followed.horizon, np.nan)),
        read_dates(space.dates)["as_of"],
        found["moments"],
        launch_days=spec.launch_days,
        retention_days=spec.retention_days + spec.decision_days,
        grace_days=grace,
        seed=params.seed,
    )
    write(adoption, space.adoption)


def the_search(spec: TrueNorthParams, seed: int) -> Search:
    """How the parameters want the moments searched."""
    return Search(
        Outcome(spec.outcome, spec.retention_days, spec.decision_days, spec.lasting_use),
        spec.search_share,
        spec.min_side,
        spec.min_share,
        spec.alpha,
        spec.permutations,
        spec.bootstrap_draws,
        seed,
    )


if __name__ == "__main__":
    main("true_north", run)
