"""A moment from start to end, ready to be drawn: retention curves, and the difference cohort by cohort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.follow_up import Bools, Followed
from models.health import days
from models.moment_search import member_of
from models.moment_words import behaviour_of
from models.moments import Landmark
from models.resampling import Floats

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
    found = []
    for side in (True, False):
        table = _kaplan_meier(part.followed.only(reached == side), part.within_days)
        found.append(table.assign(reached=side))
    return pd.concat(found, ignore_index=True)


def by_cohort(whole: Landmark, signed_on: pd.Series, moment: Mapping[str, Any]) -> pd.DataFrame:
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
        One row per cohort with enough known outcomes: cohort (first day), reached, not_reached (known outcomes),
        retention_reached, retention_not_reached, difference with low and high (95 %).
    """
    part = whole.only(member_of(whole, str(moment["segment"])))
    reached = part.reached(behaviour_of(moment), int(moment["count"]))
    kept, known = part.followed.pseudo_values(), part.followed.known
    signed = days(signed_on).iloc[part.rows]
    half = signed.dt.year * 2 + (signed.dt.quarter - 1) // QUARTERS
    rows = []
    for number in sorted(half.unique()):
        here = np.asarray(half == number) & known
        one, other = kept[here & reached], kept[here & ~reached]
        if min(len(one), len(other)) < COHORT_SIDE:
            continue
        difference = float(one.mean() - other.mean())
        error = float(np.sqrt(_error(one) ** 2 + _error(other) ** 2))
        first = pd.Timestamp(int(number) // 2, 1 + 6 * (int(number) % 2), 1)
        rows.append(
            {
                "cohort": first,
                "reached": len(one),
                "not_reached": len(other),
                "retention_reached": float(one.mean()),
                "retention_not_reached": float(other.mean()),
                "difference": difference,
                "low": difference - 1.96 * error,
                "high": difference + 1.96 * error,
            }
        )
    names = ["cohort", "reached", "not_reached", "retention_reached", "retention_not_reached", "difference"]
    return pd.DataFrame(rows, columns=[*names, "low", "high"])


def _error(values: Floats) -> float:
    """Standard error of a mean; half an account is added on either side, so that a full house has one too."""
    share = (values.sum() + 0.5) / (len(values) + 1)
    share = float(np.clip(share, 0.5 / (len(values) + 1), 1 - 0.5 / (len(values) + 1)))
    return float(np.sqrt(share * (1 - share) / len(values)))


def _kaplan_meier(side: Followed, since: int) -> pd.DataFrame:
    duration, failed = side.duration, side.failed
    last = float(np.sort(duration)[-10]) if len(duration) >= 10 else float(since)
    times = np.unique(duration[failed & (duration <= last)])
    risk = len(duration) - np.searchsorted(np.sort(duration), times, side="left")
    lost = np.array([(failed & (duration == t)).sum() for t in times])
    share = np.cumprod(1 - lost / risk) if len(times) else np.zeros(0)
    spread = np.sqrt(np.cumsum(lost / (risk * np.maximum(risk - lost, 1)))) if len(times) else np.zeros(0)
    inside = np.clip(share, 1e-9, 1 - 1e-9)
    width = np.exp(1.96 * spread / np.abs(np.log(inside)))
    body = pd.DataFrame(
        {"day": times, "retention": share, "low": inside**width, "high": inside ** (1 / width), "at_risk": risk}
    )
    ends = [{"day": float(since), "retention": 1.0, "low": 1.0, "high": 1.0, "at_risk": len(duration)}]
    final = body.iloc[[-1]].assign(day=last) if len(body) else pd.DataFrame(ends).assign(day=last)
    return pd.concat([pd.DataFrame(ends), body, final], ignore_index=True)
