from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_frames import DIRECTIONS, SETTINGS, fit, matrix

from rind.models.churn import scorer, tree_shap
from rind.models.churn.estimators import Hyperparameters
from rind.models.churn.search import STARTS
from rind.models.churn.tree_shap import TreeTables, tables_of

FEW_ROWS = 300


def rows(seed: int, count: int = FEW_ROWS) -> np.ndarray:
    """Six columns: with gaps, with many zeros, with few values, with infinite ones, almost always unknown, the same."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, 6))
    values[rng.random(count) < 0.3, 0] = np.nan
    values[:, 1] = np.where(rng.random(count) < 0.5, 0.0, values[:, 1])
    values[:, 2] = rng.integers(0, 4, count)
    values[rng.random(count) < 0.2, 3] = rng.choice([-np.inf, np.inf])
    values[rng.random(count) < 0.8, 4] = np.nan
    values[:, 5] = 1.0
    return values


def outcome(values: np.ndarray, seed: int = 0) -> np.ndarray:
    known = np.nan_to_num(values, posinf=3.0, neginf=-3.0)
    odds = known[:, 0] * known[:, 1] + np.isnan(values[:, 4]) - known[:, 2] * (known[:, 3] > 0)
    return (odds + np.random.default_rng(seed).normal(size=len(values)) > 0).astype(float)


def booster(values: np.ndarray, given: np.ndarray | None = None, **params: Any) -> lgb.Booster:
    """Twelve trees, of an outcome of its own or a given one."""
    small = {"objective": "binary", "num_leaves": 6, "min_child_samples": 5}
    settings = {**small, "verbosity": -1, "num_threads": 1, "seed": 3, **params}
    categories = settings.pop("categories", "auto")
    known = outcome(values) if given is None else given
    data = lgb.Dataset(values, known, params=settings, categorical_feature=categories)
    return lgb.train(settings, data, num_boost_round=12)


def made(*boosters: lgb.Booster) -> TreeTables:
    tables = tables_of(boosters)
    assert tables is not None
    return tables


def off(boosters: list[lgb.Booster], values: np.ndarray) -> float:
    """The largest difference to LightGBM's own, mean over the boosters."""
    theirs = np.mean([np.asarray(one.predict(values, pred_contrib=True, num_threads=1)) for one in boosters], axis=0)
    return float(np.abs(made(*boosters).contributions(values) - theirs).max())


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    leaves=st.integers(2, 16),
    missing=st.sampled_from([{}, {"zero_as_missing": True}, {"use_missing": False}]),
    bagging=st.sampled_from([{}, {"bagging_fraction": 0.5, "bagging_freq": 1}]),
)
def test_they_are_those_of_lightgbm_whatever_is_missing(
    seed: int, leaves: int, missing: dict[str, bool], bagging: dict[str, float]
) -> None:
    one = booster(rows(seed), num_leaves=leaves, **missing, **bagging)
    other = booster(rows(seed + 1), num_leaves=leaves, learning_rate=0.3, **missing)
    matrix = np.vstack([rows(seed), rows(seed + 2), np.full((1, 6), np.nan), np.zeros((1, 6)), np.full((1, 6), 1e-36)])
    assert off([one, other], matrix) < 1e-9


@pytest.mark.parametrize("hyper", STARTS)
def test_they_are_those_of_lightgbm_with_the_settings_of_the_model(hyper: Hyperparameters) -> None:
    train = matrix(accounts=150, weeks=20)
    fitted = fit(train[train["churned"].notna()], DIRECTIONS, hyper, SETTINGS)
    values = np.asarray(fitted.encode(train), dtype=np.float64)
    assert len(fitted.boosters) == SETTINGS.bags
    assert off(list(fitted.boosters), values) < 1e-9


def test_a_feature_that_splits_a_way_several_times_counts_once() -> None:
    values = rows(1, 1000)[:, :1]
    deep = booster(values, np.sin(4 * np.nan_to_num(values[:, 0])), objective="regression", num_leaves=12)
    assert off([deep], values) < 1e-9


def test_trees_that_are_cut_into_branches_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    one, values = booster(rows(4, 800), num_leaves=10), rows(5)
    whole = made(one)
    for splits in (1, 3):
        monkeypatch.setattr(tree_shap, "SPLITS", splits)
        cut = made(one)
        assert len(cut.levels[0][0]) > len(whole.levels[0][0])
        assert cut.contributions(values) == pytest.approx(whole.contributions(values), abs=1e-12)


def test_a_model_that_never_splits_has_its_base_alone() -> None:
    flat = booster(rows(6, 20), min_child_samples=15)
    contributions = made(flat).contributions(rows(6, 3))
    assert contributions[:, :-1].tolist() == np.zeros((3, 6)).tolist()
    assert contributions[:, -1] == pytest.approx(np.asarray(flat.predict(rows(6, 3), raw_score=True)), abs=1e-12)


def test_what_the_tables_do_not_cover_is_left_to_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    values = rows(7, 600)
    others = {
        "categories": booster(values, categories=[2], min_data_per_group=5),
        "several classes": booster(values, values[:, 2], objective="multiclass", num_class=4),
        "averaged": booster(values, boosting="rf", bagging_freq=1, bagging_fraction=0.5),
        "linear": booster(values, values[:, 1], objective="regression", linear_tree=True),
        "many leaves": booster(rows(8, 3000), num_leaves=100, min_child_samples=2),
    }
    assert {name: tables_of([one]) for name, one in others.items()} == dict.fromkeys(others)
    usual = booster(values, num_leaves=8)
    assert tables_of([usual]) is not None
    assert tables_of([usual, others["averaged"]]) is None
    for limit, value in (("MOST_CELLS", 50), ("MOST_LEAVES", 4)):
        with monkeypatch.context() as context:
            context.setattr(tree_shap, limit, value)
            assert tables_of([usual]) is None
    monkeypatch.setattr(tree_shap, "SPLITS", 1)
    monkeypatch.setattr(tree_shap, "DEEPEST", 2)
    assert tables_of([usual]) is None


def test_a_scorer_explains_many_rows_as_it_explains_few(monkeypatch: pytest.MonkeyPatch) -> None:
    train = matrix()
    fitted = fit(train[train["churned"].notna()], DIRECTIONS, Hyperparameters(n_estimators=20), SETTINGS)
    looked_up, base = fitted.contributions(train)
    monkeypatch.setattr(scorer, "WORTH_TABLES", len(train) + 1)
    by_lightgbm, same_base = fitted.contributions(train)
    assert looked_up.to_numpy() == pytest.approx(by_lightgbm.to_numpy(), abs=1e-9)
    assert base == pytest.approx(same_base, abs=1e-9)
    assert (looked_up.to_numpy() != by_lightgbm.to_numpy()).any()  # two ways
