"""What accounts did in their first days, for True North and adoption."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from rind.features.early_behaviour import early_behaviour
from rind.features.signup_cohorts import OutcomeWindow, launches, past_launches
from rind.features.storage import load
from rind.pipelines.data import read, read_dates, write_lazily
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write the tidy counts, the accounts with their outcome as known at the scoring date, and what was known of the
    outcomes on each earlier date on which the adoption model may have been trained."""
    tables, spec = load(space.tables), params.true_north
    as_of = read_dates(space.dates)["as_of"]
    progress("first days")
    early = early_behaviour(tables, as_of, spec.within_days, spec.integration_modules, spec.value_features)
    write_lazily(early, space.early)
    grace_days, at_term_end = params.labels.grace_days, spec.outcome == "renewed"
    window = OutcomeWindow(spec.retention_days, spec.decision_days, grace_days, at_term_end)
    write_lazily(launches(tables, as_of, window, params.money.currency), space.cohorts)
    progress("what was known of their outcomes when")
    signed = read(space.cohorts, ["signed_on"])["signed_on"]
    # Before the first outcome could be known there was nothing to train on.
    decided = grace_days + spec.decision_days + (0 if at_term_end else spec.retention_days)
    dates = training_dates(as_of, signed, params.backtest.refit_every_days, decided)
    write_lazily(past_launches(tables, dates, window, params.money.currency), space.past_cohorts)


def training_dates(as_of: date, signed_on: pd.Series, every_days: int, decided_days: int) -> list[date]:
    """The scoring date, and back from it every so many days until no outcome of any account was known."""
    first = pd.Timestamp(as_of) if signed_on.empty else pd.Timestamp(signed_on.min())
    steps = max((pd.Timestamp(as_of) - first).days - decided_days, 0) // every_days
    return [as_of - timedelta(days=every_days * n) for n in range(steps, -1, -1)]
