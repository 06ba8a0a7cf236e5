"""New thresholds for the curves: where a feature stops being bad, and from where on more of it is no better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.models.common.resampling import Floats, outcome
from rind.models.health.spec import Curve

LEVELS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
FEWEST_ROWS = 200
DIGITS = 2


@dataclass(frozen=True)
class CurveSettings:
    """How much closer to the outcome a curve must come before it is proposed.

    Parameters
    ----------
    least_gain
        Share by which the correlation of the points with staying must grow.
    """

    least_gain: float


def propose_curves(rows: pd.DataFrame, curves: Sequence[Curve], settings: CurveSettings) -> tuple[Curve, ...]:
    """Each curve, or one with thresholds that follow the outcome better; the direction never changes.

    Tried are pairs of quantiles of what the accounts really show, rounded so that a person can read them; taken is
    the pair whose points go most with staying, where that is clearly more than today.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): the features and churned, known.
    """
    stayed = 1.0 - outcome(rows["churned"])
    return tuple(_best(rows, stayed, curve, settings) for curve in curves)


def _best(rows: pd.DataFrame, stayed: Floats, curve: Curve, settings: CurveSettings) -> Curve:
    if curve.feature not in rows:
        return curve
    values = pd.to_numeric(rows[curve.feature]).to_numpy("float64", na_value=np.nan)
    known = np.isfinite(values)
    if known.sum() < FEWEST_ROWS or len(np.unique(stayed[known])) < 2:
        return curve
    values, stayed = values[known], stayed[known]
    tried = _candidates(values, curve)
    found = [_correlation(values, stayed, c.bad, c.good) for c in tried]
    today = _correlation(values, stayed, curve.bad, curve.good)
    if not found or max(found) <= max(today, 0.0) * (1 + settings.least_gain):
        return curve
    return tried[int(np.argmax(found))]


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
