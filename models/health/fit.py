"""From outcomes to whole-number weights: a logistic fit whose signs are held, and rounding within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from rind.common.errors import ParamsError
from rind.models.common.resampling import Floats, outcome
from rind.models.health.score import family_column, weighted


def families(rows: pd.DataFrame, weights: Mapping[str, int]) -> pd.DataFrame:
    """One column per weighted family: its own score, 0-100."""
    return pd.DataFrame({f: rows[family_column(f)] for f in weights}, index=rows.index)


def strengths(
    rows: pd.DataFrame, current: Mapping[str, int], near: Mapping[str, float] | None, ridge: float
) -> dict[str, float]:
    """Family with data -> how much the log-odds of leaving rise, at least 0, per 100 points that it lacks.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): ``health_<family>`` and churned, known.
    current
        Today's weights; what a family does not know the others say for it by them, as in the score.
    near
        Strengths that these should not stray from without need: those of all accounts, for a segment. None: the
        proportions of today's weights, as strong as their score is.
    ridge
        How strongly they are held to ``near``: on coefficients per 100 points, beside the log-likelihood of all rows.
    """
    points = families(rows, current).dropna(axis=1, how="all")
    scored = points.notna().any(axis=1)
    if not scored.any():
        return {}
    points = points[scored]
    others = weighted(points, current).fillna(points.mean(axis=1))
    filled = points.apply(lambda family: family.fillna(others))
    lacking = 1.0 - filled.to_numpy("float64") / 100.0
    left = outcome(rows.loc[scored, "churned"])
    share = np.array([current[f] for f in points.columns], dtype="float64")
    if near is not None:
        centre = np.array([near.get(f, 0.0) for f in points.columns], dtype="float64")
    else:
        share = share / share.sum() if share.sum() else np.full(len(share), 1 / len(share))
        centre = share * _nonnegative_logistic(lacking @ share[:, None], left, np.zeros(1), 1.0)
    coefficients = _nonnegative_logistic(lacking, left, centre, ridge)
    return dict(zip(points.columns, coefficients.tolist(), strict=True))


def shares(values: Mapping[str, float]) -> dict[str, float]:
    """The same in parts of 1; empty where all are 0."""
    total = sum(values.values())
    return {name: value / total for name, value in values.items()} if total > 0 else {}


def blended(fit: Mapping[str, float], shap: Mapping[str, float], shap_share: float) -> dict[str, float]:
    """The fit's shares with a part of SHAP's mixed in, for the families of the fit."""
    ours, theirs = shares(fit), shares({f: shap.get(f, 0.0) for f in fit})
    if not theirs:
        return ours
    return {f: (1 - shap_share) * ours[f] + shap_share * theirs[f] for f in ours}


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
    weights = dict(zip(free, whole, strict=True)) | kept
    return {f: weights[f] for f in current}


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


def _nonnegative_logistic(lacking: Floats, left: Floats, centre: Floats, ridge: float) -> Floats:
    """Coefficients >= 0 of a logistic regression with a free intercept, drawn to ``centre``."""

    def loss(theta: Floats) -> tuple[float, Floats]:
        margin = theta[0] + lacking @ theta[1:]
        residual, off = expit(margin) - left, theta[1:] - centre
        value = np.logaddexp(0.0, margin).sum() - left @ margin + ridge / 2 * (off @ off)
        slope = np.concatenate([[residual.sum()], lacking.T @ residual + ridge * off])
        return value / len(left), slope / len(left)

    rate = left.mean().clip(1e-6, 1 - 1e-6)
    start = np.concatenate([[np.log(rate / (1 - rate))], centre])
    limits = [(None, None)] + [(0.0, None)] * lacking.shape[1]
    optimum: Any = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits)
    return np.asarray(optimum.x[1:], dtype="float64")
