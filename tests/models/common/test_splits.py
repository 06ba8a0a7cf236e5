from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.common.errors import HistoryError, LeakError
from rind.models.common.settings import LabelWindow
from rind.models.common.splits import Fold, check, offsets, rolling_folds, thin

MONDAY = date(2024, 1, 1)


def mondays(weeks: int) -> list[date]:
    return [MONDAY + timedelta(weeks=n) for n in range(weeks)]


def test_a_label_may_be_trained_on_from_the_day_after_its_last_day_of_grace() -> None:
    # as_of 1 January, horizon 90, grace 30: it depends on 30 April last; 1 May 00:00 knows it.
    window = LabelWindow(horizon_days=90, grace_days=30)
    assert window.last_trainable(date(2024, 5, 1)) == date(2024, 1, 1)
    assert window.last_trainable(date(2024, 4, 30)) == date(2023, 12, 31)


def test_folds_by_hand() -> None:
    # Labels take 10 + 3 days. 12 Mondays, 1 January to 18 March; refit every two weeks; two dates to learn from.
    folds = rolling_folds(
        mondays(12), LabelWindow(horizon_days=10, grace_days=3), refit_every_days=14, min_train_dates=2
    )
    assert [(f.number, f.train_until, f.trained_as_of, f.test_until) for f in folds] == [
        (0, date(2024, 1, 8), date(2024, 1, 22), date(2024, 2, 5)),
        (1, date(2024, 1, 22), date(2024, 2, 5), date(2024, 2, 19)),
        (2, date(2024, 2, 5), date(2024, 2, 19), date(2024, 3, 4)),
        (3, date(2024, 2, 19), date(2024, 3, 4), date(2024, 3, 18)),
        (4, date(2024, 3, 4), date(2024, 3, 18), date(2024, 3, 19)),
    ]


def test_a_fold_tests_from_its_training_date_and_ends_before_the_next() -> None:
    fold = Fold(0, train_until=date(2024, 1, 1), trained_as_of=date(2024, 2, 5), test_until=date(2024, 2, 19))
    as_of = pd.Series(
        pd.to_datetime(["2024-01-01", "2024-01-02", "2024-02-04", "2024-02-05", "2024-02-18", "2024-02-19"])
    )
    assert fold.rows_to_train(as_of).tolist() == [True, False, False, False, False, False]
    assert fold.rows_to_test(as_of).tolist() == [False, False, False, True, True, False]


def test_a_fold_that_leaks_by_one_day_is_refused_with_both_ways_out() -> None:
    window = LabelWindow(horizon_days=90, grace_days=0)
    fold = Fold(0, train_until=date(2024, 3, 31), trained_as_of=date(2024, 6, 29), test_until=date(2024, 7, 8))
    with pytest.raises(LeakError) as refused:
        check(fold, window)
    assert str(refused.value) == (
        "the fold tested from 2024-06-29 leaks: the labels of 2024-03-31 are observed until 2024-06-29 "
        "(horizon 90 d, grace 0 d)\n"
        "  -> start the test at 2024-06-30 or later, or end training at 2024-03-30 or earlier"
    )
    check(Fold(0, date(2024, 3, 30), date(2024, 6, 29), date(2024, 7, 8)), window)
    check(Fold(0, date(2024, 3, 31), date(2024, 6, 30), date(2024, 7, 8)), window)


@settings(deadline=None, max_examples=60)
@given(
    weeks=st.integers(10, 80),
    every=st.sampled_from([1, 7, 14]),
    horizon=st.integers(1, 60),
    grace=st.integers(0, 30),
    refit=st.integers(1, 60),
    fewest=st.integers(1, 8),
    off_grid=st.integers(0, 6),
)
def test_no_training_label_is_observed_on_or_after_the_training_date_and_each_date_is_tested_once(
    weeks: int, every: int, horizon: int, grace: int, refit: int, fewest: int, off_grid: int
) -> None:
    days = [MONDAY + timedelta(days=every * n) for n in range(weeks)]
    days = sorted({*days, days[-1] + timedelta(days=off_grid)})
    try:
        folds = rolling_folds(days, LabelWindow(horizon_days=horizon, grace_days=grace), refit, fewest)
    except HistoryError:
        return
    as_of = pd.Series(pd.to_datetime(days))
    for fold in folds:
        trained = as_of[fold.rows_to_train(as_of)].dt.date
        observed = [day + timedelta(days=horizon + grace) for day in trained]
        assert max(observed) < fold.trained_as_of
        assert len(trained) >= fewest
    times_tested = sum(fold.rows_to_test(as_of).astype(int) for fold in folds)
    first = folds[0].trained_as_of
    assert [int(n) for n in times_tested] == [int(day >= first) for day in days]
    assert folds[-1].trained_as_of == days[-1]
    assert [f.number for f in folds] == list(range(len(folds)))


def test_too_little_history_says_how_long_labels_take_and_what_to_change() -> None:
    with pytest.raises(HistoryError) as refused:
        rolling_folds(mondays(10), LabelWindow(horizon_days=90, grace_days=30), refit_every_days=56, min_train_dates=8)
    text = str(refused.value)
    assert "labels take 120 days" in text
    assert "10 dates from 2024-01-01 to 2024-03-04" in text
    assert "labels.horizon_days" in refused.value.hint


def test_thinning_keeps_the_last_date_and_steps_back() -> None:
    days = mondays(6)
    assert thin(days, 14) == [days[1], days[3], days[5]]
    assert thin(days, 1) == days
    assert thin(days, 100) == [days[-1]]
    assert thin(reversed(days), 15) == [days[2], days[5]]
    assert thin([], 7) == []


def test_shifted_sets_of_weekly_dates_hold_every_date_once() -> None:
    weekly = [date(2026, 1, 5) + timedelta(days=7 * n) for n in range(22)]
    sets = offsets(weekly, 28, 4)
    assert sets[0] == thin(weekly, 28)
    assert sorted(day for days in sets for day in days) == weekly
    assert offsets(weekly, 28, 6)[4] == sets[0]


@given(gaps=st.lists(st.integers(1, 40), min_size=1, max_size=20), every=st.integers(1, 60), count=st.integers(1, 6))
def test_shifted_sets_keep_their_distance_and_are_never_empty(gaps: list[int], every: int, count: int) -> None:
    days = [date(2026, 1, 1) + timedelta(days=sum(gaps[:n])) for n in range(len(gaps))]
    for kept in offsets(days, every, count):
        assert kept
        assert all((later - earlier).days >= every for earlier, later in pairwise(kept))
