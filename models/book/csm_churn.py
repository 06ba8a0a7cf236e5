"""Churn by customer success manager, beside what the model expected of the same accounts.

A manager of risky accounts loses more of them than one of safe accounts, and a small book is at the mercy of chance.
So the share that left is compared with the out-of-sample probabilities of the same accounts (indirect
standardisation), and only what chance can hardly explain is named (Spiegelhalter 2005, funnel plots).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import poisson_binom  # type: ignore[attr-defined]  # scipy makes it when it is imported

from rind.models.common.frames import datetimes
from rind.models.common.resampling import Floats, complete_dates

COLUMNS = ["csm", "accounts", "left", "rate", "expected", "low", "high", "p_value", "beyond_chance"]
LEAST, MOST = 1e-6, 1 - 1e-6


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
    shifted = _shifted(known["churn_probability"].to_numpy("float64"), left.sum())
    books = known.assign(left=left, expected=shifted).groupby("csm", sort=True)
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


def _shifted(probability: Floats, total: float) -> Floats:
    """The probabilities with one shift of the log-odds, so that they sum to the total."""
    margin = logit(np.clip(probability, LEAST, MOST))
    aim = min(max(total, 0.5), len(probability) - 0.5)
    shift = brentq(lambda by: float(expit(margin + by).sum()) - aim, -30, 30)
    return np.asarray(expit(margin + shift), dtype="float64")


def _compared(csm: str, book: pd.DataFrame) -> dict[str, object]:
    accounts, left = len(book), float(book["left"].sum())
    up_to = poisson_binom(book["expected"].to_numpy("float64")).cdf(np.arange(accounts + 1))
    fewer = up_to[int(left) - 1] if left else 0.0
    tail = min(float(up_to[int(left)]), 1 - float(fewer))
    low, high = (float(np.searchsorted(up_to, share)) / accounts for share in (0.025, 0.975))
    return {
        "csm": csm, "accounts": accounts, "left": int(left), "rate": left / accounts,
        "expected": float(book["expected"].mean()), "low": low, "high": high, "p_value": min(1.0, 2 * tail),
    }  # fmt: skip


def holm(p_values: npt.NDArray[np.float64]) -> Floats:
    """Holm's step-down correction of several p-values that are judged together."""
    order = np.argsort(p_values)
    raised = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return corrected
