"""What this run may know of the labels: nothing that happened, or was recorded, at its scoring date or later."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from rind.models.common.frames import KEYS
from rind.models.common.known_outcomes import KnownOutcomes
from rind.pipelines.data import read, read_dates
from rind.pipelines.workspace import Workspace


def seen_until(space: Workspace) -> date:
    """The first date whose knowledge this run does not have: it measures by outcomes known before."""
    dates = read_dates(space.dates)
    return first_unknown(dates["as_of"], dates["data_end"])


def first_unknown(as_of: date, data_end: date) -> date:
    """The scoring date for a run of a past date; for a run of the data end, which sees that day, the day after it."""
    return as_of if as_of < data_end else data_end + timedelta(days=1)


def labels_at(space: Workspace, day: date) -> pd.DataFrame:
    """The label of every snapshot as known standing at a day.

    Returns
    -------
    pandas.DataFrame
        One row per (account_id, as_of): churned 1/0/NaN, days_to_churn (NaN = not seen).
    """
    answers = read(space.known_labels)
    current = (answers["known_from"] <= pd.Timestamp(day)) & ~(answers["known_until"] <= pd.Timestamp(day))
    known = answers.loc[current, [*KEYS, "churned", "days_to_churn"]]
    return read(space.labels, KEYS).merge(known, on=KEYS, how="left", validate="one_to_one")


def outcomes(space: Workspace, rows: pd.DataFrame) -> KnownOutcomes:
    """What was known of the rows' labels at each date."""
    return KnownOutcomes.of(rows, read(space.known_labels))


def weighed_outcomes(space: Workspace, rows: pd.DataFrame, intervention_weight: float) -> KnownOutcomes:
    """The same, to learn from: rows known to be under an intervention teach as ``model.intervention_weight`` says."""
    return KnownOutcomes.of(rows, read(space.known_labels), read(space.under_intervention), intervention_weight)
