"""Small feature matrices for the tests of the models."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from rind.models.churn import backtest, estimators
from rind.models.churn.estimators import Hyperparameters
from rind.models.churn.settings import FitSettings
from rind.models.common.settings import LabelWindow
from rind.models.common.snapshots import Snapshots
from rind.pipelines.params import load

OUTCOME = LabelWindow(horizon_days=28, grace_days=7)
QUICK = Hyperparameters(num_leaves=4, n_estimators=10, min_child_samples=5, learning_rate=0.2)
SHIPPED: FitSettings = load().model
SETTINGS = SHIPPED.model_copy(update={"bags": 2, "min_churned_for_boosting": 10, "min_accounts_per_level": 3})
fit = partial(estimators.fit, threads=1, seed=7)
DIRECTIONS = {"usage__fell__28d": 1, "tickets__open__now": 0}
FIRST = date(2024, 1, 1)


def roll(rows: pd.DataFrame, *args: Any, threads: int = 1, seed: int = 7, **kwargs: Any) -> backtest.Rolled:
    """`backtest.roll` over rows that lie in memory."""
    return backtest.roll(Snapshots.held(rows), *args, threads=threads, seed=seed, **kwargs)


def dates(weeks: int = 30, every_days: int = 7) -> list[date]:
    return [FIRST + timedelta(days=every_days * n) for n in range(weeks)]


def matrix(seed: int = 0, accounts: int = 60, weeks: int = 30) -> pd.DataFrame:
    """One row per (account_id, as_of): numbers with gaps, a text with a gap, and an outcome that they foretell.

    As in a real history the last dates have no outcome yet.
    """
    rng = np.random.default_rng(seed)
    days = dates(weeks)
    rows = pd.DataFrame(
        [(f"a{a:03d}", pd.Timestamp(day)) for day in days for a in range(accounts)], columns=["account_id", "as_of"]
    )
    count = len(rows)
    fell = rng.normal(size=count) + np.tile(rng.normal(size=accounts), weeks)
    rows["usage__fell__28d"] = np.where(rng.random(count) < 0.1, np.nan, fell)
    rows["tickets__open__now"] = rng.poisson(2, count).astype(float)
    rows["surveys__nps__364d"] = np.where(rng.random(count) < 0.5, np.nan, rng.integers(0, 11, count))
    rows["commercial__same__now"] = 1.0
    segment = np.tile(rng.choice(["big", "small", "tiny"], accounts, p=[0.5, 0.4, 0.1]), weeks)
    rows["commercial__segment__now"] = pd.Series(np.where(rng.random(count) < 0.05, None, segment), dtype="str")
    odds = -1.5 + 1.2 * fell + 0.5 * (segment == "small")
    rows["churned"] = (rng.random(count) < 1 / (1 + np.exp(-odds))).astype(float)
    rows.loc[rows["as_of"] > pd.Timestamp(OUTCOME.last_trainable(days[-1])), "churned"] = np.nan
    return rows
