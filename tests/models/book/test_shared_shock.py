"""The fate that accounts share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from rind.models.book.shared_shock import BIAS_SD, PRIOR_SD, Residual, halfway, residual, shock_of


def test_a_quarter_as_predicted_has_no_residual() -> None:
    one = residual(np.full(100, 0.1), np.repeat([1.0, 0.0], [10, 90]))
    assert one is not None
    assert one.shift == pytest.approx(0, abs=1e-6)
    assert one.standard_error == pytest.approx((100 * 0.09) ** -0.5)


def test_a_quarter_with_more_departures_is_shifted_up_by_what_explains_them() -> None:
    one = residual(np.full(1000, 0.1), np.repeat([1.0, 0.0], [200, 800]))
    assert one is not None
    assert expit(np.log(0.1 / 0.9) + one.shift) == pytest.approx(0.2)


def test_where_few_departures_are_expected_nothing_is_learned() -> None:
    assert residual(np.full(40, 0.1), np.zeros(40)) is None


def test_without_any_quarter_the_prior_stands() -> None:
    shock = shock_of([])
    assert (shock.mean, shock.sd) == (0.0, pytest.approx((PRIOR_SD**2 + BIAS_SD**2) ** 0.5))


def test_between_two_forecasts_both_count_alike_and_the_further_apart_the_wider() -> None:
    first = shock_of([], halfway(-1.0))
    assert first.mean == -0.5
    assert first.sd == pytest.approx((PRIOR_SD**2 + BIAS_SD**2 + 0.5**2) ** 0.5)
    assert halfway(0.0).sd == BIAS_SD


def test_quarters_that_were_seen_outweigh_what_was_thought_before() -> None:
    """The model was right in twelve quarters, whatever last year's rates say."""
    as_predicted = [Residual(0.0, 0.1)] * 12
    assert -0.1 < shock_of(as_predicted, halfway(-1.0)).mean < 0
    assert shock_of(as_predicted, halfway(-1.0)).sd < shock_of([], halfway(-1.0)).sd / 2


def test_steady_quarters_narrow_the_shock_and_wild_ones_widen_it() -> None:
    steady = shock_of([Residual(0.0, 0.1)] * 12)
    wild = shock_of([Residual(shift, 0.1) for shift in (-0.9, 0.9) * 6])
    assert steady.sd < PRIOR_SD < 0.7 < wild.sd


def test_a_lasting_bias_moves_the_mean_towards_it() -> None:
    shock = shock_of([Residual(0.5, 0.1)] * 8)
    assert 0.15 < shock.mean < 0.5


def test_shifts_within_their_own_error_are_no_shared_fate() -> None:
    rng = np.random.default_rng(0)
    noise = shock_of([Residual(float(rng.normal(0, 0.4)), 0.4) for _ in range(40)])
    assert noise.sd < 0.2
