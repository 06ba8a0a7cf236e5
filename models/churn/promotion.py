"""Does a new model beat the present champion, beyond noise?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from rind.models.common.resampling import complete_dates
from rind.models.evaluation.metrics import METRICS, measure

DECIDING = "average_precision"


@dataclass(frozen=True)
class Verdict:
    """``promote`` or not, and why in a sentence; the paired difference where the two could be compared."""

    promote: bool
    words: str
    difference: dict[str, Any] | None = None


def judge(
    challenger: pd.DataFrame, champion: pd.DataFrame | None, as_of: date, fewest_churned: int, draws: int, seed: int
) -> Verdict:
    """Compare two backtests on the rows that both scored out of sample.

    Parameters
    ----------
    challenger, champion
        One row per (account_id, as_of): trained_as_of, churn_probability, churned (outcomes are taken from the
        challenger's, which saw more), mrr; champion None: there is none yet.
    as_of
        The scoring date of the challenger's run.
    fewest_churned
        Fewer accounts that left tell nothing.

    Returns
    -------
    Verdict
        Promoted is the first model, one whose champion knows none of its accounts (another company), one whose
        champion is older than all that was measured of it, and one whose gain in average precision has a 95 %
        interval, paired by account, above zero. Never one of a past date: it is older than the champion.
    """
    if champion is None:
        return Verdict(True, "the first model becomes the champion")
    trained = pd.Timestamp(champion["trained_as_of"].max())
    if trained > pd.Timestamp(as_of):
        return Verdict(False, f"the champion was trained as of {trained.date()}, after this run's date {as_of}")
    challenger, champion = _ids_as_text(challenger), _ids_as_text(champion)
    if not challenger["account_id"].isin(champion["account_id"]).any():
        return Verdict(True, "the champion scored none of these accounts: it is another company's")
    known = challenger[complete_dates(challenger)]
    if _lost(known) >= fewest_churned and trained < known["as_of"].min():
        return Verdict(True, f"the champion, trained as of {trained.date()}, is older than all that was measured here")
    return _compare(_scored_by_both(challenger, champion), fewest_churned, draws, seed)


def _compare(both: pd.DataFrame, fewest_churned: int, draws: int, seed: int) -> Verdict:
    """Whether the gain on common rows is beyond noise."""
    both = both[complete_dates(both)]
    lost = _lost(both)
    if lost < fewest_churned:
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


def _lost(rows: pd.DataFrame) -> int:
    return int(rows.loc[rows["churned"] == 1, "account_id"].nunique())


def _ids_as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """A source may change the type of its ids."""
    return rows.assign(account_id=rows["account_id"].astype("str"))


def _scored_by_both(challenger: pd.DataFrame, champion: pd.DataFrame) -> pd.DataFrame:
    """The challenger's rows with the champion's probability beside."""
    theirs = champion[["account_id", "as_of", "churn_probability"]].rename(columns={"churn_probability": "champion"})
    return challenger.merge(theirs, on=["account_id", "as_of"])
