from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from flag_histories import MONDAY, company, measure, rows, rule, week
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.common.errors import ParamsError
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.watermelons.flags import Rule, flag, flag_history, threshold_at


@pytest.mark.parametrize(
    ("band", "probability", "flagged"),
    [("green", 0.5, True), ("green", 0.49, False), ("amber", 0.9, False), ("unknown", 0.9, False)],
)
def test_a_watermelon_is_green_outside_with_a_probability_from_the_threshold_on(
    band: str, probability: float, flagged: bool
) -> None:
    assert flag(rows(("a", 0, probability, band, None)), 0.5)["watermelon"].tolist() == [flagged]


def test_without_a_threshold_nobody_is_flagged() -> None:
    assert not flag(rows(("a", 0, 0.9, "green", None)), float("nan"))["watermelon"].any()


def test_a_capacity_of_a_tenth_takes_the_riskiest_tenth_of_the_green_accounts_of_earlier_dates() -> None:
    past = [(f"a{i}", 0, i / 20, "green", None) for i in range(20)] + [("x", 0, 0.99, "red", None)]
    assert threshold_at(rows(*past), rule(capacity=0.1), week(1)) == pytest.approx(18 / 20)


@pytest.mark.parametrize(("weeks_ago", "expected"), [(52, 0.9), (53, 0.3)])
def test_only_the_dates_of_the_last_look_back_days_choose_the_threshold(weeks_ago: int, expected: float) -> None:
    old = [(f"o{i}", 60 - weeks_ago, 0.9, "green", None) for i in range(10)]
    recent = [(f"r{i}", 59, 0.3 - i / 1000, "green", None) for i in range(10)]
    assert threshold_at(rows(*old, *recent), rule(capacity=0.5, look_back_days=364), week(60)) == (
        pytest.approx(0.9 if expected == 0.9 else 0.3 - 4 / 1000)
    )


def test_equal_probabilities_that_would_overrun_the_capacity_flag_nobody() -> None:
    past = [(f"a{i}", 0, 0.3, "green", None) for i in range(20)]
    assert threshold_at(rows(*past), rule(capacity=0.1), week(1)) == np.inf


def test_a_precision_is_kept_with_as_many_flags_as_possible() -> None:
    leavers = [(f"l{i}", 0, 0.9 - i / 1000, "green", 30) for i in range(20)]
    stayers = [(f"s{i}", 0, 0.5 - i / 1000, "green", None) for i in range(40)]
    asked = rule(capacity=None, precision=0.5)
    assert threshold_at(rows(*leavers, *stayers), asked, week(30)) == pytest.approx(0.5 - 19 / 1000)


def test_a_precision_is_learned_from_accounts_not_from_their_many_weeks() -> None:
    two = [(f"l{i}", number, 0.9 - i / 1000 - number / 1e6, "green", 30) for i in range(2) for number in range(10)]
    asked = rule(capacity=None, precision=0.5)
    assert threshold_at(rows(*two), asked, week(40)) == np.inf
    assert np.isfinite(threshold_at(rows(*two), rule(capacity=None, precision=0.5, fewest_accounts=2), week(40)))


@pytest.mark.parametrize(("days_later", "known"), [(120, False), (121, True)])
def test_a_precision_learns_from_a_date_only_once_its_outcomes_are_complete(days_later: int, known: bool) -> None:
    past = rows(*[(f"l{i}", 0, 0.9, "green", 30) for i in range(20)])
    found = threshold_at(past, rule(capacity=None, precision=0.5), MONDAY + pd.Timedelta(days=days_later))
    assert np.isfinite(found) == known


@settings(deadline=None, max_examples=12)
@given(st.integers(1, 44), st.sampled_from([rule(), rule(capacity=None, precision=0.3)]), st.integers(0, 10))
def test_a_threshold_uses_only_earlier_weeks(number: int, asked: Rule, seed: int) -> None:
    history = company(1, 1.0, accounts=60)
    rng = np.random.default_rng(seed)
    later = history["as_of"] >= week(number)
    changed = history.assign(
        churn_probability=history["churn_probability"].where(~later, rng.random(len(history))),
        health_band=history["health_band"].where(~later, "green"),
        churned=history["churned"].where(~later, 1.0),
    )
    assert threshold_at(changed, asked, week(number)) == pytest.approx(
        threshold_at(history, asked, week(number)), nan_ok=True
    )


def test_every_date_of_the_history_is_flagged_by_its_own_threshold_and_the_first_by_none() -> None:
    history = company(1, 1.0, accounts=60, weeks=5)
    flagged = flag_history(history, rule())
    assert flagged.loc[flagged["as_of"] == week(0), "watermelon_threshold"].isna().all()
    expected = threshold_at(history, rule(), week(3))
    assert (flagged.loc[flagged["as_of"] == week(3), "watermelon_threshold"] == expected).all()


def test_an_outcome_that_was_recorded_late_chooses_no_earlier_threshold() -> None:
    history = company(1, 1.0, accounts=60, weeks=30)
    answers = history[["account_id", "as_of", "churned"]].assign(known_from=week(29), known_until=pd.NaT)
    asked = rule(capacity=None, precision=0.3)
    told = (
        flag_history(history, asked, KnownOutcomes.of(history, answers))
        .groupby("as_of")["watermelon_threshold"]
        .first()
    )
    at_once = flag_history(history, asked).groupby("as_of")["watermelon_threshold"].first()
    assert told[told.index < week(29)].isna().all()
    assert told[week(29)] == at_once[week(29)]
    assert at_once[at_once.index < week(29)].notna().any()


def test_the_order_of_rows_changes_nothing() -> None:
    flagged = flag_history(company(3, 1.0, accounts=80), rule())
    assert measure(flagged.sample(frac=1, random_state=1), draws=20) == measure(flagged, draws=20)


def test_a_number_of_accounts_a_week_is_kept_on_the_average_of_the_earlier_weeks() -> None:
    history = company(4, 1.0, accounts=100, weeks=20)
    asked = rule(capacity=None, accounts_per_week=5)
    past = history[(history["as_of"] < week(19)) & (history["health_band"] == "green")]
    threshold = threshold_at(history, asked, week(19))
    assert (past["churn_probability"] >= threshold).sum() / past["as_of"].nunique() <= 5
    with pytest.raises(ParamsError, match="exactly one"):
        rule(accounts_per_week=5)
