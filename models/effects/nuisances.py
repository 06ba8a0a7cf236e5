"""What an account would have done without the playbook, and how likely it was to get it: out of fold, by account."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

ROUNDS = 50
MOST_LEVELS = 12
TREES: dict[str, Any] = {
    "num_leaves": 6, "learning_rate": 0.08, "min_child_samples": 40, "lambda_l2": 10.0, "feature_fraction": 0.3,
    "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 31, "verbosity": -1, "deterministic": True,
    "force_col_wise": True,
}  # fmt: skip
"""Small trees, as the churn model has them: the outcomes are few."""


class Learner:
    """Learns from some rows of one matrix and predicts for others; the matrix is binned once.

    ``threads``: fits at once. Each takes one core: two threads of LightGBM wait for each other where others work too.
    """

    def __init__(self, x: Floats, threads: int, seed: int) -> None:
        self.x, self.threads = x, threads
        self._params: dict[str, Any] = {**TREES, "num_threads": 1, "seed": seed}
        self._data = lgb.Dataset(x, np.zeros(len(x)), params=self._params, free_raw_data=False).construct()

    def fit_predict(
        self, train: Bools, target: Floats, rows: Bools, objective: str, base: Floats | None = None
    ) -> Floats:
        """Predictions for ``rows``, learned from the targets of ``train``; ``base``: log-odds from which rows start."""
        data = self._data.subset(np.flatnonzero(train).tolist()).construct()
        data.set_label(target[train])
        if base is not None:
            data.set_init_score(base[train])
        booster = lgb.train({**self._params, "objective": objective}, data, ROUNDS)
        raw = np.asarray(booster.predict(self.x[rows], raw_score=True, num_threads=1), dtype=np.float64)
        raw = raw if base is None else raw + base[rows]
        return raw if objective == "regression" else 1 / (1 + np.exp(-raw))


def matrix(covariates: pd.DataFrame) -> Floats:
    """Covariates as numbers: NaN where unknown, texts as 0/1 indicators of their most frequent values."""
    columns: list[Floats] = []
    for name in covariates:
        values = covariates[name]
        if pd.api.types.is_numeric_dtype(values):
            columns.append(values.to_numpy("float64", na_value=np.nan))
        else:
            levels = values.value_counts().index[:MOST_LEVELS]
            columns += [(values == level).to_numpy("float64", na_value=0.0) for level in levels]
    return np.column_stack(columns) if columns else np.zeros((len(covariates), 0))


def folds_by_account(accounts: pd.Series, folds: int, seed: int) -> Ints:
    """The fold of each row, all rows of an account in one."""
    codes, names = pd.factorize(accounts, sort=True)
    return np.asarray(np.random.default_rng(seed).permutation(len(names))[codes] % folds, dtype=np.intp)


def untreated_outcome(learner: Learner, outcome: Floats, untreated: Bools, fold: Ints, base: Floats | None) -> Floats:
    """What each row's outcome would be without an intervention, learned from untreated rows of other accounts.

    NaN where the other folds hold fewer untreated rows than a leaf needs. ``base``: the log-odds of the churn model, on
    which it builds where the outcome is leaving; None: a number is meant.
    """
    expected = np.full(len(outcome), np.nan)
    objective = "regression" if base is None else "binary"

    def fill(part: int) -> None:
        """Write the rows of one fold."""
        rows = fold == part
        others = untreated & ~rows
        if others.sum() >= TREES["min_child_samples"]:
            expected[rows] = learner.fit_predict(others, outcome, rows, objective, base)

    _at_once(learner.threads, fill, np.unique(fold))
    return expected


def chance_to_get(learner: Learner, treated: Bools, compared: Bools, fold: Ints) -> Floats:
    """Propensity: how likely each compared row was to get the playbook, rather than none, learned from other accounts.

    NaN for rows that are not compared.
    """
    chance = np.full(len(treated), np.nan)
    share = float(treated[compared].mean())
    base = np.full(len(treated), np.log(share / (1 - share)))

    def fill(part: int) -> None:
        """Write the rows of one fold."""
        rows = compared & (fold == part)
        chance[rows] = learner.fit_predict(compared & ~rows, treated.astype(float), rows, "binary", base)

    _at_once(learner.threads, fill, np.unique(fold[compared]))
    return chance


def _at_once(threads: int, fill: Callable[[int], None], folds: Ints) -> None:
    """Fill the folds, so many at a time; what one raises is raised."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, folds))
