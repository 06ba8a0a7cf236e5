"""Churn by customer success manager, beside what the model expected of the same accounts.

A manager of risky accounts loses more of them than one of safe accounts, and a small book is at the mercy of chance.
So the share that left is compared with the out-of-sample probabilities of the same accounts (indirect
standardisation), and only what chance can hardly explain is named (Spiegelhalter 2005, funnel plots).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.models.book.shift import shift_to, shifted
from rind.models.common.frames import datetimes
from rind.models.common.holm import holm
from rind.models.common.resampling import Floats, complete_dates

COLUMNS = ["csm", "accounts", "left", "rate", "expected", "low", "high", "p_value", "beyond_chance"]


def comparison_dates(as_of: pd.Series, horizon_days: int, days: int) -> list[pd.Timestamp]:
    """The latest date and earlier ones at least horizon_days apart, over so many days: no departure counts twice."""
    left = sorted(as_of.unique(), reverse=True)
    chosen: list[pd.Timestamp] = []
    for day in left:
        far = not chosen or (chosen[-1] - day).days >= horizon_days
        if far and (left[0] - day).days < days:
            chosen.append(pd.Timestamp(day))
    return chosen


def churn_by_csm(predictions: pd.DataFrame, horizon_days: int, days: int, error_rate: float) -> pd.DataFrame:
    """The share of each book that left, beside what was to be expected of it.

    Parameters
    ----------
    predictions
        One row per (account_id, as_of) out of sample: csm ("" for none), churn_probability, churned (null: unknown);
        dates with an unknown outcome are passed over.

    Returns
    -------
    pandas.DataFrame
        One row per CSM, `COLUMNS`: accounts (at the dates together), left, rate; expected: the rate that the model
        expected, shifted so that all books together lost what they did; low, high: the 95 % interval of the rate under
        chance alone; p_value: two-sided, Holm's correction over the CSMs; beyond_chance: p_value < error_rate.
    """
    known = judged(predictions)
    known = known[known["as_of"].isin(comparison_dates(known["as_of"], horizon_days, days))]
    known = known[known["csm"] != ""]
    if known.empty:
        return pd.DataFrame(columns=COLUMNS)
    left = known["churned"].to_numpy("float64")
    probability = known["churn_probability"].to_numpy("float64")
    expected = shifted(probability, shift_to(probability, left.sum()))
    books = known.assign(left=left, expected=expected).groupby("csm", sort=True)
    made = pd.DataFrame([_compared(str(csm), own) for csm, own in books])
    made["p_value"] = holm(made["p_value"].to_numpy("float64"))
    return made.assign(beyond_chance=made["p_value"] < error_rate)[COLUMNS]


def compared_until(predictions: pd.DataFrame) -> pd.Timestamp | None:
    """The latest date whose outcomes are all known."""
    known = datetimes(judged(predictions)["as_of"])
    return None if known.empty else pd.Timestamp(known.max())


def judged(predictions: pd.DataFrame) -> pd.DataFrame:
    """The rows of dates whose outcomes are all known: of later ones only the leavers are."""
    judged = predictions[complete_dates(predictions)]
    return judged[judged["churned"].notna() & judged["churn_probability"].notna()]


def _compared(csm: str, book: pd.DataFrame) -> dict[str, object]:
    accounts, left = len(book), float(book["left"].sum())
    chance = chance_of_count(book["expected"].to_numpy("float64"))
    tail = min(float(chance[: int(left) + 1].sum()), float(chance[int(left) :].sum()))
    up_to = chance.cumsum()
    low, high = (float(np.searchsorted(up_to, share)) / accounts for share in (0.025, 0.975))
    return {
        "csm": csm, "accounts": accounts, "left": int(left), "rate": left / accounts,
        "expected": float(book["expected"].mean()), "low": low, "high": high, "p_value": min(1.0, 2 * tail),
    }  # fmt: skip


def chance_of_count(probability: Floats) -> Floats:
    """(accounts + 1,) the chance that 0, 1, 2 ... of them leave, each by its own probability (Poisson binomial)."""
    chance = np.ones(1)
    for one in probability:
        chance = np.convolve(chance, [1 - one, one])
    return chance
