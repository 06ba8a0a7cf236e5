"""Calibration: turning a margin into a probability that can be taken at its word."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.linear_model import LogisticRegression


def fit_line(
    margin: np.ndarray, churned: np.ndarray, accounts: pd.Series[str], min_accounts: int
) -> tuple[float, float]:
    """Slope and intercept that calibrate a margin (Platt 1999), fitted on out-of-sample predictions.

    A line keeps SHAP values additive. With fewer than ``min_accounts`` accounts of either outcome only the
    intercept is corrected: an account's successive dates are nearly copies, so rows say little of how much is known.
    The slope is kept within [0.2, 2]: a model that ranks the wrong way round by chance must not be turned over.

    Parameters
    ----------
    margin, churned
        Shape (rows,): log-odds and 0/1.
    accounts
        Shape (rows,): the account of each row.
    """
    left = churned == 1
    if min(fewest_of_either(left, accounts), left.sum(), (~left).sum()) < max(min_accounts, 1):
        return 1.0, _intercept(margin, int(left.sum()))
    line = LogisticRegression(C=1e6, max_iter=200).fit(margin[:, None], churned)
    slope = float(np.clip(line.coef_[0, 0], 0.2, 2.0))
    return slope, _intercept(slope * margin, int(left.sum()))


def fewest_of_either(left: np.ndarray, accounts: pd.Series[str]) -> int:
    """Distinct accounts that left, or that stayed on some date: the fewer of the two."""
    return min(accounts[left].nunique(), accounts[~left].nunique())


def _intercept(margin: np.ndarray, lost: int) -> float:
    """The shift after which the mean probability is the observed rate (half a case is added to either side)."""
    rate = (lost + 0.5) / (len(margin) + 1)
    if len(margin) == 0:
        return 0.0
    return float(brentq(lambda shift: expit(margin + shift).mean() - rate, -60.0, 60.0))
