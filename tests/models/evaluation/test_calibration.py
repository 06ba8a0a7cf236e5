"""Departures expected and seen, on a few rows by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.calibration import Counted
from rind.models.evaluation.calibration import apart, calibration, count_distribution, counted, judged

DAYS = pd.to_datetime(["2026-01-05", "2026-01-12", "2026-04-06", "2026-04-13"])


def rows(churned: list[float], probability: float | None = 0.5, day: str = "2026-01-05") -> pd.DataFrame:
    ids = [f"a{n}" for n in range(len(churned))]
    return pd.DataFrame(
        {"account_id": ids, "as_of": pd.Timestamp(day), "p": probability, "churned": churned}
    )  # fmt: skip


def test_dates_are_counted_a_horizon_apart_from_the_last_one_back() -> None:
    frame = pd.DataFrame({"account_id": "a", "as_of": DAYS})
    assert apart(frame, 90)["as_of"].tolist() == [DAYS[1], DAYS[3]]
    assert apart(frame, 91)["as_of"].tolist() == [DAYS[1], DAYS[3]]
    assert apart(frame, 92)["as_of"].tolist() == [DAYS[0], DAYS[3]]


def test_the_counts_of_two_coins_by_hand() -> None:
    assert count_distribution(np.array([0.5, 0.5])) == pytest.approx([0.25, 0.5, 0.25])
    assert count_distribution(np.array([0.1, 0.2])) == pytest.approx([0.72, 0.26, 0.02])
    assert count_distribution(np.array([])) == pytest.approx([1.0])


def test_counts_far_beyond_the_mean_are_left_out_and_all_others_are_those_of_the_binomial() -> None:
    from scipy.stats import binom

    chance = count_distribution(np.full(5000, 0.01))
    assert len(chance) < 200
    assert chance == pytest.approx(binom(5000, 0.01).pmf(np.arange(len(chance))), abs=1e-12)


@pytest.mark.parametrize(("left", "p_value"), [(5, 1.0), (8, 0.109375), (2, 0.109375), (10, 2 / 1024), (0, 2 / 1024)])
def test_ten_coins_by_hand(left: int, p_value: float) -> None:
    """Of 10 coins 8 or more show heads in 56 of 1,024 cases; 95 % of the counts are 2 to 8."""
    made = counted(rows([1.0] * left + [0.0] * (10 - left)), "p", 5)
    assert (made["expected"], made["left"], made["low"], made["high"]) == (5.0, left, 2, 8)
    assert made["p_value"] == pytest.approx(p_value)
    assert made["dates"] == ["2026-01-05"]


def test_with_too_few_expected_departures_nothing_is_judged() -> None:
    made = counted(rows([1.0] * 9), "p", 5)
    assert (made["verdict"], made["low"], made["p_value"], made["left"]) == ("too_few", None, None, 9)


@pytest.mark.parametrize("frame", [rows([]), rows([1.0, 0.0] * 10, None), rows([np.nan] * 20)])
def test_rows_without_a_probability_or_an_outcome_count_nothing(frame: pd.DataFrame) -> None:
    made = counted(frame.astype({"p": "float64"}), "p", 5)
    assert (made["accounts"], made["expected"], made["left"], made["verdict"]) == (0, 0.0, 0, "too_few")


def test_more_departures_than_a_distribution_without_far_counts_holds_are_no_chance() -> None:
    made = counted(rows([1.0] * 900 + [0.0] * 100, 0.01), "p", 5)
    assert made["p_value"] == pytest.approx(0.0, abs=1e-9)


def part(p_value: float | None, left: int = 60) -> Counted:
    figures: Any = {"accounts": 60, "dates": [], "expected": 41.0, "left": left, "low": 30, "high": 52}
    return Counted(**figures, p_value=p_value, verdict="usual" if p_value is not None else "too_few")


def test_a_part_is_off_only_beyond_chance_among_all_that_are_judged_together() -> None:
    verdicts = {name: made["verdict"] for name, made in judged({"a": part(0.03)}).items()}
    assert verdicts == {"a": "more"}
    many = judged({"a": part(0.03), "b": part(0.5), "c": part(0.0001, left=20), "d": part(None)})
    assert [made["verdict"] for made in many.values()] == ["usual", "usual", "fewer", "too_few"]
    assert judged({}) == {}


def test_segments_are_counted_apart_and_an_account_without_one_only_among_all() -> None:
    frame = pd.concat([rows([1.0] * 10 + [0.0] * 10), rows([1.0] * 10 + [0.0] * 10, day="2026-06-01")])
    frame = frame.reset_index(drop=True)
    segments = pd.Series(np.where(frame.index % 2, "large", None), dtype="str")
    made = calibration(frame, segments, "p", 90, 5)
    assert (made["all"]["expected"], made["latest"]["expected"]) == (20.0, 10.0)
    assert {name: one["expected"] for name, one in made["segments"].items()} == {"large": 10.0}
