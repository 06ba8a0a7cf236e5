from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.churn import calibration
from rind.models.churn.settings import CalibrationPrior
from rind.pipelines.params import load


def outcomes(margin: np.ndarray, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(margin)) < 1 / (1 + np.exp(-margin))).astype(int)


SHIPPED = load().model.calibration


def prior_of(shift_sd: float, slope_sd: float) -> CalibrationPrior:
    return CalibrationPrior(shift_sd=shift_sd, slope_sd=slope_sd, half_life_days=90)


FREE = prior_of(100.0, 100.0)


def fit_line(
    margin: np.ndarray, churned: np.ndarray, rows_each: int = 1, prior: CalibrationPrior = FREE
) -> tuple[float, float]:
    accounts = pd.Series([f"A{row // rows_each}" for row in range(len(margin))], dtype="str")
    return calibration.fit_line(margin, churned, accounts, prior)


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


def test_the_past_moves_the_line_as_far_as_its_accounts_can_tell() -> None:
    true = np.random.default_rng(4).normal(-1, 1, 20_000)
    bold, churned = 2 * true, outcomes(true)
    slopes = [fit_line(bold[:n], churned[:n], prior=SHIPPED)[0] for n in (50, 1000, 20_000)]
    assert slopes[0] > 0.85 > slopes[1] > slopes[2]
    assert slopes[2] == pytest.approx(0.5, abs=0.03)


def test_many_dates_of_the_same_accounts_say_no_more_than_one_date_of_each() -> None:
    true = np.random.default_rng(5).normal(-1, 1, 300)
    once = fit_line(2 * true, outcomes(true), prior=SHIPPED)
    again = fit_line(np.repeat(2 * true, 12), np.repeat(outcomes(true), 12), rows_each=12, prior=SHIPPED)
    assert again == pytest.approx(once, abs=1e-4)
    assert fit_line(np.repeat(2 * true, 12), np.repeat(outcomes(true), 12), prior=SHIPPED)[0] < once[0] - 0.05


def test_a_line_that_may_not_move_is_the_identity() -> None:
    true = np.random.default_rng(6).normal(-1, 1, 500)
    line = fit_line(2 * true + 3, outcomes(true), prior=prior_of(1e-6, 1e-6))
    assert line == pytest.approx((1.0, 0.0), abs=1e-6)


def test_a_model_that_ranks_the_wrong_way_round_is_flattened_not_turned_over() -> None:
    true = np.random.default_rng(3).normal(0, 1, 2000)
    slope, _ = fit_line(-true, outcomes(true))
    assert slope == 0.2
    slope, _ = fit_line(true / 10, outcomes(true))
    assert slope == 2.0


@pytest.mark.parametrize("churned", [[], [0, 0, 0], [1, 1]])
def test_without_both_outcomes_the_line_stays_near_the_identity(churned: list[int]) -> None:
    slope, intercept = fit_line(np.zeros(len(churned)), np.array(churned, dtype=int), prior=SHIPPED)
    assert slope == 1.0
    assert abs(intercept) < 0.05


def test_a_row_that_counts_half_moves_the_line_half_as_far_against_the_prior() -> None:
    churned, accounts = outcomes(np.full(2000, 0.5)), pd.Series(np.arange(2000).astype(str))
    margin, prior = np.zeros(2000), prior_of(0.05, 1e-6)
    half, whole = (
        calibration.fit_line(margin, churned, accounts, prior, np.full(2000, weight))[1] for weight in (0.5, 1.0)
    )
    assert 0.1 < half < whole
    assert whole == calibration.fit_line(margin, churned, accounts, prior)[1]
