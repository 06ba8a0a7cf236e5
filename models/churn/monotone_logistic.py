"""A logistic regression whose coefficients keep to known signs: scikit-learn's own has no such constraint."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

SIGNS = {-1: (None, 0.0), 0: (None, None), 1: (0.0, None)}


def fit_monotone(
    matrix: np.ndarray, churned: np.ndarray, directions: np.ndarray, c: float, weights: np.ndarray | None = None
) -> LogisticRegression:
    """Minimise scikit-learn's own objective, C * log loss + half the squared coefficients, within the signs.

    By L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995, doi:10.1137/0916069).

    Parameters
    ----------
    matrix
        Shape (rows, columns): scaled, without gaps.
    churned
        Shape (rows,): 0/1.
    directions
        Shape (columns,): 1 where more may only raise the risk, -1 where it may only lower it, 0 where both may be.
    c
        Inverse strength of the penalty.
    weights
        Shape (rows,): how much each row teaches. None: all alike.

    Returns
    -------
    LogisticRegression
        As scikit-learn would have fitted it, so that it is stored and read without this project.
    """
    weights = np.ones(len(churned)) if weights is None else weights
    rate = np.clip((weights * churned).sum() / weights.sum(), 1e-6, 1 - 1e-6)

    def cost(line: np.ndarray) -> tuple[float, np.ndarray]:
        """The objective of (intercept, coefficients), a row's share of it, and its gradient."""
        margin = line[0] + matrix @ line[1:]
        wrong = weights * (expit(margin) - churned)
        value = (weights * (np.logaddexp(0, margin) - churned * margin)).sum() + line[1:] @ line[1:] / c / 2
        change = np.concatenate([[wrong.sum()], matrix.T @ wrong + line[1:] / c])
        return value / len(churned), change / len(churned)

    start = np.concatenate([[np.log(rate / (1 - rate))], np.zeros(matrix.shape[1])])
    limits = [(None, None), *(SIGNS[int(sign)] for sign in directions)]
    optimum: Any = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=limits, options={"gtol": 1e-3})
    model: Any = LogisticRegression(C=c)
    model.classes_, model.n_features_in_ = np.array([0, 1]), matrix.shape[1]
    model.intercept_, model.coef_ = optimum.x[:1], optimum.x[None, 1:]
    model.n_iter_ = np.array([optimum.nit], dtype=np.int32)
    fitted: LogisticRegression = model
    return fitted
