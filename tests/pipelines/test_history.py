"""What validation asks of a history is what the folds need: a source that passes does not die for want of it."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rind.common.errors import HistoryError
from rind.features.history import HistoryNeed
from rind.features.snapshots import history_dates
from rind.models.common.settings import LabelWindow
from rind.models.common.splits import rolling_folds
from rind.pipelines.params import load
from rind.pipelines.stages.validate import need

BEGINS = date(2024, 1, 3)


@given(
    days=st.integers(60, 900), horizon=st.integers(7, 180), grace=st.integers(0, 40), every=st.integers(1, 40),
    history=st.integers(50, 800), refit=st.integers(7, 150), dates=st.integers(1, 20),
)  # fmt: skip
def test_a_history_passes_exactly_where_there_are_two_folds(
    days: int, horizon: int, grace: int, every: int, history: int, refit: int, dates: int
) -> None:
    as_of = BEGINS + timedelta(days=days)
    asked = HistoryNeed(horizon, grace, every, history, refit, dates)
    try:
        rolling_folds(
            history_dates(BEGINS, as_of, every, history),
            LabelWindow(horizon_days=horizon, grace_days=grace),
            refit,
            dates,
        )
        enough = True
    except HistoryError:
        enough = False
    assert (asked.missing(BEGINS, as_of) == "") is enough


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
