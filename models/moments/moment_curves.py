"""A moment from start to end, ready to be drawn: retention curves, and the difference cohort by cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.common.facts.moments import Examined, behaviour_of
from rind.models.common.frames import datetimes
from rind.models.common.survival import Bools, Followed, hazards
from rind.models.moments.candidates import Landmark
from rind.models.moments.confirmation import LEVEL_Z
from rind.models.moments.search import member_of

COHORT_SIDE = 8  # fewest accounts on either side with a known outcome that a cohort is shown with
QUARTERS = 2  # of a year that make a cohort


def curves(part: Landmark, reached: Bools) -> pd.DataFrame:
    """Kaplan-Meier retention of those that reached a moment and those that did not, from the landmark on.

    Returns
    -------
    pandas.DataFrame
        One row per (reached, day): day after signing, retention with its 95 % interval low and high (log-log,
        Greenwood), at_risk; from the landmark to the last day on which ten accounts of the side are followed.
    """
    sides = []
    for side in (True, False):
        table = _kaplan_meier(part.followed.only(reached == side), part.within_days)
        sides.append(table.assign(reached=side))
    return pd.concat(sides, ignore_index=True)


def by_cohort(whole: Landmark, signed_on: pd.Series, moment: Examined) -> pd.DataFrame:
    """The difference in retention that a moment makes, half-year of signing by half-year.

    Parameters
    ----------
    whole
        The moment's landmark over all accounts, also those of the search.
    signed_on
        Of the table that ``whole`` was made from.

    Returns
    -------
    pandas.DataFrame
        One row per cohort with enough known outcomes, of which some by the whole time: cohort (first day), reached,
        not_reached (known outcomes), retention_reached, retention_not_reached (Kaplan-Meier over everyone, also who is
        not followed to the end: leavers are known before stayers are), difference with low and high (95 %, Greenwood).
    """
    part = whole.only(member_of(whole, str(moment["segment"])))
    reached, known = part.reached(behaviour_of(moment), int(moment["count"])), part.followed.known
    signed = datetimes(signed_on).iloc[part.rows]
    half = (signed.dt.year * 2 + (signed.dt.quarter - 1) // QUARTERS).to_numpy()
    rows = []
    for number in np.unique(half):
        sides = [(half == number) & side for side in (reached, ~reached)]
        sizes = [int((side & known).sum()) for side in sides]
        if min(sizes) < COHORT_SIDE:
            continue
        (one, error), (other, wider) = (_retention(part.followed.only(side)) for side in sides)
        if np.isnan(one + other):
            continue
        difference, width = one - other, LEVEL_Z * float(np.hypot(error, wider))
        rows.append(
            {
                "cohort": pd.Timestamp(int(number) // 2, 1 + 6 * (int(number) % 2), 1),
                "reached": sizes[0],
                "not_reached": sizes[1],
                "retention_reached": one,
                "retention_not_reached": other,
                "difference": difference,
                "low": difference - width,
                "high": difference + width,
            }
        )
    names = ["cohort", "reached", "not_reached", "retention_reached", "retention_not_reached", "difference"]
    return pd.DataFrame(rows, columns=[*names, "low", "high"])


def _retention(side: Followed) -> tuple[float, float]:
    """Kaplan-Meier retention at the day of the outcome of everyone followed, and its standard error; NaN where nobody
    has been followed to that day.

    Greenwood's variance, of a share that half an account was added to on either side, so that a full house has one too.
    """
    at = np.minimum(side.duration, side.horizon)
    _, risk, lost = hazards(at, side.failed & (side.duration <= side.horizon))
    share = float(np.prod(1 - lost / risk))
    if share > 0 and not (at >= side.horizon).any():
        return float("nan"), float("nan")
    # As many accounts as would, without censoring, say as much about the share as these do.
    spread = float((lost / (risk * np.maximum(risk - lost, 1))).sum())
    size = (1 - share) / (share * spread) if spread > 0 and share > 0 else float(side.known.sum())
    shrunk = (share * size + 0.5) / (size + 1)
    return share, float(np.sqrt(shrunk * (1 - shrunk) / size))


def _kaplan_meier(side: Followed, since: int) -> pd.DataFrame:
    duration, failed = side.duration, side.failed
    last = float(np.sort(duration)[-10]) if len(duration) >= 10 else float(since)
    times, risk, lost = hazards(duration, failed & (duration <= last))
    share = np.cumprod(1 - lost / risk) if len(times) else np.zeros(0)
    spread = np.sqrt(np.cumsum(lost / (risk * np.maximum(risk - lost, 1)))) if len(times) else np.zeros(0)
    inside = np.clip(share, 1e-9, 1 - 1e-9)
    width = np.exp(LEVEL_Z * spread / np.abs(np.log(inside)))
    body = pd.DataFrame(
        {"day": times, "retention": share, "low": inside**width, "high": inside ** (1 / width), "at_risk": risk}
    )
    ends = [{"day": float(since), "retention": 1.0, "low": 1.0, "high": 1.0, "at_risk": len(duration)}]
    final = body.iloc[[-1]].assign(day=last) if len(body) else pd.DataFrame(ends).assign(day=last)
    return pd.concat([pd.DataFrame(ends), body, final], ignore_index=True)
