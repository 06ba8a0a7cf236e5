from __future__ import annotations

import pandas as pd
import pytest
from model_frames import DIRECTIONS, OUTCOME, QUICK, SETTINGS, dates, matrix, roll

from rind.models.churn import family_shap
from rind.models.churn.backtest import Rolled
from rind.models.common.splits import rolling_folds

FOLDS = rolling_folds(dates(30), OUTCOME, refit_every_days=42, min_train_dates=4)


ONE_BAG = SETTINGS.model_copy(update={"bags": 1})


def roll_all(rows: pd.DataFrame, spec=ONE_BAG) -> Rolled:
    return roll(rows, FOLDS, DIRECTIONS, QUICK, spec, train_every_days=7)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return matrix(accounts=40)


@pytest.fixture(scope="module")
def rolled(rows: pd.DataFrame) -> Rolled:
    return roll_all(rows)


def test_what_drove_a_prediction_is_told_family_by_family(rows: pd.DataFrame, rolled: Rolled) -> None:
    some = rows.head(30)
    explained = family_shap.explain(rolled.final, some, 0)
    shap, base = rolled.final.contributions(some)
    families = {f.split("__")[0] for f in shap.columns}
    assert len(families) > 2
    for family in families:
        own = shap[[f for f in shap.columns if f.startswith(f"{family}__")]].sum(axis=1)
        assert explained[f"shap_{family}"].to_numpy() == pytest.approx(own.to_numpy(), abs=1e-5)
    assert explained["shap_base"].to_numpy() == pytest.approx(base, abs=1e-5)
