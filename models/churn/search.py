"""Hyper-parameters, searched on inner temporal folds that end before the first reported date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from rind.models.churn.backtest import blended, log_loss, roll, training_rows
from rind.models.churn.estimators import Hyperparameters
from rind.models.churn.settings import FitSettings
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.common.settings import LabelWindow
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import Fold

STARTS = (
    Hyperparameters(),
    Hyperparameters(
        num_leaves=8, n_estimators=300, learning_rate=0.03, min_child_samples=30, feature_fraction=0.3, lambda_l2=5.0
    ),
)
"""Tried first: what won on made-up companies, small steady trees and deeper ones (docs/adr/0022)."""


def inner_folds(folds: Sequence[Fold], first_reported: date, window: LabelWindow, most: int) -> list[Fold]:
    """The latest ``most`` folds of which some test outcome was observed before ``first_reported``."""
    last = window.last_trainable(first_reported)
    inner = [fold for fold in folds if fold.trained_as_of <= last]
    return [replace(f, test_until=min(f.test_until, last)) for f in inner[-most:] if f.trained_as_of < last]


def search(
    snapshots: Snapshots,
    folds: Sequence[Fold],
    directions: Mapping[str, int],
    settings: FitSettings,
    train_every_days: int,
    trials: int,
    progress: Callable[[str], None] = lambda _: None,
    outcomes: KnownOutcomes | None = None,
    *,
    threads: int,
    seed: int,
) -> tuple[Hyperparameters, list[dict[str, float]]]:
    """Minimise the mean log loss of the uncalibrated blend, at its set weight, over the inner folds (seeded TPE).

    The budget is a number of trials, not seconds, so that a slow machine finds the same model.

    Parameters
    ----------
    snapshots
        As for `models.churn.backtest.roll`; ``churned`` is what the trials are judged by: as known at the first
        reported date.
    outcomes
        As for `models.churn.backtest.roll`.
    threads, seed
        As for `models.churn.backtest.roll`; the seed is that of the search too.

    Returns
    -------
    tuple
        The best parameters (the defaults, when there is no inner fold with outcomes) and one record per trial.
    """
    offered = partial(training_rows, snapshots.outcomes, train_every_days=train_every_days, outcomes=outcomes)
    usable = [fold for fold in folds if _has_both(offered(fold)) and _has_both(_test(snapshots.outcomes, fold))]
    if not usable or trials < 1:
        return Hyperparameters(), []
    one_bag = settings.model_copy(update={"bags": 1})
    trial_of = partial(roll, snapshots, usable, directions, threads=threads, seed=seed, outcomes=outcomes)

    def loss(trial: Any) -> float:
        """Of one trial's parameters, over all folds."""
        progress(f"search: trial {trial.number + 1} of {trials}")
        rolled = trial_of(suggest(trial), one_bag, train_every_days)
        known = rolled.predictions[rolled.predictions["churned"].notna()]
        # Where no trees are grown both margins are the logistic regression's.
        return log_loss(blended(known, settings.boosting_weight), known["churned"].to_numpy(dtype=np.float64))

    study = _study(seed, trials)
    study.optimize(loss, n_trials=trials)
    records = [{"log_loss": t.value, **t.params} for t in study.trials]
    return Hyperparameters(**study.best_params), records


def _study(seed: int, trials: int) -> Any:
    """Half of the trials at random, what won elsewhere first."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=trials // 2))
    for start in STARTS:
        study.enqueue_trial(asdict(start), skip_if_exists=True)
    return study


def suggest(trial: Any) -> Hyperparameters:
    """The space: small trees, strong shrinkage."""
    return Hyperparameters(
        num_leaves=trial.suggest_int("num_leaves", 3, 12),
        n_estimators=trial.suggest_int("n_estimators", 80, 320, step=20),
        learning_rate=trial.suggest_float("learning_rate", 0.02, 0.1, log=True),
        min_child_samples=trial.suggest_int("min_child_samples", 30, 400, log=True),
        feature_fraction=trial.suggest_float("feature_fraction", 0.15, 0.8),
        lambda_l2=trial.suggest_float("lambda_l2", 1.0, 200.0, log=True),
        logistic_c=trial.suggest_float("logistic_c", 2e-4, 0.02, log=True),
    )


def _test(table: pd.DataFrame, fold: Fold) -> pd.DataFrame:
    return table[fold.rows_to_test(table["as_of"]) & table["churned"].notna().to_numpy()]


def _has_both(rows: pd.DataFrame) -> bool:
    return bool((rows["churned"] == 1).any() and (rows["churned"] == 0).any())
