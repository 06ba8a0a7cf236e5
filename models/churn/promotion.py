"""Does a new model beat the present champion, beyond noise?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from rind.common.facts.promotion import Ground, Verdict
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.evaluation.metrics import METRICS, measure

DECIDING = "average_precision"


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
        With fewer accounts that left the two cannot be compared.

    Returns
    -------
    Verdict
        Promoted is the first model, one whose champion knows none of its accounts (another company), one whose
        champion is older than all that was measured of it, and one whose gain in average precision has a 95 %
        interval, paired by account, above zero. Never one of a past date: it is older than the champion.
    """
    if champion is None:
        return Verdict(True, Ground.FIRST)
    trained = pd.Timestamp(champion["trained_as_of"].max())
    rejected = Verdict(False, Ground.OLDER_THAN_CHAMPION, trained.date(), as_of)
    if trained > pd.Timestamp(as_of):
        return rejected
    challenger, champion = _ids_as_text(challenger), _ids_as_text(champion)
    if not challenger["account_id"].isin(champion["account_id"]).any():
        return replace(rejected, promote=True, ground=Ground.OTHER_COMPANY)
    measurable = challenger[complete_dates(challenger)]
    if _lost(measurable) >= fewest_churned and trained < measurable["as_of"].min():
        return replace(rejected, promote=True, ground=Ground.CHAMPION_OUTDATED)
    return _compare(_scored_by_both(challenger, champion), fewest_churned, draws, seed)


def _compare(both: pd.DataFrame, fewest_churned: int, draws: int, seed: int) -> Verdict:
    """Whether the gain on common rows is beyond noise."""
    both = both[complete_dates(both)]
    lost = _lost(both)
    if lost < fewest_churned:
        return Verdict(False, Ground.TOO_FEW_IN_COMMON, churned_in_common=lost)
    columns = {"challenger": "churn_probability", "champion": "champion"}
    figures = measure(both, columns, draws, seed, {DECIDING: METRICS[DECIDING]})
    gain = figures["challenger_minus_champion"][DECIDING]
    return Verdict(
        promote=gain["low"] is not None and gain["low"] > 0,
        ground=Ground.MEASURED,
        churned_in_common=lost,
        challenger=figures["challenger"][DECIDING]["value"],
        champion=figures["champion"][DECIDING]["value"],
        difference=gain,
    )


def _lost(rows: pd.DataFrame) -> int:
    return int(rows.loc[rows["churned"] == 1, "account_id"].nunique())


def _ids_as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """A source may change the type of its ids."""
    return rows.assign(account_id=rows["account_id"].astype("str"))


def _scored_by_both(challenger: pd.DataFrame, champion: pd.DataFrame) -> pd.DataFrame:
    """The challenger's rows with the champion's probability beside."""
    theirs = champion[["account_id", "as_of", "churn_probability"]].rename(columns={"churn_probability": "champion"})
    return challenger.merge(theirs, on=KEYS)
