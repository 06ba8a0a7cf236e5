"""Accounts like this one, how far the present has drifted, and what only the calendar says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.models.common.calendar import cells
from rind.models.evaluation.drift import psi, psi_of_features
from rind.models.evaluation.similar_accounts import Peers

DAY = pd.Timestamp("2024-01-01")


def history(accounts: int, dates: int = 1) -> pd.DataFrame:
    """Every account on every date; risk and health rise with its number, the first third left."""
    rows = [
        {
            "account_id": f"a{n}",
            "as_of": DAY + pd.Timedelta(days=7 * d),
            "churn_probability": (n + 1) / (accounts + 1),
            "health_usage": 100 * n / accounts,
            "churned": float(n < accounts / 3),
        }
        for n in range(accounts)
        for d in range(dates)
    ]
    return pd.DataFrame(rows)


def like(known: pd.DataFrame, account_id: str, probability: float, count: int = 10) -> tuple[int, int] | None:
    group = Peers(known).like(account_id, {"churn_probability": probability, "health_usage": 100 * probability}, count)
    return (group.accounts, group.left) if group else None


def test_peers_are_the_nearest_other_accounts_and_those_of_them_that_left() -> None:
    known = history(60)
    assert like(known, "new", 0.05) == (10, 10)
    assert like(known, "new", 0.95) == (10, 0)


def test_an_account_is_no_peer_of_its_own_and_counts_once_however_often_it_was_seen() -> None:
    few = history(6, dates=4)
    assert like(few, "new", 0.5, count=6) == (6, 2)
    assert like(few, "a3", 0.5, count=6) == (5, 2)


def test_where_fewer_than_half_as_many_are_known_there_are_no_peers() -> None:
    assert like(history(4), "new", 0.5) is None
    assert like(history(0).reindex(columns=history(1).columns), "new", 0.5) is None


def test_dates_on_which_only_leavers_are_known_take_no_part() -> None:
    known = history(60)
    late = known.assign(as_of=DAY + pd.Timedelta(days=70), churned=known["churned"].where(known["churned"] == 1))
    assert like(pd.concat([known, late], ignore_index=True), "new", 0.95) == (10, 0)


def test_the_stability_index_by_hand() -> None:
    before, now = np.repeat([0.0, 1.0], [50, 50]), np.repeat([0.0, 1.0], [90, 10])
    assert psi(before, now) == pytest.approx((0.5 - 0.9) * np.log(0.5 / 0.9) + (0.5 - 0.1) * np.log(0.5 / 0.1))


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(-10, 10) | st.just(float("nan")), min_size=1, max_size=60))
def test_what_has_not_changed_has_not_drifted_and_nothing_drifts_below_zero(values: list[float]) -> None:
    one = np.array(values)
    assert psi(one, one[::-1]) == pytest.approx(0)
    assert psi(one, np.append(one, 99.0)) >= 0


def test_empty_values_are_a_bin_of_their_own_and_the_widest_drift_comes_first() -> None:
    before = pd.DataFrame({"same": np.arange(100.0), "gone": np.arange(100.0)})
    now = before.assign(gone=np.where(np.arange(100) < 50, np.nan, np.arange(100.0)))
    found = psi_of_features(before, now)
    assert found["feature"].tolist() == ["gone", "same"]
    assert found["psi"].iloc[0] > 1 > found["psi"].iloc[1] == 0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ((0, 365), (14, 365), True),  # steps of 15 days
        ((14, 365), (15, 365), False),
        ((240, 365), (900, 365), True),  # far is far
        ((-16, 365), (-300, 365), True),
        ((-1, 365), (0, 365), False),
        ((5, 44), (5, 45), False),  # a month and a quarter
        ((5, 270), (5, 730), True),
        ((np.nan, 365), (np.nan, 365), True),
        ((np.nan, 365), (-16, 365), False),
        ((5, np.nan), (5, 30), False),
    ],
)
def test_alike_by_the_calendar_are_terms_of_about_one_length_that_end_at_about_one_time(
    one: tuple[float, float], other: tuple[float, float], alike: bool
) -> None:
    ends, lengths = zip(one, other, strict=True)
    first, second = cells(pd.Series(ends, dtype="float64"), pd.Series(lengths, dtype="float64"))
    assert (first == second) == alike
