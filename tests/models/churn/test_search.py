from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from model_frames import DIRECTIONS, OUTCOME, SETTINGS, dates, matrix

from rind.models.churn import search as module
from rind.models.churn.estimators import Hyperparameters
from rind.models.churn.search import inner_folds, suggest
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import rolling_folds

FOLDS = rolling_folds(dates(30), OUTCOME, refit_every_days=28, min_train_dates=4)
ONE_BAG = SETTINGS.model_copy(update={"bags": 1, "min_churned_for_boosting": 5})


def search(rows: pd.DataFrame, *args: Any, **kwargs: Any) -> tuple[Hyperparameters, list[dict[str, float]]]:
    return module.search(Snapshots.held(rows), *args, threads=1, seed=7, **kwargs)


@pytest.fixture(autouse=True)
def small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    def small(trial: optuna.Trial) -> Hyperparameters:
        return replace(suggest(trial), n_estimators=8, min_child_samples=5)

    monkeypatch.setattr(module, "suggest", small)


def test_inner_folds_end_before_the_first_reported_date_by_the_whole_embargo() -> None:
    reported = FOLDS[4].trained_as_of
    inner = inner_folds(FOLDS, reported, OUTCOME, most=2)
    assert 0 < len(inner) <= 2
    for fold in inner:
        last_tested = fold.test_until - timedelta(days=1)
        assert last_tested + timedelta(days=28 + 7) < reported
        assert fold.trained_as_of < fold.test_until
    assert inner_folds(FOLDS, FOLDS[0].trained_as_of, OUTCOME, most=2) == []


def test_no_outcome_of_the_reported_past_changes_what_is_found() -> None:
    rows, other = matrix(accounts=25), matrix(accounts=25)
    reported = FOLDS[4].trained_as_of
    unseen = other["as_of"] + pd.Timedelta(days=28 + 7) >= pd.Timestamp(reported)
    other.loc[unseen, "churned"] = np.random.default_rng(0).integers(0, 2, int(unseen.sum())).astype(float)
    inner = inner_folds(FOLDS, reported, OUTCOME, most=1)
    one, same = (search(r, inner, DIRECTIONS, ONE_BAG, 14, trials=4) for r in (rows, other))
    assert one == same
    chosen, trials = one
    assert len(trials) == 4
    assert isinstance(chosen, Hyperparameters)
    assert min(trials, key=lambda t: t["log_loss"])["logistic_c"] == chosen.logistic_c


def test_the_defaults_are_the_first_trial_so_that_a_search_is_never_worse_than_none() -> None:
    inner = inner_folds(FOLDS, FOLDS[4].trained_as_of, OUTCOME, most=1)
    _, trials = search(matrix(accounts=25), inner, DIRECTIONS, ONE_BAG, 14, trials=1)
    assert trials[0]["num_leaves"] == Hyperparameters().num_leaves
    assert trials[0]["learning_rate"] == Hyperparameters().learning_rate


@pytest.mark.parametrize("trials", [0, 3])
def test_without_a_budget_or_without_inner_folds_the_defaults_stand(trials: int) -> None:
    folds = FOLDS[:1] if trials == 0 else []
    assert search(matrix(accounts=25), folds, DIRECTIONS, ONE_BAG, 14, trials) == (Hyperparameters(), [])
