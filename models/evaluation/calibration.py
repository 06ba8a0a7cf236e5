"""Do as many accounts leave as the probabilities say? Counted, part by part, beside what chance alone would give."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rind.common.facts.calibration import Calibration, Counted
from rind.models.common.holm import holm
from rind.models.common.resampling import Floats
from rind.models.common.splits import thin

USUAL = 0.95
"""Share of the counts that chance alone gives, which are called usual."""

SEGMENT = "segment "

ERROR_RATE = 0.05
"""Chance that any part of parts that are judged together is called wrong although all are right."""


def apart(rows: pd.DataFrame, horizon_days: int) -> pd.DataFrame:
    """The rows of dates that lie at least ``horizon_days`` apart, counted back from the last one.

    On them no departure counts twice: whoever leaves within the horizon of one date is gone on the next.

    Parameters
    ----------
    rows
        One row per (account_id, as_of: datetime64).
    """
    return rows[rows["as_of"].isin(thin(rows["as_of"].drop_duplicates(), horizon_days))]


def counted(rows: pd.DataFrame, probability: str, fewest_expected: float) -> Counted:
    """Accounts that were expected to leave and that left, and how many would be usual were the probabilities right.

    Chance is that of independent departures, each row with its own probability (the Poisson binomial distribution).

    Parameters
    ----------
    rows
        One row per (account_id, as_of) of dates that lie a horizon apart (`apart`): the probability, churned 1/0. Rows
        where either is missing are left out.
    fewest_expected
        With fewer expected departures, or fewer expected to stay, nothing is judged: low, high, p_value are None.
    """
    known = rows[rows[probability].notna() & rows["churned"].notna()]
    chances = known[probability].to_numpy("float64").clip(0, 1)
    expected, left = float(chances.sum()), int(known["churned"].sum())
    days = known["as_of"].drop_duplicates().sort_values()
    record = Counted(
        accounts=int(known["account_id"].nunique()), dates=[str(day.date()) for day in days],
        expected=expected, left=left, low=None, high=None, p_value=None, verdict="too_few",
    )  # fmt: skip
    if min(expected, len(chances) - expected) < fewest_expected:
        return record
    up_to = np.cumsum(count_distribution(chances))
    low, high = (int(np.searchsorted(up_to, share)) for share in ((1 - USUAL) / 2, (1 + USUAL) / 2))
    last = len(up_to) - 1
    fewer = float(up_to[min(left, last)])  # the chance of so many or fewer
    more = 1 - float(up_to[min(left - 1, last)]) if left else 1.0
    p_value = float(np.clip(2 * min(fewer, more), 0, 1))
    return record | {"low": low, "high": high, "p_value": p_value, "verdict": "usual"}


def judged(parts: Mapping[str, Counted]) -> dict[str, Counted]:
    """The parts, each with its verdict: "more" or "fewer" where that is beyond chance among all of them (Holm)."""
    measured = {name: part["p_value"] for name, part in parts.items() if part["p_value"] is not None}
    corrected = dict(zip(measured, holm(list(measured.values())), strict=True))
    return {name: _with_verdict(part, corrected.get(name, 1.0)) for name, part in parts.items()}


def _with_verdict(part: Counted, p_value: float) -> Counted:
    if p_value >= ERROR_RATE:
        return part
    return part | {"verdict": "more" if part["left"] > part["expected"] else "fewer"}


def calibration(
    rows: pd.DataFrame, segments: pd.Series[str], probability: str, horizon_days: int, fewest_expected: float
) -> Calibration:
    """Counted over all rows, on the latest date, and segment by segment; judged together.

    Parameters
    ----------
    rows
        One row per (account_id, as_of) with a known outcome.
    segments
        Same index: the account's segment; may be missing.
    """
    spaced = apart(rows, horizon_days)
    groups = {"all": spaced, "latest": spaced[spaced["as_of"] == spaced["as_of"].max()]}
    named = spaced.groupby(segments[spaced.index].astype("str"), observed=True)
    groups |= {SEGMENT + str(name): part for name, part in named}
    parts = judged({name: counted(part, probability, fewest_expected) for name, part in groups.items()})
    return {
        "all": parts.pop("all"),
        "latest": parts.pop("latest"),
        "segments": {name.removeprefix(SEGMENT): part for name, part in parts.items()},
    }


def count_distribution(chances: Floats) -> Floats:
    """The chance of each count of independent events, from 0 on; counts far beyond the mean (10 deviations) left out.

    Parameters
    ----------
    chances
        Shape (events,), 0 to 1.
    """
    deviation = float(np.sqrt((chances * (1 - chances)).sum()))
    most = min(len(chances), int(np.ceil(chances.sum() + 10 * deviation)) + 1)
    chance = np.zeros(most + 1)
    chance[0] = 1.0
    for p in chances:
        chance[1:] = chance[1:] * (1 - p) + chance[:-1] * p
        chance[0] *= 1 - p
    return chance
