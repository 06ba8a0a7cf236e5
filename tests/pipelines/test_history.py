"""What validation asks of a history is what the folds need: a source that passes does not die for want of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.common.errors import HistoryError
from rind.features.history import HistoryNeed
from rind.features.snapshots import history_dates
from rind.models.common.settings import LabelWindow
from rind.models.common.splits import rolling_folds
from rind.pipelines.params import load
from rind.pipelines.stages.validate import need

BEGINS = date(2024, 1, 3)


@settings(deadline=None)
@given(
    days=st.integers(60, 900), horizon=st.integers(7, 180), grace=st.integers(0, 40), every=st.integers(1, 40),
    history=st.integers(50, 800), refit=st.integers(7, 150), dates=st.integers(1, 20),
)  # fmt: skip
def test_a_history_passes_exactly_where_there_are_two_folds(
    days: int, horizon: int, grace: int, every: int, history: int, refit: int, dates: int
) -> None:
    as_of = BEGINS + timedelta(days=days)
    need = HistoryNeed(horizon, grace, every, history, refit, dates)
    held = history_dates(BEGINS, as_of, every, history)
    assert need.dates(BEGINS, as_of) == held
    try:
        rolling_folds(
            held,
            LabelWindow(horizon_days=horizon, grace_days=grace),
            refit,
            dates,
        )
        enough = True
    except HistoryError:
        enough = False
    assert (need.missing(held, BEGINS, as_of) == "") is enough


def test_a_history_without_a_date_is_a_refusal_and_no_index_error() -> None:
    with pytest.raises(HistoryError, match="no date of the history has an account in its cohort"):
        rolling_folds([], LabelWindow(horizon_days=30, grace_days=10), 28, 2)


def test_the_need_is_that_of_the_parameters() -> None:
    params = load()
    assert need(params) == HistoryNeed(
        params.labels.horizon_days,
        params.labels.grace_days,
        params.snapshots.every_days,
        params.snapshots.history_days,
        params.backtest.refit_every_days,
        params.backtest.min_train_dates,
    )
