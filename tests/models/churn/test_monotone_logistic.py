from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from rind.models.churn.estimators import Hyperparameters
from rind.models.churn.monotone_logistic import fit_monotone
from tests.model_frames import DIRECTIONS, SETTINGS, fit, matrix


def made(seed: int = 0, rows: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(rows, 3))
    risk = 1 / (1 + np.exp(2 - columns @ np.array([1.0, -0.7, 0.2])))
    return columns, (rng.random(rows) < risk).astype(np.int64)


@pytest.mark.parametrize("c", [0.001, 0.1, 10.0])
@pytest.mark.parametrize("directions", [(0, 0, 0), (1, -1, 1)])
def test_signs_that_the_data_agree_with_change_nothing(c: float, directions: tuple[int, ...]) -> None:
    columns, churned = made()
    ours = fit_monotone(columns, churned, np.array(directions), c)
    theirs = LogisticRegression(C=c, tol=1e-8).fit(columns, churned)
    assert ours.decision_function(columns) == pytest.approx(theirs.decision_function(columns), abs=0.02)
    assert ours.predict_proba(columns[:5]).shape == (5, 2)


def test_a_sign_that_the_data_contradict_gives_no_weight_at_all() -> None:
    columns, churned = made()
    found = fit_monotone(columns, churned, np.array([-1, 1, 0]), 1.0).coef_[0]
    assert found[0] == 0.0
    assert found[1] == 0.0
    assert found[2] > 0.1


@pytest.mark.parametrize("monotone", [True, False])
def test_more_of_what_the_catalogue_calls_bad_never_lowers_a_risk(monotone: bool) -> None:
    rows = matrix(accounts=40)
    rows["churned"] = 1 - rows["churned"]  # the data say the contrary of the catalogue
    learnable = rows[rows["churned"].notna()]
    settings = SETTINGS if monotone else SETTINGS.model_copy(update={"monotone": False})
    model = fit(learnable, DIRECTIONS, Hyperparameters(logistic_c=1.0), settings)
    for name, sign in DIRECTIONS.items():
        if name not in model.numeric or not sign:
            continue
        known = learnable[learnable[name].notna()]
        encoded, raised = model.encode(known), model.encode(known.assign(**{name: known[name] + sign * 2.0}))
        rise = pd.Series(model.logistic_margin(raised) - model.logistic_margin(encoded))
        assert bool((rise >= -1e-9).all()) is monotone, name


def test_rows_teach_by_their_weight_as_in_scikit_learn() -> None:
    columns, churned = made()
    weights = np.where(np.arange(len(churned)) % 3, 1.0, 0.25)
    ours = fit_monotone(columns, churned, np.zeros(3), 0.1, weights)
    theirs = LogisticRegression(C=0.1, tol=1e-8).fit(columns, churned, sample_weight=weights)
    assert ours.decision_function(columns) == pytest.approx(theirs.decision_function(columns), abs=0.02)
