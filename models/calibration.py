"""Calibration: turning a margin into a probability that can be taken at its word."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

MIN_OUTCOMES = 30


def fit_line(margin: np.ndarray, churned: np.ndarray) -> tuple[float, float]:
    """Slope and intercept that calibrate a margin (Platt 1999), fitted on out-of-sample predictions.

    A line keeps SHAP values additive. With fewer than ``MIN_OUTCOMES`` rows of either outcome only the
    intercept is corrected. The slope is kept within [0.2, 2]: a model that ranks the wrong way round by chance must
    not be turned over.

    Parameters
    ----------
    margin, churned
        Shape (rows,): log-odds and 0/1.
    """
    lost, stayed = int(churned.sum()), int((1 - churned).sum())
    if min(lost, stayed) < MIN_OUTCOMES:
        return 1.0, _intercept(margin, lost, len(churned))
    line = LogisticRegression(C=1e6, max_iter=200).fit(margin[:, None], churned)
    slope = float(np.clip(line.coef_[0, 0], 0.2, 2.0))
    return slope, _intercept(slope * margin, lost, len(churned))


def _intercept(margin: np.ndarray, lost: int, rows: int) -> float:
    """The shift after which the mean probability is the observed rate (half a case is added to either side)."""
    if rows == 0:
        return 0.0
    rate = (lost + 0.5) / (rows + 1)
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = float(np.mean(1 / (1 + np.exp(-(margin + middle)))))
        low, high = (middle, high) if mean < rate else (low, middle)
    return (low + high) / 2
