"""New weights for the health score, proposed from what happened and proven on dates that took no part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from common.errors import ParamsError
from models.health import check_weights, days, family_column, weighted
from models.resampling import Floats, account_draws, auc, complete_dates, interval, number, outcome, ratio

FEWEST_DEPARTED = 20  # accounts, on either side of the split: below, weights are noise
RIDGE = 1.0  # on coefficients per 100 points, against a log-likelihood summed over rows
MEASURES = ("auc", "green_churn_recall")


def propose(
    scored: pd.DataFrame,
    current: Mapping[str, int],
    *,
    bounds: Mapping[str, tuple[int, int]] | None = None,
    green_from: float = 70.0,
    test_share: float = 0.4,
    embargo_days: int = 120,
    draws: int = 400,
    seed: int = 0,
) -> dict[str, Any]:
    """The content of ``health_score.json`` (contract section 4).

    Fitted is a logistic regression of churn on the points that each family lacks (100 - its score), none of
    them allowed to help an account by lacking; the weights follow its coefficients within the bounds. A
    family without any data keeps its weight.

    Parameters
    ----------
    scored
        One row per (account_id, as_of): the ``health_<family>`` columns of `models.health.score` and
        ``churned`` (1/0, null = unknown). Only dates whose outcomes are all known are used.
    current
        Today's weights, whole numbers that add up to 100.
    bounds
        Family -> (lowest, highest) weight that CS allows; (0, 100) for those that are not named.
    green_from
        The lowest green score under today's weights.
    test_share
        Share of the dates, the latest ones, that give the evidence.
    embargo_days
        Horizon plus grace: only dates whose outcomes were known when the evidence starts are fitted.
    draws, seed
        Of the bootstrap by account.

    Returns
    -------
    dict
        - ``current``, ``proposed``: family -> whole number, adding up to 100
        - ``evidence``: None when there is too little, else ``fitted`` and ``tested`` (dates, rows, accounts
          that left); for ``current`` and ``proposed``, ``auc`` and ``green_churn_recall`` (share of the rows
          that left which the score did not call green, with as many greens as today); ``difference`` of both:
          value, low, high (95 %, paired by account)
        - ``recommend``: the AUC gains beyond chance and the green-churn recall does not lose beyond chance
        - ``words``: why, or why not
    """
    check_weights(current)
    rows = scored[complete_dates(scored)] if len(scored) else scored
    fit, test = _split(rows, test_share, embargo_days)
    result: dict[str, Any] = {"current": dict(current), "proposed": dict(current), "evidence": None}
    departed = min(_departed(fit), _departed(test))
    if departed < FEWEST_DEPARTED:
        words = (
            f"Too little to judge: {_departed(fit)} accounts left in the dates to learn from and "
            f"{_departed(test)} in the later ones to test on; {FEWEST_DEPARTED} of each are needed."
        )
        return result | {"recommend": False, "words": words}
    coefficients = _fit(fit, current)
    if not coefficients or max(coefficients.values()) <= 0:
        words = "No family's score went with staying in the dates to learn from; today's weights stand."
        return result | {"recommend": False, "words": words}
    proposed = fit_weights(coefficients, current, bounds or {})
    evidence = _evidence(test, current, proposed, green_from, draws, seed)
    evidence = {"fitted": _extent(fit), "tested": _extent(test), **evidence}
    return result | {"proposed": proposed, "evidence": evidence} | _verdict(evidence["difference"])


def fit_weights(
    strengths: Mapping[str, float], current: Mapping[str, int], bounds: Mapping[str, tuple[int, int]]
) -> dict[str, int]:
    """Whole-number weights in proportion to ``strengths`` (>= 0), within ``bounds``, adding up to 100.

    A family of ``current`` that has no strength keeps its weight. Rounded by the largest remainder.
    """
    free = [f for f in current if f in strengths]
    kept = {f: int(w) for f, w in current.items() if f not in strengths}
    total = 100 - sum(kept.values())
    low = np.array([bounds.get(f, (0, 100))[0] for f in free], dtype="float64")
    high = np.array([min(bounds.get(f, (0, 100))[1], total) for f in free], dtype="float64")
    if (low > high).any() or not low.sum() <= total <= high.sum():
        raise ParamsError(
            f"no health weights within the bounds {dict(bounds)} add up to 100 "
            f"({', '.join(free)} share {total}: at least {low.sum():g}, at most {high.sum():g})",
            "widen the bounds of a family",
        )
    exact = _proportional(np.array([strengths[f] for f in free], dtype="float64"), low, high, float(total))
    whole = _largest_remainder(exact, total)
    found = dict(zip(free, whole, strict=True)) | kept
    return {f: found[f] for f in current}


def _proportional(strengths: Floats, low: Floats, high: Floats, total: float) -> Floats:
    """``clip(scale * strength, low, high)`` for the scale at which it adds up to ``total``."""
    steady = strengths / strengths.max() + 1e-9  # so that even families without strength can fill a gap
    least, most = 0.0, total / steady.min()
    for _ in range(200):
        scale = (least + most) / 2
        enough = np.clip(scale * steady, low, high).sum() >= total
        least, most = (least, scale) if enough else (scale, most)
    return np.asarray(np.clip(most * steady, low, high), dtype="float64")


def _largest_remainder(exact: Floats, total: int) -> list[int]:
    exact = np.round(exact, 6)
    whole = np.floor(exact)
    for i in np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]:
        whole[i] += 1
    return [int(w) for w in whole]


def _split(rows: pd.DataFrame, test_share: float, embargo_days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Earlier dates whose outcomes were known when the later ones start, and the later ones."""
    on = days(rows["as_of"])
    dates = np.sort(on.unique())
    if len(dates) < 2:
        return rows.iloc[:0], rows.iloc[:0]
    start = pd.Timestamp(dates[min(int(len(dates) * (1 - test_share)), len(dates) - 1)])
    return rows[on < start - pd.Timedelta(days=embargo_days)], rows[on >= start]


def _departed(rows: pd.DataFrame) -> int:
    return int(rows.loc[outcome(rows["churned"]) == 1, "account_id"].nunique())


def _extent(rows: pd.DataFrame) -> dict[str, Any]:
    on = days(rows["as_of"])
    first, last = on.min().date().isoformat(), on.max().date().isoformat()
    return {"from": first, "to": last, "rows": len(rows), "departed_accounts": _departed(rows)}


def _families(rows: pd.DataFrame, weights: Mapping[str, int]) -> pd.DataFrame:
    """One column per weighted family: its own score."""
    return pd.DataFrame({f: rows[family_column(f)] for f in weights}, index=rows.index)


def _fit(rows: pd.DataFrame, current: Mapping[str, int]) -> dict[str, float]:
    """Family with data -> how much the log-odds of leaving rise, at least 0, per 100 points that it lacks."""
    families = _families(rows, current).dropna(axis=1, how="all")
    seen = families.notna().any(axis=1)
    if not seen.any():
        return {}
    families = families[seen]
    # As in the score itself: what a family does not know, the others say for it.
    others = weighted(families, current).fillna(families.mean(axis=1))
    filled = families.apply(lambda family: family.fillna(others))
    lacking = 1.0 - filled.to_numpy("float64") / 100.0
    left = outcome(rows.loc[seen, "churned"])
    coefficients = _nonnegative_logistic(lacking, left)
    return dict(zip(families.columns, coefficients.tolist(), strict=True))


def _nonnegative_logistic(lacking: Floats, left: Floats) -> Floats:
    """Coefficients >= 0 of a ridge logistic regression with a free intercept."""

    def loss(theta: Floats) -> tuple[float, Floats]:
        margin = theta[0] + lacking @ theta[1:]
        residual = expit(margin) - left
        value = np.logaddexp(0.0, margin).sum() - left @ margin + RIDGE / 2 * (theta[1:] @ theta[1:])
        slope = np.concatenate([[residual.sum()], lacking.T @ residual + RIDGE * theta[1:]])
        return value / len(left), slope / len(left)

    rate = left.mean().clip(1e-6, 1 - 1e-6)
    start = np.concatenate([[np.log(rate / (1 - rate))], np.zeros(lacking.shape[1])])
    limits = [(None, None)] + [(0.0, None)] * lacking.shape[1]
    found: Any = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits)
    return np.asarray(found.x[1:], dtype="float64")


def _evidence(
    rows: pd.DataFrame,
    current: Mapping[str, int],
    proposed: Mapping[str, int],
    green_from: float,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Both scores on the same rows and the same bootstrap samples of accounts."""
    families = _families(rows, current)
    old, new = weighted(families, current), weighted(families, proposed)
    seen = (old.notna() & new.notna()).to_numpy()
    old_points, new_points = old.to_numpy("float64")[seen], new.to_numpy("float64")[seen]
    left = outcome(rows["churned"])[seen]
    codes, names = pd.factorize(rows["account_id"][seen])
    weights = np.vstack([np.ones(len(names)), account_draws(len(names), draws, seed)])  # the first: as it is
    share = float((old_points < green_from).mean())
    same_greens = float(np.quantile(new_points, share))
    figures = {
        "current": _figures(old_points, left, weights, codes, green_from),
        "proposed": _figures(new_points, left, weights, codes, same_greens),
    }
    difference = {}
    for name in MEASURES:
        gain = figures["proposed"][name] - figures["current"][name]
        limits = interval(gain[1:]) or {}
        difference[name] = {"value": number(gain[0]), "low": limits.get("low"), "high": limits.get("high")}
    measured = {who: {name: number(values[name][0]) for name in MEASURES} for who, values in figures.items()}
    return {**measured, "difference": difference}


def _figures(points: Floats, left: Floats, weights: Floats, codes: Any, green_from: float) -> dict[str, Floats]:
    """AUC and green-churn recall of a health score, for every row of ``weights`` (draws, accounts)."""
    gone = np.bincount(codes, weights=left)
    caught = np.bincount(codes, weights=left * (points < green_from))
    return {
        "auc": auc(-points, left, weights, codes),
        "green_churn_recall": ratio(weights @ caught, weights @ gone),
    }


def _verdict(difference: Mapping[str, Mapping[str, float | None]]) -> dict[str, Any]:
    """Whether to adopt the new weights, and why."""
    gain, low, high = (difference["auc"][key] or 0.0 for key in ("value", "low", "high"))
    fewer = (difference["green_churn_recall"]["high"] or 0.0) < 0
    facts = f"The AUC on later dates changes by {gain:+.3f} ({low:+.3f} to {high:+.3f})"
    if low > 0 and not fewer:
        return {"recommend": True, "words": f"{facts}: better beyond chance."}
    why = "but it catches fewer of the leavers" if low > 0 else "which may be chance; today's weights stand"
    return {"recommend": False, "words": f"{facts}, {why}."}
