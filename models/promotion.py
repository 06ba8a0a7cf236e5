"""Does a new model beat the present champion, beyond noise?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.metrics import METRICS, measure
from models.resampling import complete_dates

DECIDING = "average_precision"
FEWEST_CHURNED = 20


@dataclass(frozen=True)
class Verdict:
    """``promote`` or not, and why in a sentence; the paired difference where the two could be compared."""

    promote: bool
    words: str
    difference: dict[str, Any] | None = None


def judge(challenger: pd.DataFrame, champion: pd.DataFrame | None, draws: int, seed: int) -> Verdict:
    """Compare two backtests on the rows that both scored out of sample.

    Parameters
    ----------
    challenger, champion
        One row per (account_id, as_of): churn_probability, churned (outcomes are taken from the challenger's,
        which saw more), mrr; champion None: there is none yet.

    Returns
    -------
    Verdict
        Promoted is the first model, one whose champion scored none of these accounts and dates (another company),
        and one whose gain in average precision has a 95 % interval, paired by account, above zero.
    """
    if champion is None:
        return Verdict(True, "the first model becomes the champion")
    both = _scored_by_both(challenger, champion)
    if both.empty:
        return Verdict(True, "the champion scored none of these accounts and dates: it cannot be compared")
    both = both[complete_dates(both)]
    lost = both.loc[both["churned"] == 1, "account_id"].nunique()
    if lost < FEWEST_CHURNED:
        return Verdict(False, f"only {lost} churned accounts in common: too few to tell the two apart")
    columns = {"challenger": "churn_probability", "champion": "champion"}
    measured = measure(both, columns, draws, seed, {DECIDING: METRICS[DECIDING]})
    gain = measured["challenger_minus_champion"][DECIDING]
    low, high = gain["low"], gain["high"]
    promote = low is not None and low > 0
    words = (
        f"average precision {measured['challenger'][DECIDING]['value']:.3f} against the champion's "
        f"{measured['champion'][DECIDING]['value']:.3f}, difference {low:+.3f} to {high:+.3f}: "
        + ("better beyond noise" if promote else "not better beyond noise")
    )
    return Verdict(promote, words, dict(gain))


def _scored_by_both(challenger: pd.DataFrame, champion: pd.DataFrame) -> pd.DataFrame:
    """The challenger's rows with the champion's probability beside; ids as text: a source may change their type."""
    theirs = champion[["account_id", "as_of", "churn_probability"]].rename(columns={"churn_probability": "champion"})
    as_text = [rows.assign(account_id=rows["account_id"].astype("str")) for rows in (challenger, theirs)]
    return as_text[0].merge(as_text[1], on=["account_id", "as_of"])
