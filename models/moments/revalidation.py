"""Do the moments that were confirmed before still hold? By cohort, on what is known now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from rind.common.facts.moments import Freshness, Moment, Status, behaviour_of
from rind.models.moments.confirmation import LEVEL_Z

Z = NormalDist().inv_cdf(0.95)


def freshness(before: Sequence[Moment], cohorts: Mapping[str, pd.DataFrame], now: Sequence[Moment]) -> list[Freshness]:
    """One row per moment that was confirmed before.

    Parameters
    ----------
    before
        The moments of the last run.
    cohorts
        Segment -> the cohorts of its former moment (`models.moments.moment_curves.by_cohort`), on what is known now.
    now
        The moments that stand now.

    Returns
    -------
    list
        segment, feature, measure, count, within_days, difference (when it was confirmed), recent (of the newest
        cohort) with low and high, and status. ``moved``: another moment stands for the segment now, of another
        feature or outside the former plateau. Else, by the newest cohort: ``gone``: the difference lies significantly
        below the former one and is not above 0; ``weakening``: significantly below, and above 0; ``holding``: not
        significantly below (one-sided, 95 %).
    """
    rows: list[Freshness] = []
    for moment in before:
        of_segment = cohorts.get(str(moment["segment"]), pd.DataFrame())
        newest = of_segment.iloc[-1] if len(of_segment) else None
        standing = [m for m in now if m["segment"] == moment["segment"]]
        rows.append(
            {
                "segment": moment["segment"],
                "feature": moment["feature"],
                "measure": moment["measure"],
                "count": moment["count"],
                "within_days": moment["within_days"],
                "difference": float(moment["difference"] or 0.0),
                "status": _status(moment, newest, standing),
                "recent": None if newest is None else float(newest["difference"]),
                "recent_low": None if newest is None else float(newest["low"]),
                "recent_high": None if newest is None else float(newest["high"]),
            }
        )
    return rows


def _status(moment: Moment, newest: pd.Series | None, standing: Sequence[Moment]) -> Status:
    plateau = moment["plateau"]
    for other in standing:
        same = behaviour_of(other) == behaviour_of(moment)
        level = plateau["count_from"] <= other["count"] <= plateau["count_to"]
        if not (same and (level or other["within_days"] != moment["within_days"])):
            return Status.MOVED
    if newest is None:
        return Status.UNSEEN
    error = (newest["high"] - newest["difference"]) / LEVEL_Z
    former = ((moment["difference_high"] or 0.0) - (moment["difference_low"] or 0.0)) / (2 * LEVEL_Z)
    if newest["difference"] >= (moment["difference"] or 0.0) - Z * np.hypot(error, former):
        return Status.HOLDING
    return Status.WEAKENING if newest["difference"] > Z * error else Status.GONE
