from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_frames import DIRECTIONS, QUICK, SETTINGS, SHIPPED, fit, matrix
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from rind.models.churn.estimators import Hyperparameters, _fit_logistic, choose_columns, feature_columns
from rind.models.churn.monotone_logistic import fit_monotone
from rind.models.churn.scorer import Scorer
from rind.models.common.calendar import TERM_END

BLEND, LOGISTIC_ONLY = "blend", "logistic"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return matrix(accounts=80, weeks=20)


@pytest.fixture(scope="module")
def scorers(rows: pd.DataFrame) -> dict[str, Scorer]:
    train = rows[rows["churned"].notna()]
    few = SETTINGS.model_copy(update={"min_churned_for_boosting": 10_000})
    blend = replace(fit(train, DIRECTIONS, QUICK, SETTINGS), slope=0.8, intercept=-0.3)
    return {BLEND: blend, LOGISTIC_ONLY: replace(fit(train, DIRECTIONS, QUICK, few), slope=1.3, intercept=0.2)}


def test_the_boosting_is_held_to_the_catalogues_direction(rows: pd.DataFrame) -> None:
    train = rows[rows["churned"].notna()]
    values = np.linspace(-5, 5, 41)
    probes = pd.DataFrame(np.repeat(rows.tail(30).to_numpy(), 41, axis=0), columns=rows.columns).infer_objects()
    probes["usage__fell__28d"] = np.tile(values, 30)

    def steps(direction: int) -> np.ndarray:
        fitted = fit(train, {"usage__fell__28d": direction}, QUICK, SETTINGS)
        return np.diff(fitted.boosting_margin(fitted.encode(probes)).reshape(30, 41), axis=1)

    assert (steps(1) >= -1e-12).all()
    assert steps(1).max() > 0
    # Held to the wrong direction, it can only ignore what the data say.
    assert (steps(-1) <= 1e-12).all()


def test_only_features_that_vary_are_used_and_the_rest_is_named(rows: pd.DataFrame, scorers: dict[str, Scorer]) -> None:
    notes = scorers[BLEND].notes
    assert notes["left_out"] == ["commercial__same__now"]
    assert notes["model"] == "blend"
    assert notes["churned_accounts"] == rows.loc[rows["churned"] == 1, "account_id"].nunique()
    assert scorers[LOGISTIC_ONLY].notes["model"] == "logistic"
    assert scorers[LOGISTIC_ONLY].boosters == ()
    assert scorers[LOGISTIC_ONLY].weight == 0.0


def test_columns_are_features_only_with_both_double_underscores() -> None:
    frame = pd.DataFrame(columns=["account_id", "as_of", "churned", "usage__x__28d", "a__b", "c_d_e"])
    assert feature_columns(frame) == ["usage__x__28d"]


def test_a_level_needs_enough_accounts_not_rows() -> None:
    frame = pd.DataFrame({"account_id": ["a", "b", "c"] + ["d"] * 50, "c__plan__now": ["x", "x", "x"] + ["rare"] * 50})
    _, levels = choose_columns(frame, SHIPPED.model_copy(update={"min_accounts_per_level": 3}))
    assert levels == {"c__plan__now": ("x",)}
    _, levels = choose_columns(frame, SHIPPED.model_copy(update={"min_accounts_per_level": 1}))
    assert levels == {"c__plan__now": ("rare", "x")}


def test_bags_differ_by_seed_and_the_same_seed_gives_the_same_model(rows: pd.DataFrame) -> None:
    train = rows[rows["churned"].notna()]
    one, same, other = (fit(train, DIRECTIONS, QUICK, SETTINGS, seed=seed).boosting_margin for seed in (1, 1, 2))
    encoded = fit(train, DIRECTIONS, QUICK, SETTINGS).encode(rows)
    assert (one(encoded) == same(encoded)).all()
    assert (one(encoded) != other(encoded)).any()
    first, second = fit(train, DIRECTIONS, QUICK, SETTINGS).boosters
    assert (np.asarray(first.predict(encoded)) != np.asarray(second.predict(encoded))).any()


def test_rows_teach_both_models_by_their_weight(rows: pd.DataFrame) -> None:
    train = rows[rows["churned"].notna()]
    heard = train.assign(weight=np.where(train["churned"] == 1, 1.0, 0.2))
    alike, weighed, ones = (fit(one, DIRECTIONS, QUICK, SETTINGS) for one in (train, heard, train.assign(weight=1.0)))
    encoded = alike.encode(rows)
    for name in ("boosting_margin", "logistic_margin"):
        assert (getattr(weighed, name)(encoded) - getattr(alike, name)(encoded)).mean() > 0.5
        assert np.array_equal(getattr(ones, name)(encoded), getattr(alike, name)(encoded))
    assert "weight" not in weighed.features


def test_two_regimes_of_leaving_are_fitted_apart_and_their_parts_still_add_up(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = 1200
    inside = rng.random(rows) < 0.5
    use, late = rng.normal(size=rows), rng.normal(size=rows)
    late[~inside] = np.nan  # known in one regime only
    margin = np.where(inside, -2 * use, 2 * use) - 0.5 + inside
    frame = pd.DataFrame(
        {
            "account_id": [f"a{n}" for n in range(rows)],
            "usage__x__28d": use,
            "commercial__late__now": late,
            TERM_END: inside.astype(float),
            "churned": (rng.random(rows) < 1 / (1 + np.exp(-margin))).astype(float),
        }
    )
    alone = SHIPPED.model_copy(update={"min_churned_for_boosting": 10_000})
    scorer = fit(frame, {}, Hyperparameters(logistic_c=1.0), alone)
    assert scorer.regime == TERM_END
    assert len(scorer.logistics) == 2
    parts, base = scorer.contributions(frame)
    np.testing.assert_allclose(parts.sum(axis=1) + base, scorer.margin(frame), atol=1e-6)
    assert np.corrcoef(scorer.margin(frame), margin)[0, 1] > 0.95  # one regression could not turn its sign
    scorer.save(tmp_path / "model")
    np.testing.assert_allclose(Scorer.load(tmp_path / "model").margin(frame), scorer.margin(frame), atol=1e-12)


def test_a_fitted_logistic_regression_leaves_the_rows_that_it_scores_as_they_are() -> None:
    rows = matrix(accounts=40)
    fitted = fit(rows[rows["churned"].notna()], DIRECTIONS, QUICK, SETTINGS)
    encoded = fitted.encode(rows).astype("float64")
    before = encoded.copy()
    fitted.logistics[0].decision_function(encoded)
    assert np.array_equal(encoded, before, equal_nan=True)


def test_the_steps_of_the_logistic_regression_are_those_of_scikit_learn() -> None:
    """With gaps, a column without any value, one of a single value, and a whole one."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, 25)).astype(np.float32)
    rows[rng.random(500) < 0.3, 0], rows[:, 3], rows[:, 4] = np.nan, np.nan, 2.0
    rows[rng.random(500) < 0.6, 20] = np.nan
    churned = (rng.random(500) < 1 / (1 + np.exp(-rows[:, 1]))).astype(np.int64)
    fitted = _fit_logistic(rows.copy(), churned, np.ones(500), [0] * 25, Hyperparameters(logistic_c=0.1))
    ranks = QuantileTransformer(n_quantiles=50, subsample=20_000, random_state=0)
    gaps = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    own = Pipeline([("ranks", ranks), ("gaps", gaps), ("scale", StandardScaler())])
    scaled = own.fit_transform(np.where(np.isnan(rows).all(axis=0), 0.0, rows).astype(np.float64))
    logistic = fit_monotone(scaled, churned, np.zeros(27), 0.1)
    assert np.asarray(Pipeline(fitted.steps[:-1]).transform(rows.astype(np.float64))[:, :3]) == pytest.approx(
        scaled[:, :3], abs=1e-12
    )
    assert fitted.steps[-1][1].coef_ == pytest.approx(logistic.coef_, abs=1e-9)
    assert fitted.steps[-1][1].intercept_ == pytest.approx(logistic.intercept_, abs=1e-9)
