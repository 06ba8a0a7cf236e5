from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import calibration


def outcomes(margin: np.ndarray, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(margin)) < 1 / (1 + np.exp(-margin))).astype(int)


def fit_line(
    margin: np.ndarray, churned: np.ndarray, rows_each: int = 1, min_accounts: int = 30
) -> tuple[float, float]:
    accounts = pd.Series([f"A{row // rows_each}" for row in range(len(margin))], dtype="str")
    return calibration.fit_line(margin, churned, accounts, min_accounts)


def mean_probability(line: tuple[float, float], margin: np.ndarray) -> float:
    slope, intercept = line
    return float(np.mean(1 / (1 + np.exp(-(intercept + slope * margin)))))


def test_a_line_finds_the_truth_behind_a_margin_that_is_too_bold_and_shifted() -> None:
    true = np.random.default_rng(1).normal(-1, 1, 20_000)
    slope, intercept = fit_line(2 * true + 3, outcomes(true))
    assert slope == pytest.approx(0.5, abs=0.03)
    assert intercept == pytest.approx(-1.5, abs=0.1)


def test_after_calibration_the_mean_probability_is_the_rate() -> None:
    true = np.random.default_rng(2).normal(-2, 1, 3000)
    churned = outcomes(true)
    assert mean_probability(fit_line(true + 1.7, churned), true + 1.7) == pytest.approx(churned.mean(), abs=1e-3)


@pytest.mark.parametrize(("lost", "rows_each", "slope_is_fitted"), [(29, 1, False), (30, 1, True), (36, 12, False)])
def test_with_few_accounts_that_left_only_the_level_is_corrected(
    lost: int, rows_each: int, slope_is_fitted: bool
) -> None:
    churned = np.array([1] * lost + [0] * 1200)
    margin = np.where(churned == 1, 0.5, 0.0) + np.random.default_rng(0).normal(size=len(churned))
    slope, intercept = fit_line(margin, churned, rows_each)
    assert (slope != 1.0) is slope_is_fitted
    assert mean_probability((slope, intercept), margin) == pytest.approx(churned.mean(), abs=2e-3)


def test_a_model_that_ranks_the_wrong_way_round_is_flattened_not_turned_over() -> None:
    true = np.random.default_rng(3).normal(0, 1, 2000)
    slope, _ = fit_line(-true, outcomes(true))
    assert slope == 0.2
    slope, _ = fit_line(true / 10, outcomes(true))
    assert slope == 2.0


@pytest.mark.parametrize("churned", [[], [0, 0, 0], [1, 1]])
def test_without_both_outcomes_the_line_is_finite(churned: list[int]) -> None:
    slope, intercept = fit_line(np.zeros(len(churned)), np.array(churned, dtype=int))
    assert slope == 1.0
    assert abs(intercept) < 5
