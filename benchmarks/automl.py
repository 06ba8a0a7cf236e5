"""FLAML beside the others: an AutoML that tunes LightGBM by itself. It is in the extra `bench` only."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

SECONDS_A_FIT = 30
"""What its search may take on each fold, on one core."""


def installed() -> bool:
    """Whether FLAML and what it needs are there."""
    return all(find_spec(name) is not None for name in ("flaml", "xgboost"))


class Flaml:
    """FLAML's search for a classifier, with one account's rows on one side of each split; scikit-learn's methods.

    Parameters
    ----------
    accounts
        The account of each training row.
    """

    def __init__(self, accounts: pd.Series[str], seed: int) -> None:
        self.accounts, self.seed = accounts, seed

    def fit(self, known: np.ndarray, churned: pd.Series[int]) -> Flaml:
        """Search and fit within `SECONDS_A_FIT`."""
        self.model: Any = import_module("flaml.automl.automl").AutoML()
        self.model.fit(
            known, churned.to_numpy(), task="classification", metric="log_loss", estimator_list=["lgbm"],
            time_budget=SECONDS_A_FIT, n_jobs=1, seed=self.seed, verbose=0, split_type="group",
            groups=pd.factorize(self.accounts)[0], eval_method="cv", n_splits=3,
        )  # fmt: skip
        return self

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        """Shape (rows, 2)."""
        return np.asarray(self.model.predict_proba(rows))
