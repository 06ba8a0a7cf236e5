from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.models.common import resampling
from rind.models.common.resampling import account_draws, complete_dates, drawn_auc, interval, ratio, wilson


def test_the_auc_by_hand_counts_ties_half_and_follows_the_bootstrap_weights() -> None:
    risk, left = np.array([3.0, 2.0, 2.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0])
    weights = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    assert drawn_auc(risk, left, weights, np.arange(4)) == pytest.approx([3.5 / 4, 0.5, np.nan], nan_ok=True)


def test_the_auc_of_a_few_draws_at_a_time_is_that_of_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    codes, risk, left = rng.integers(0, 20, 300), rng.integers(0, 40, 300) / 40, (rng.random(300) < 0.2).astype(float)
    weights = account_draws(20, 31, seed=1)
    whole = drawn_auc(risk, left, weights, codes)
    monkeypatch.setattr(resampling, "CELLS", 500)
    assert (drawn_auc(risk, left, weights, codes) == whole).all()
    assert drawn_auc(risk, left, weights[:0], codes).shape == (0,)


def test_a_date_is_complete_only_when_every_outcome_of_it_is_known() -> None:
    history = pd.DataFrame({"as_of": ["a", "a", "b", "b"], "churned": [1.0, 0.0, 1.0, np.nan]})
    assert complete_dates(history).tolist() == [True, True, False, False]


def test_every_draw_has_as_many_accounts_as_there_are() -> None:
    draws = account_draws(7, 50, seed=0)
    assert draws.shape == (50, 7)
    assert (draws.sum(axis=1) == 7).all()
    assert (draws == account_draws(7, 50, seed=0)).all()


def test_a_ratio_without_a_denominator_and_an_interval_of_nothing_are_not_defined() -> None:
    assert ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0])) == pytest.approx([0.5, np.nan], nan_ok=True)
    assert interval(np.array([np.nan, np.nan])) is None
    assert interval(np.array([np.nan, *np.arange(101.0)])) == pytest.approx({"low": 2.5, "high": 97.5})


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 1), st.floats(1, 1e4))
def test_the_interval_of_wilson_holds_the_share_and_is_never_of_zero_width(share: float, draws: float) -> None:
    low, high = wilson(share, draws)
    assert 0 <= low <= share + 1e-12
    assert share <= high + 1e-12
    assert high <= 1
    assert high - low > 0
