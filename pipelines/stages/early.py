"""What accounts did in their first days, for True North and adoption."""

from __future__ import annotations

from features.early import early_behaviour
from features.launches import launches
from features.storage import load
from pipelines.data import read_dates, write_lazily
from pipelines.params import Params
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write the tidy counts and the accounts with their outcome, as known at the scoring date."""
    tables, spec = load(space.tables), params.true_north
    as_of = read_dates(space.dates)["as_of"]
    progress("first days")
    early = early_behaviour(tables, as_of, spec.within_days, spec.integration_modules, spec.value_features)
    write_lazily(early, space.early)
    grace = params.labels.grace_days
    write_lazily(launches(tables, as_of, spec.retention_days, spec.decision_days, grace), space.cohorts)


if __name__ == "__main__":
    main("early", run)
