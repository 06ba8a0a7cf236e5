from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.linear_model import LogisticRegression

from rind.models.evaluation.metrics import METRICS, Drawn, Ranking, lift_at, measure, recall_at

rows = st.lists(st.tuples(st.integers(1, 19), st.booleans(), st.integers(0, 3)), min_size=6, max_size=60).filter(
    lambda r: {c for _, c, w in r if w} == {True, False}
)


def ranking(churned: list[int], probability: list[float], mrr: list[float] | None = None) -> Ranking:
    money = np.ones(len(churned)) if mrr is None else np.array(mrr)
    return Ranking(np.array(churned, dtype=float), np.array(probability), money)


def value(name: str, churned: list[int], probability: list[float]) -> float:
    return METRICS[name](Drawn(ranking(churned, probability), np.ones(len(churned))))


@settings(deadline=None, max_examples=40)
@given(rows)
def test_the_metrics_are_those_of_scikit_learn_with_ties_and_weights(drawn: list[tuple[int, bool, int]]) -> None:
    probability = np.array([p / 20 for p, _, _ in drawn])
    churned = np.array([float(c) for _, c, _ in drawn])
    weights = np.array([float(w) for _, _, w in drawn])
    ordered = Ranking(churned, probability, np.ones(len(drawn)))
    expected = {
        "auc": sk.roc_auc_score(churned, probability, sample_weight=weights),
        "average_precision": sk.average_precision_score(churned, probability, sample_weight=weights),
        "brier": sk.brier_score_loss(churned, probability, sample_weight=weights),
        "log_loss": sk.log_loss(churned, probability, sample_weight=weights),
    }
    found = {name: METRICS[name](Drawn(ordered, weights[ordered.order])) for name in expected}
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_calibration_slope_is_that_of_an_unpenalised_logistic_regression_on_the_logit() -> None:
    rng = np.random.default_rng(0)
    logit = rng.normal(-1, 1.5, 800)
    churned = (rng.random(800) < 1 / (1 + np.exp(-0.6 * logit))).astype(float)
    line = LogisticRegression(C=np.inf, tol=1e-10).fit(logit[:, None], churned)
    ordered = ranking(churned.tolist(), (1 / (1 + np.exp(-logit))).tolist())
    assert METRICS["calibration_slope"](Drawn(ordered, np.ones(800))) == pytest.approx(line.coef_[0, 0], abs=1e-4)
    assert np.isnan(value("calibration_slope", [0, 1, 0, 1], [0.3] * 4))


def test_the_calibration_error_is_zero_where_each_tenth_churns_as_foretold() -> None:
    churned = [1, 1, 0, 0] * 10
    assert value("calibration_error", churned, [0.5] * 40) == pytest.approx(0, abs=1e-12)
    assert value("calibration_error", churned, [0.7] * 40) == pytest.approx(0.2)


def test_recall_and_lift_at_the_top_by_hand() -> None:
    probability = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05]
    churned = [1, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    ones = np.ones(10)
    assert recall_at(0.10)(Drawn(ranking(churned, probability), ones)) == pytest.approx(0.5)
    assert lift_at(0.10)(Drawn(ranking(churned, probability), ones)) == pytest.approx(5.0)
    assert recall_at(0.20)(Drawn(ranking(churned, probability), ones)) == pytest.approx(0.5)
    assert recall_at(0.30)(Drawn(ranking(churned, probability), ones)) == pytest.approx(1.0)
    # Half a row at the edge counts half.
    assert recall_at(0.05)(Drawn(ranking(churned, probability), ones)) == pytest.approx(0.25)


def test_ties_at_the_edge_of_the_top_count_in_proportion_whatever_the_order_of_the_rows() -> None:
    probability, churned = [0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    for turn in range(4):
        turned = [*churned[turn:4], *churned[:turn], *churned[4:]]
        assert recall_at(0.10)(Drawn(ranking(turned, probability), np.ones(10))) == pytest.approx(0.25)


def test_recall_of_mrr_counts_money_not_rows() -> None:
    ordered = ranking([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], [0.9, 0.8, 0.7, *[0.1] * 7], [900.0, 1, 100.0, *[1] * 7])
    assert METRICS["mrr_recall_at_10pct"](Drawn(ordered, np.ones(10))) == pytest.approx(0.9)


@settings(deadline=None, max_examples=20)
@given(rows, st.randoms(use_true_random=False))
def test_no_metric_but_the_calibration_error_depends_on_the_order_of_the_rows(drawn: list, random) -> None:
    shuffled = random.sample(drawn, len(drawn))
    found = []
    for some in (drawn, shuffled):
        probability, churned, mrr = (np.array(x, dtype=float) for x in zip(*some, strict=True))
        ordered = Ranking(churned, probability / 20, mrr)
        found.append({n: f(Drawn(ordered, np.ones(len(some)))) for n, f in METRICS.items() if n != "calibration_error"})
    assert found[0] == pytest.approx(found[1], abs=1e-6, nan_ok=True)


def history(accounts: int = 80, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=accounts)
    table = pd.DataFrame(
        {"account_id": [f"a{n}" for n in range(accounts)], "mrr": rng.integers(1, 9, accounts) * 100.0}
    )
    table["model"] = 1 / (1 + np.exp(1 - risk))
    table["baseline"] = 1 / (1 + np.exp(1 - rng.normal(size=accounts)))
    table["churned"] = (rng.random(accounts) < table["model"]).astype(float)
    return table


MODELS = {"model": "model", "baseline": "baseline"}
RANKING = {name: METRICS[name] for name in ("auc", "average_precision", "brier")}


def test_more_rows_of_the_same_accounts_do_not_narrow_an_interval() -> None:
    once = history()
    twice = pd.concat([once] * 5, ignore_index=True)
    narrow, wide = (measure(rows, MODELS, draws=200, seed=1, metrics=RANKING)["model"] for rows in (twice, once))
    for name in RANKING:
        assert narrow[name] == pytest.approx(wide[name]), name


def test_more_accounts_do_narrow_an_interval() -> None:
    few, many = (measure(history(n), MODELS, 200, 1, RANKING)["model"]["auc"] for n in (80, 800))
    assert many["high"] - many["low"] < 0.5 * (few["high"] - few["low"])


def test_values_lie_in_their_intervals_and_the_difference_is_paired() -> None:
    found = measure(history(400), MODELS, draws=100, seed=3)
    assert set(found) == {"model", "baseline", "model_minus_baseline"}
    for name in METRICS:
        one = found["model"][name]
        # The calibration error is not below 0, so that noise can only raise it.
        assert name == "calibration_error" or one["low"] <= one["value"] <= one["high"]
        assert found["model_minus_baseline"][name]["value"] == pytest.approx(
            one["value"] - found["baseline"][name]["value"]
        )
    same = measure(history(100), {"model": "model", "twin": "model"}, draws=50, seed=3)
    assert same["model_minus_twin"]["auc"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_a_figure_that_is_undefined_is_none_not_nan() -> None:
    found = measure(history().assign(churned=0.0), MODELS, draws=20, seed=1)
    assert found["model"]["auc"] == {"value": None, "low": None, "high": None}
    assert found["model"]["brier"]["value"] is not None


def test_the_same_seed_gives_the_same_intervals() -> None:
    one, other, third = (measure(history(), MODELS, 40, seed, RANKING) for seed in (5, 5, 6))
    assert one == other != third
