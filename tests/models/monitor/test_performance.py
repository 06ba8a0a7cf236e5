"""What a model promises, and what was seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.monitor.performance import departures, expected_auc, seen_auc, seen_rate


def test_the_expected_auc_by_hand() -> None:
    """Chances .8 and .2: .8 x .8 pairs are well ordered, of .8 x .8 + .2 x .2 of one that leaves and one that stays."""
    assert expected_auc(np.array([0.8, 0.2]), 20, 0)["value"] == pytest.approx(0.64 / 0.68)


def test_ties_count_half() -> None:
    assert expected_auc(np.array([0.3, 0.3, 0.3]), 20, 0)["value"] == pytest.approx(0.5)


@pytest.mark.parametrize("probability", [[], [0.5], [0.0, 0.0], [1.0, 1.0]])
def test_nothing_is_expected_of_nobody_or_of_certain_outcomes(probability: list[float]) -> None:
    assert expected_auc(np.array(probability), 20, 0)["value"] is None


def test_a_calibrated_cohort_shows_the_auc_that_it_promised() -> None:
    rng = np.random.default_rng(3)
    risk = rng.beta(0.5, 6, 3000)
    rows = pd.DataFrame(
        {
            "account_id": np.arange(3000).astype(str), "as_of": pd.Timestamp("2026-01-05"),
            "churn_probability": risk, "churned": (rng.random(3000) < risk).astype(float),
        }
    )  # fmt: skip
    promised, seen = expected_auc(risk, 50, 0), seen_auc(rows, 50, 0)
    assert promised["low"] is not None
    assert promised["low"] < seen["value"] < promised["high"]  # type: ignore[operator]
    times = departures(rows, 50, 0)["times"]
    assert times["low"] < 1 < times["high"]  # type: ignore[operator]


def test_departures_are_counted_a_date() -> None:
    rows = pd.DataFrame(
        {
            "account_id": ["a", "b"] * 2, "as_of": pd.to_datetime(["2026-01-05"] * 2 + ["2026-01-12"] * 2),
            "churn_probability": [0.5, 0.1] * 2, "churned": [1.0, 0.0] * 2,
        }
    )  # fmt: skip
    counted = departures(rows, 20, 0)
    assert (counted["seen"], counted["expected"], counted["accounts"]) == (1.0, pytest.approx(0.6), 1)
    assert counted["times"]["value"] == pytest.approx(1 / 0.6)
    assert seen_rate(rows, 20, 0)["value"] == 0.5


def test_no_rows_give_no_figures() -> None:
    nothing = pd.DataFrame(
        {name: pd.Series(dtype=float) for name in ("account_id", "as_of", "churned", "churn_probability")}
    )
    assert seen_auc(nothing, 20, 0)["value"] is None
    assert seen_rate(nothing, 20, 0)["value"] is None
    assert departures(nothing, 20, 0)["times"] == {"value": None, "low": None, "high": None}
