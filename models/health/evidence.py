"""Two health scores on the same later dates: ranking, green churn and bands, with intervals by account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rind.models.common.frames import datetimes
from rind.models.common.resampling import LEVEL, Floats, account_draws, auc, interval, number, outcome, ratio
from rind.models.health.score import BANDS, HealthSpec, bands

MEASURES = ("auc", "auc_same_calendar", "green_churn_recall", "green_churn_rate")
CELL = "calendar"


def compare(
    rows: pd.DataFrame, old: pd.Series, new: pd.Series, green_from: float, draws: int, seed: int, level: float = LEVEL
) -> dict[str, Any]:
    """What the new score is worth beside the old one, on rows that took no part in making it.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): account_id, churned (1/0), ``calendar``? (see `models.common.calendar.cells`).
    old, new
        Both scores, 0-100, on the same index; rows that lack one of them are left out.
    green_from
        The lowest green of the old score. The new one gets the threshold that calls as many rows green.
    draws, seed
        Of the bootstrap; both scores are measured on the same drawn accounts.
    level
        Of the intervals; above 0.95 where several questions are judged together.

    Returns
    -------
    dict
        ``current`` and ``proposed``: auc; auc_same_calendar (only accounts with as near a renewal are compared: whoever
        stands in for the calendar gains nothing); green_churn_recall (share of the rows that left which the score did
        not call green); green_churn_rate (share of its greens that left). ``difference``: measure -> value, low,
        high. ``ranks_from``: the lower end of the proposed auc_same_calendar. ``level``: of these intervals.
    """
    seen = (old.notna() & new.notna()).to_numpy()
    old_points, new_points = old.to_numpy("float64")[seen], new.to_numpy("float64")[seen]
    left = outcome(rows["churned"])[seen]
    codes, names = pd.factorize(rows["account_id"][seen], sort=True)
    cell = rows[CELL].to_numpy()[seen] if CELL in rows else np.zeros(len(left))
    weights = np.vstack([np.ones(len(names)), account_draws(len(names), draws, seed)])  # the first: as it is
    same_greens = float(np.quantile(new_points, float((old_points < green_from).mean())))
    figures = {
        "current": _figures(old_points, left, weights, codes, green_from, cell),
        "proposed": _figures(new_points, left, weights, codes, same_greens, cell),
    }
    difference = {m: _with_interval(figures["proposed"][m] - figures["current"][m], level) for m in MEASURES}
    measured = {who: {m: number(values[m][0]) for m in MEASURES} for who, values in figures.items()}
    alike = interval(figures["proposed"]["auc_same_calendar"][1:], level) or {}
    return {**measured, "difference": difference, "ranks_from": alike.get("low"), "level": level}


def _figures(
    points: Floats, left: Floats, weights: Floats, codes: Any, green_from: float, cell: Any
) -> dict[str, Floats]:
    """The measures of one score, for every row of ``weights`` (draws, accounts)."""
    green = points >= green_from
    gone = np.bincount(codes, weights=left)
    caught = np.bincount(codes, weights=left * ~green)
    greens = np.bincount(codes, weights=green.astype("float64"))
    return {
        "auc": auc(-points, left, weights, codes),
        "auc_same_calendar": _within(points, left, weights, codes, cell),
        "green_churn_recall": ratio(weights @ caught, weights @ gone),
        "green_churn_rate": ratio(weights @ (gone - caught), weights @ greens),
    }


def _within(points: Floats, left: Floats, weights: Floats, codes: Any, cell: Any) -> Floats:
    """The mean of the AUC inside each cell, by how many rows left in it."""
    total, gone = np.zeros(len(weights)), np.zeros(len(weights))
    for one in np.unique(cell):
        here = cell == one
        if not 0 < left[here].sum() < here.sum():
            continue
        lost = weights @ np.bincount(codes[here], weights=left[here], minlength=weights.shape[1])
        found = auc(-points[here], left[here], weights, codes[here])
        known = np.isfinite(found)
        total += np.where(known, lost * np.nan_to_num(found), 0.0)
        gone += np.where(known, lost, 0.0)
    return ratio(total, gone)


def _with_interval(gain: Floats, level: float = LEVEL) -> dict[str, float | None]:
    limits = interval(gain[1:], level) or {}
    return {"value": number(gain[0]), "low": limits.get("low"), "high": limits.get("high")}


def band_rates(rows: pd.DataFrame, points: pd.Series, spec: HealthSpec, draws: int, seed: int) -> dict[str, Any]:
    """Churn rate in red, amber and green: band -> rows, share of all rows, rate, low, high (None where empty)."""
    band = bands(points, spec)
    left = outcome(rows["churned"])
    codes, names = pd.factorize(rows["account_id"], sort=True)
    weights = np.vstack([np.ones(len(names)), account_draws(len(names), draws, seed)])
    found = {}
    for name in BANDS:
        inside = (band == name).to_numpy()
        here = np.bincount(codes, weights=inside.astype("float64"), minlength=len(names))
        gone = np.bincount(codes, weights=left * inside, minlength=len(names))
        rate = ratio(weights @ gone, weights @ here)
        size = {"rows": int(inside.sum()), "share": float(inside.mean()) if len(rows) else 0.0}
        limits = _with_interval(rate)
        found[name] = {**size, "rate": limits["value"], "low": limits["low"], "high": limits["high"]}
    return found


def verdict(evidence: Mapping[str, Any], what: str = "today's weights stand") -> dict[str, Any]:
    """Whether to adopt, and why.

    The AUC must gain beyond chance, among accounts with as near a renewal too: a score that only stands in for the
    calendar ranks no better what can be changed. The new score itself must rank better than a coin there, and the
    green-churn recall may not lose beyond chance.
    """
    difference: Mapping[str, Mapping[str, float | None]] = evidence["difference"]
    gain, low, high = (difference["auc"][key] or 0.0 for key in ("value", "low", "high"))
    fewer = (difference["green_churn_recall"]["high"] or 0.0) < 0
    alike = difference["auc_same_calendar"]["low"]
    among = "" if evidence["level"] <= LEVEL else f", at {100 * evidence['level']:.3g} % as one of several questions"
    facts = f"The AUC on later dates changes by {gain:+.3f} ({low:+.3f} to {high:+.3f}{among})"
    if low > 0 and (alike is None or alike <= 0):
        return {"recommend": False, "words": f"{facts}, but not beyond the renewal calendar; {what}."}
    if low > 0 and (evidence["ranks_from"] or 0.0) <= 0.5:
        return {"recommend": False, "words": f"{facts}, but the new score may rank no better than a coin; {what}."}
    if low > 0 and not fewer:
        return {"recommend": True, "words": f"{facts}: better beyond chance."}
    if low > 0:
        return {"recommend": False, "words": f"{facts}, but it catches fewer of the leavers; {what}."}
    why = "worse beyond chance" if high < 0 else "which may be chance"
    return {"recommend": False, "words": f"{facts}, {why}; {what}."}


def extent(rows: pd.DataFrame) -> dict[str, Any]:
    """First and last date, rows, and accounts that left."""
    on = datetimes(rows["as_of"])
    first, last = on.min().date().isoformat(), on.max().date().isoformat()
    return {"from": first, "to": last, "rows": len(rows), "departed_accounts": departed(rows)}


def departed(rows: pd.DataFrame) -> int:
    """Accounts of which a row left."""
    return int(rows.loc[outcome(rows["churned"]) == 1, "account_id"].nunique())
