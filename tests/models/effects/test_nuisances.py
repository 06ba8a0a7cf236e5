"""What an account would have done, and its chance to get a playbook: never learned from the account itself."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.models.effects.nuisances import Learner, chance_to_get, folds_by_account, matrix, untreated_outcome

ROWS = 400
FOLD = np.arange(ROWS) % 4
RNG = np.random.default_rng(5)
X = RNG.normal(size=(ROWS, 3))
LEFT = (X[:, 0] > 0.5).astype(float)
BASE = np.zeros(ROWS)


def test_texts_become_indicators_and_unknown_numbers_stay_unknown() -> None:
    made = matrix(pd.DataFrame({"a__b__now": [1.0, None, 3.0, 2.0], "a__text__now": ["x", "y", None, "x"]}))
    np.testing.assert_array_equal(made, [[1, 1, 0], [np.nan, 0, 1], [3, 0, 0], [2, 1, 0]])


def test_all_rows_of_an_account_are_in_one_fold_and_the_folds_are_equal() -> None:
    accounts = pd.Series([f"A{n % 40}" for n in range(200)])
    fold = folds_by_account(accounts, 4, seed=1)
    assert pd.Series(fold).groupby(accounts).nunique().max() == 1
    assert np.bincount(fold).tolist() == [50, 50, 50, 50]


def test_the_outcome_of_a_row_never_reaches_its_own_expectation() -> None:
    everybody, turned = np.ones(ROWS, dtype=bool), np.where(FOLD == 2, 1 - LEFT, LEFT)
    first, second = (untreated_outcome(Learner(X, 1, 1), y, everybody, FOLD, BASE) for y in (LEFT, turned))
    np.testing.assert_array_equal(first[FOLD == 2], second[FOLD == 2])
    assert (first != second).any()


def test_what_treated_rows_did_never_reaches_what_is_expected_without_treatment() -> None:
    untreated = np.arange(ROWS) % 5 > 0
    turned = np.where(untreated, LEFT, 1 - LEFT)
    first, second = (untreated_outcome(Learner(X, 1, 1), y, untreated, FOLD, BASE) for y in (LEFT, turned))
    np.testing.assert_array_equal(first, second)


def test_the_chance_follows_what_decides_and_is_unknown_where_nothing_is_compared() -> None:
    treated = X[:, 1] + 0.5 * RNG.normal(size=ROWS) > 0.8
    compared = np.arange(ROWS) < 360
    chance = chance_to_get(Learner(X, 1, 1), treated, compared, FOLD)
    assert np.isnan(chance[360:]).all()
    assert chance[:360][X[:360, 1] > 1].mean() > 2 * chance[:360][X[:360, 1] < 0].mean()
