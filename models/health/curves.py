"""New thresholds for the curves: where a feature stops being bad, and from where on more of it is no better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.models.common.resampling import Floats, outcome
from rind.models.health.spec import Curve

LEVELS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
FEWEST_ROWS = 200
DIGITS = 2


def propose_curves(rows: pd.DataFrame, curves: Sequence[Curve], least_gain: float) -> tuple[Curve, ...]:
    """Each curve, or one with thresholds that follow the outcome better; the direction never changes.

    The candidates are pairs of quantiles of the accounts' own values, rounded so that a person can read them. The pair
    whose points correlate most with staying is taken, where that correlation is clearly higher than today's.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): the features and churned, known.
    least_gain
        Share by which the correlation must grow (0.1: by a tenth).
    """
    stayed = 1.0 - outcome(rows["churned"])
    return tuple(_best(rows, stayed, curve, least_gain) for curve in curves)


def _best(rows: pd.DataFrame, stayed: Floats, curve: Curve, least_gain: float) -> Curve:
    if curve.feature not in rows:
        return curve
    values = pd.to_numeric(rows[curve.feature]).to_numpy("float64", na_value=np.nan)
    known = np.isfinite(values)
    if known.sum() < FEWEST_ROWS or len(np.unique(stayed[known])) < 2:
        return curve
    values, stayed = values[known], stayed[known]
    candidates = _candidates(values, curve)
    correlations = [_correlation(values, stayed, c.bad, c.good) for c in candidates]
    today = _correlation(values, stayed, curve.bad, curve.good)
    if not correlations or max(correlations) <= max(today, 0.0) * (1 + least_gain):
        return curve
    return candidates[int(np.argmax(correlations))]


def _candidates(values: Floats, curve: Curve) -> list[Curve]:
    """Pairs of rounded quantiles in the direction of the curve; two-valued features have none to offer."""
    levels = np.unique([_rounded(v) for v in np.quantile(values, LEVELS)])
    if len(levels) < 3:
        return []
    ends = [(low, high) for i, low in enumerate(levels) for high in levels[i + 1 :]]
    falls = curve.bad > curve.good
    return [Curve(curve.feature, high, low) if falls else Curve(curve.feature, low, high) for low, high in ends]


def _rounded(value: float) -> float:
    """Two significant digits."""
    if value == 0:
        return 0.0
    return float(np.round(value, DIGITS - 1 - int(np.floor(np.log10(abs(value))))))


def _correlation(values: Floats, stayed: Floats, bad: float, good: float) -> float:
    points: npt.NDArray[np.float64] = np.clip((values - bad) / (good - bad), 0.0, 1.0)
    spread = float(points.std() * stayed.std())
    return float(((points - points.mean()) * (stayed - stayed.mean())).mean() / spread) if spread > 0 else 0.0
