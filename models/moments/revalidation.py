"""Do the moments that were confirmed before still hold? By cohort, on what is known now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from rind.models.moments.candidates import said
from rind.models.moments.confirmation import LEVEL_Z
from rind.models.moments.words import behaviour_of, group_words

HOLDING, WEAKENING, GONE, MOVED, UNSEEN = "holding", "weakening", "gone", "moved", "not seen since"
BROKEN = (WEAKENING, GONE, MOVED)
Z = NormalDist().inv_cdf(0.95)


def freshness(
    before: Sequence[Mapping[str, Any]], cohorts: Mapping[str, pd.DataFrame], now: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
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
        cohort) with low and high, status and words. ``moved``: another moment stands for the segment now, of another
        feature or outside the former plateau. Else, by the newest cohort: ``gone``: the difference lies significantly
        below the former one and is not above 0; ``weakening``: significantly below, and above 0; ``holding``: not
        significantly below (one-sided, 95 %).
    """
    found = []
    for moment in before:
        rows = cohorts.get(str(moment["segment"]), pd.DataFrame())
        recent = {str(k): v for k, v in rows.iloc[-1].items()} if len(rows) else None
        status = _status(moment, recent, [m for m in now if m["segment"] == moment["segment"]])
        keys = ("segment", "feature", "measure", "count", "within_days", "difference")
        row = {k: moment[k] for k in keys} | {"status": status}
        row |= {k: float(recent[v]) if recent else None for k, v in NEWEST.items()}
        found.append(row | {"words": _words(row)})
    return found


NEWEST = {"recent": "difference", "recent_low": "low", "recent_high": "high"}


def _status(moment: Mapping[str, Any], recent: Mapping[str, Any] | None, standing: Sequence[Mapping[str, Any]]) -> str:
    plateau = moment["plateau"]
    for other in standing:
        same = behaviour_of(other) == behaviour_of(moment)
        level = plateau["count_from"] <= other["count"] <= plateau["count_to"]
        if not (same and (level or other["within_days"] != moment["within_days"])):
            return MOVED
    if recent is None:
        return UNSEEN
    error = (recent["high"] - recent["difference"]) / LEVEL_Z
    former = (moment["difference_high"] - moment["difference_low"]) / (2 * LEVEL_Z)
    if recent["difference"] >= moment["difference"] - Z * np.hypot(error, former):
        return HOLDING
    return WEAKENING if recent["difference"] > Z * error else GONE


def _words(row: Mapping[str, Any]) -> str:
    what = (
        f"{group_words(row['segment'])}: {said(behaviour_of(row), row['count'])} in the first {row['within_days']} days"
    )
    if row["status"] == MOVED:
        return f"{what}: the moment has moved, see the one that stands now"
    if row["recent"] is None:
        return f"{what}: no new cohort shows it yet"
    was, is_ = round(100 * row["difference"]), round(100 * row["recent"])
    return f"{what}: {row['status']}; {was} points of retention when it was confirmed, {is_} in the newest cohort"
