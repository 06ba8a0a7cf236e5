"""Whether as many accounts left as the probabilities had said, as metrics.json and horizons.json hold it."""

from __future__ import annotations

from typing import Literal, TypedDict

Verdict = Literal["usual", "more", "fewer", "too_few"]
"""As many left as is usual; more or fewer, beyond chance; or too few were expected to judge."""


class Counted(TypedDict):
    """Departures of a part of the accounts, on dates that lie a horizon apart.

    Parameters
    ----------
    accounts, dates
        Accounts that were counted, and on which dates (YYYY-MM-DD).
    expected, left
        Departures within the horizon: the sum of the probabilities, and how many there were.
    low, high
        95 % of the counts lie between, if the probabilities are right; None where too few were expected.
    p_value
        Chance of a count so far off, or further, if they are; of this part alone. None where too few were expected.
    verdict
        "more" or "fewer" only beyond chance among all parts that are judged together.
    """

    accounts: int
    dates: list[str]
    expected: float
    left: int
    low: int | None
    high: int | None
    p_value: float | None
    verdict: Verdict


class Calibration(TypedDict):
    """Of the model's own horizon: over all accounts, on the latest date, and by segment."""

    all: Counted
    latest: Counted
    segments: dict[str, Counted]
