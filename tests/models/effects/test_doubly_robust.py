"""The estimator, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rind.models.effects.doubly_robust import Estimate, effect_on_treated

TREATED = np.array([True, True, False, False, False])
ALONE = np.arange(5)


def test_with_equal_chances_it_is_the_difference_of_the_means() -> None:
    outcome = np.array([1.0, 0.0, 0.0, 0.0, 1.0])
    found = effect_on_treated(outcome, TREATED, np.zeros(5), np.full(5, 0.4), ALONE)
    assert found.effect == pytest.approx(1 / 2 - 1 / 3)


def test_an_untreated_row_counts_by_its_odds_to_be_treated() -> None:
    outcome, chance = np.array([0.0, 0.0, 1.0, 0.0, 0.0]), np.array([0.5, 0.5, 0.75, 0.5, 0.5])
    found = effect_on_treated(outcome, TREATED, np.zeros(5), chance, ALONE)
    assert found.effect == pytest.approx(-3 / 5)  # odds 3, 1 and 1


def test_what_was_expected_anyway_is_no_effect_whatever_the_chances() -> None:
    outcome = np.array([0.9, 0.8, 0.1, 0.2, 0.3])
    found = effect_on_treated(outcome, TREATED, outcome, np.array([0.9, 0.1, 0.5, 0.5, 0.1]), ALONE)
    assert (found.effect, found.error, found.p_value) == (0.0, 0.0, 1.0)


def test_rows_of_one_account_share_their_fate() -> None:
    rng = np.random.default_rng(1)
    outcome, treated, nothing, chance = rng.random(40), np.arange(40) % 2 == 0, np.zeros(40), np.full(40, 0.5)
    once = effect_on_treated(outcome, treated, nothing, chance, np.arange(40))
    rows = (np.tile(values, 2) for values in (outcome, treated, nothing, chance, np.arange(40)))
    twice = effect_on_treated(*rows)
    assert (twice.effect, twice.error) == (pytest.approx(once.effect), pytest.approx(once.error))


def test_the_interval_reaches_two_standard_errors_to_both_sides_where_many_accounts_carry_it() -> None:
    assert Estimate(-0.04, 0.01, np.inf).interval() == pytest.approx((-0.0596, -0.0204), abs=1e-4)


def test_the_fewer_accounts_carry_the_error_the_wider_is_the_interval() -> None:
    """Student's t: 2.228 at 10 degrees of freedom."""
    assert Estimate(0.0, 1.0, 10.0).interval() == pytest.approx((-2.228, 2.228), abs=1e-3)


@pytest.mark.parametrize(("times", "freedom"), [(1.96, np.inf), (2.228, 10.0)])
def test_the_p_value_is_two_sided_and_says_what_the_interval_says(times: float, freedom: float) -> None:
    assert Estimate(-times, 1.0, freedom).p_value == pytest.approx(0.05, abs=1e-4)
    assert Estimate(times, 1.0, freedom).p_value == pytest.approx(0.05, abs=1e-4)


def test_accounts_that_weigh_alike_count_each_and_one_that_outweighs_all_alone() -> None:
    outcome, treated, nothing = np.tile([1.0, -1.0], 100), np.arange(200) < 100, np.zeros(200)
    alike = effect_on_treated(outcome, treated, nothing, np.full(200, 0.5), np.arange(200))
    assert alike.freedom == pytest.approx(200)
    one = np.where(np.arange(200) == 0, 1000.0, outcome)
    assert effect_on_treated(one, treated, nothing, np.full(200, 0.5), np.arange(200)).freedom < 1.1


def test_95_of_100_intervals_hold_the_truth_where_few_were_treated_and_few_of_them_left() -> None:
    """60 treated accounts of which one in eight leaves, 2,000 times: normal ends hold fewer than 94 of 100."""
    rng = np.random.default_rng(3)
    treated, risk, chance = np.arange(400) < 60, np.full(400, 0.125), np.full(400, 0.15)
    held = 0
    for _ in range(2000):
        outcome = (rng.random(400) < risk).astype(float)
        low, high = effect_on_treated(outcome, treated, risk, chance, np.arange(400)).interval()
        held += low <= 0 <= high
    assert 0.945 <= held / 2000 <= 0.975
