"""Two health scores on the same later dates: ranking, green churn and bands, with intervals by account."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.facts.figures import Figure
from rind.common.facts.health import BandRate, Comparison, Differences, Extent, Measures, Reason, Verdict
from rind.models.common.calendar import CELL
from rind.models.common.frames import datetimes
from rind.models.common.resampling import LEVEL, Floats, account_draws, drawn_auc, interval, number, outcome, ratio
from rind.models.health.score import BANDS, HealthSpec, bands

Codes = npt.NDArray[np.intp]


def compare(
    rows: pd.DataFrame, old: pd.Series, new: pd.Series, green_from: float, draws: int, seed: int, level: float = LEVEL
) -> Comparison:
    """What the new score is worth beside the old one, on rows that took no part in making it.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): account_id, churned (1/0), ``calendar``? (see `models.common.calendar.cells`).
    old, new
        Both scores, 0-100, on the same index; rows without one of them are left out.
    green_from
        The lowest green of the old score. The new one gets the threshold that calls as many rows green.
    draws, seed
        Of the bootstrap; both scores are measured on the same drawn accounts.
    level
        Of the intervals; above 0.95 where several questions are judged together.

    Returns
    -------
    Comparison
        ``current`` and ``proposed``: auc; auc_same_calendar (compares only accounts whose renewals are as near: a score
        that follows the calendar gains nothing there); green_churn_recall (share of the rows that left which the
        score did not call green); green_churn_rate (share of its greens that left). ``difference``: measure -> value,
        low, high. ``ranks_from``: the lower end of the proposed auc_same_calendar. ``level``: of these intervals.
    """
    scored = (old.notna() & new.notna()).to_numpy()
    old_points, new_points = old.to_numpy("float64")[scored], new.to_numpy("float64")[scored]
    left = outcome(rows["churned"])[scored]
    codes, names = pd.factorize(rows["account_id"][scored], sort=True)
    cell = rows[CELL].to_numpy()[scored] if CELL in rows else np.zeros(len(left))
    weights = np.vstack([np.ones(len(names)), account_draws(len(names), draws, seed)])  # the first: as it is
    same_greens = float(np.quantile(new_points, float((old_points < green_from).mean())))
    figures = {
        "current": _figures(old_points, left, weights, codes, green_from, cell),
        "proposed": _figures(new_points, left, weights, codes, same_greens, cell),
    }
    before, after = figures["current"], figures["proposed"]
    same_calendar = interval(after["auc_same_calendar"][1:], level)
    return {
        "current": _measures(before),
        "proposed": _measures(after),
        "difference": _differences(before, after, level),
        "ranks_from": same_calendar["low"] if same_calendar else None,
        "level": level,
    }


def _differences(before: dict[str, Floats], after: dict[str, Floats], level: float) -> Differences:
    return {
        "auc": _figure(after["auc"] - before["auc"], level),
        "auc_same_calendar": _figure(after["auc_same_calendar"] - before["auc_same_calendar"], level),
        "green_churn_recall": _figure(after["green_churn_recall"] - before["green_churn_recall"], level),
        "green_churn_rate": _figure(after["green_churn_rate"] - before["green_churn_rate"], level),
    }


def _measures(figures: dict[str, Floats]) -> Measures:
    """The figures of all rows as they are, without the draws."""
    return {
        "auc": number(figures["auc"][0]),
        "auc_same_calendar": number(figures["auc_same_calendar"][0]),
        "green_churn_recall": number(figures["green_churn_recall"][0]),
        "green_churn_rate": number(figures["green_churn_rate"][0]),
    }


def _figures(
    points: Floats, left: Floats, weights: Floats, codes: Codes, green_from: float, cell: npt.NDArray[Any]
) -> dict[str, Floats]:
    """The measures of one score, for every row of ``weights`` (draws, accounts)."""
    green = points >= green_from
    gone = np.bincount(codes, weights=left)
    caught = np.bincount(codes, weights=left * ~green)
    greens = np.bincount(codes, weights=green.astype("float64"))
    return {
        "auc": drawn_auc(-points, left, weights, codes),
        "auc_same_calendar": _within(points, left, weights, codes, cell),
        "green_churn_recall": ratio(weights @ caught, weights @ gone),
        "green_churn_rate": ratio(weights @ (gone - caught), weights @ greens),
    }


def _within(points: Floats, left: Floats, weights: Floats, codes: Codes, cell: npt.NDArray[Any]) -> Floats:
    """The mean of the AUC inside each cell, by how many rows left in it."""
    total, gone = np.zeros(len(weights)), np.zeros(len(weights))
    for one in np.unique(cell):
        here = cell == one
        if not 0 < left[here].sum() < here.sum():
            continue
        lost = weights @ np.bincount(codes[here], weights=left[here], minlength=weights.shape[1])
        inside = drawn_auc(-points[here], left[here], weights, codes[here])
        defined = np.isfinite(inside)
        total += np.where(defined, lost * np.nan_to_num(inside), 0.0)
        gone += np.where(defined, lost, 0.0)
    return ratio(total, gone)


def _figure(draws: Floats, level: float = LEVEL) -> Figure:
    """The first value as it is, with the interval of the others."""
    limits = interval(draws[1:], level)
    low, high = (limits["low"], limits["high"]) if limits else (None, None)
    return {"value": number(draws[0]), "low": low, "high": high}


def band_rates(rows: pd.DataFrame, points: pd.Series, spec: HealthSpec, draws: int, seed: int) -> dict[str, BandRate]:
    """Churn rate in red, amber and green: band -> rows, share of all rows, rate, low, high (None where empty)."""
    band = bands(points, spec)
    left = outcome(rows["churned"])
    codes, names = pd.factorize(rows["account_id"], sort=True)
    weights = np.vstack([np.ones(len(names)), account_draws(len(names), draws, seed)])
    rates: dict[str, BandRate] = {}
    for name in BANDS:
        inside = (band == name).to_numpy()
        here = np.bincount(codes, weights=inside.astype("float64"), minlength=len(names))
        gone = np.bincount(codes, weights=left * inside, minlength=len(names))
        rate = _figure(ratio(weights @ gone, weights @ here))
        rates[name] = {
            "rows": int(inside.sum()),
            "share": float(inside.mean()) if len(rows) else 0.0,
            "rate": rate["value"],
            "low": rate["low"],
            "high": rate["high"],
        }
    return rates


def verdict(evidence: Comparison) -> Verdict:
    """Whether to adopt the proposed score, and why.

    The AUC must gain beyond chance, also among accounts whose renewals are as near: a score that only follows the
    calendar does not find more of the churn that can be prevented. The new score itself must rank better than a coin
    there, and the green-churn recall may not lose beyond chance.
    """
    difference = evidence["difference"]
    low, high = difference["auc"]["low"] or 0.0, difference["auc"]["high"] or 0.0
    catches_fewer = (difference["green_churn_recall"]["high"] or 0.0) < 0
    same_calendar = difference["auc_same_calendar"]["low"]
    if low <= 0:
        return Verdict(Reason.WORSE if high < 0 else Reason.CHANCE)
    if same_calendar is None or same_calendar <= 0:
        return Verdict(Reason.CALENDAR_ONLY)
    if (evidence["ranks_from"] or 0.0) <= 0.5:
        return Verdict(Reason.NO_BETTER_THAN_A_COIN)
    return Verdict(Reason.CATCHES_FEWER if catches_fewer else Reason.BETTER)


def extent(rows: pd.DataFrame) -> Extent:
    """First and last date, rows, and accounts that left."""
    on = datetimes(rows["as_of"])
    first, last = on.min().date().isoformat(), on.max().date().isoformat()
    return {"from": first, "to": last, "rows": len(rows), "departed_accounts": departed(rows)}


def departed(rows: pd.DataFrame) -> int:
    """Accounts of which a row left."""
    return int(rows.loc[outcome(rows["churned"]) == 1, "account_id"].nunique())
