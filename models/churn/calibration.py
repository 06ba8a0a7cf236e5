"""Calibration: turn a margin into a probability that agrees with the share that leaves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from rind.models.churn.settings import CalibrationPrior

SLOPES = (0.2, 2.0)  # a model that ranks the wrong way round by chance must not be turned over


def fit_line(
    margin: np.ndarray,
    churned: np.ndarray,
    accounts: pd.Series[str],
    prior: CalibrationPrior,
    weights: np.ndarray | None = None,
) -> tuple[float, float]:
    """Slope and intercept that calibrate a margin (Platt 1999), fitted on out-of-sample predictions.

    A line keeps SHAP values additive. The fit maximises the posterior: the log-likelihood, of accounts and not of rows
    (see `evidence`), plus a normal prior at the identity. The slope stays within `SLOPES`. Without rows the line is the
    identity and leaves the score as it is.

    Parameters
    ----------
    margin, churned
        Shape (rows,): log-odds and 0/1.
    accounts
        Shape (rows,): the account of each row.
    weights
        Shape (rows,): how much each row teaches. None: all alike.
    """
    if not len(margin):
        return 1.0, 0.0
    weights = np.ones(len(margin)) if weights is None else weights
    row_weight, middle = evidence(churned, accounts), float(margin.mean())
    off = margin - middle

    def cost(line: np.ndarray) -> tuple[float, np.ndarray]:
        """Negative log posterior of (shift at the mean margin, slope), up to a constant, and its gradient."""
        shift, slope = line
        calibrated = shift + middle + slope * off
        wrong = weights * (expit(calibrated) - churned)
        value = row_weight * (weights * log_losses(calibrated, churned)).sum()
        value += shift**2 / prior.shift_sd**2 / 2 + (slope - 1) ** 2 / prior.slope_sd**2 / 2
        gradient = (row_weight * wrong.sum(), row_weight * wrong @ off)
        return value, np.array(gradient) + np.array([shift / prior.shift_sd**2, (slope - 1) / prior.slope_sd**2])

    optimum: Any = minimize(cost, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B", bounds=[(None, None), SLOPES])
    shift, slope = optimum.x
    return float(slope), float(shift + middle - slope * middle)


def evidence(churned: np.ndarray, accounts: pd.Series[str]) -> float:
    """The weight of a row: accounts per row, of the outcome that fewer accounts have.

    An account's successive dates are nearly copies, so a hundred rows of ten accounts weigh as much as ten rows
    (the design effect of clusters, Kish 1965).
    """
    left = churned == 1
    accounts_of, rows_of = min((accounts[side].nunique(), int(side.sum())) for side in (left, ~left) if side.any())
    return float(accounts_of / rows_of)


def log_losses(margin: np.ndarray, churned: np.ndarray) -> np.ndarray:
    """Log loss of each row's log-odds, nats."""
    return np.asarray(np.logaddexp(0, margin) - churned * margin)
