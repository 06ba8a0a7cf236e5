"""Rolling-origin folds with an embargo: train on what was observable, test on what came after.

A label of ``as_of`` is observed until as_of + horizon_days + grace_days. A model that is trained on day T may
use it only when that day lies strictly before T, since at T 00:00 the last covered day is T - 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from rind.common.errors import HistoryError, LeakError
from rind.models.common.settings import LabelWindow


@dataclass(frozen=True)
class Fold:
    """Train on as_of <= train_until, be trained on trained_as_of, test on [test_from, test_until).

    Training rows are all labelled dates up to ``train_until``; ``test_from`` is ``trained_as_of``.
    """

    number: int
    train_until: date
    trained_as_of: date
    test_until: date

    def rows_to_train(self, as_of: pd.Series[pd.Timestamp]) -> np.ndarray:
        """Mask of the rows that this fold may train on."""
        return np.asarray(as_of <= pd.Timestamp(self.train_until))

    def rows_to_test(self, as_of: pd.Series[pd.Timestamp]) -> np.ndarray:
        """Mask of the rows that this fold scores."""
        start, end = pd.Timestamp(self.trained_as_of), pd.Timestamp(self.test_until)
        return np.asarray((as_of >= start) & (as_of < end))


def rolling_folds(
    dates: Sequence[date], window: LabelWindow, refit_every_days: int, min_train_dates: int
) -> list[Fold]:
    """Folds whose training dates step back from the last date to the first feasible one.

    Parameters
    ----------
    dates
        Sorted dates of the history that have a cohort, the scoring date last.
    refit_every_days
        Days between two training dates.
    min_train_dates
        A fold needs at least so many dates with labels observed.

    Returns
    -------
    list[Fold]
        In order of time; together they test every date from the first training date on, once. The last
        one is trained on the scoring date and is what the final model is.
    """
    if not dates:
        raise HistoryError(
            "no date of the history has an account in its cohort",
            "see mrr, kind, starts_on, ended_on and notice_on of the table subscriptions; `rind validate` checks them",
        )
    last = dates[-1]
    trained: list[date] = []
    day = last
    while sum(d <= window.last_trainable(day) for d in dates) >= min_train_dates:
        trained.append(day)
        day -= timedelta(days=refit_every_days)
    if len(trained) < 2:
        raise HistoryError(
            f"too little history for one training fold: labels take {window.observed_after.days} days to be observed, "
            f"{min_train_dates} dates must have one, and the history has {len(dates)} dates from {dates[0]} to {last}",
            "give more history, or shorten labels.horizon_days, snapshots.every_days or backtest.refit_every_days",
        )
    trained.reverse()
    ends = [*trained[1:], last + timedelta(days=1)]
    folds = [
        Fold(n, window.last_trainable(day), day, until)
        for n, (day, until) in enumerate(zip(trained, ends, strict=True))
    ]
    for fold in folds:
        check(fold, window)
    return folds


def check(fold: Fold, window: LabelWindow) -> None:
    """Raise LeakError when a training label would still be observed on or after the test's first day."""
    observed = fold.train_until + window.observed_after
    if observed >= fold.trained_as_of:
        until = window.last_trainable(fold.trained_as_of)
        raise LeakError(
            f"the fold tested from {fold.trained_as_of} leaks: the labels of {fold.train_until} are observed until "
            f"{observed} (horizon {window.horizon_days} d, grace {window.grace_days} d)",
            f"start the test at {observed + timedelta(days=1)} or later, or end training at {until} or earlier",
        )


def thin(dates: Iterable[date], every_days: int, skip: int = 0) -> list[date]:
    """Of sorted dates, the last one but ``skip`` and each earlier one at least every_days before the one kept.

    Weekly snapshots of an account are nearly copies: training on a part of them costs little skill.
    """
    kept: list[date] = []
    for day in sorted(dates, reverse=True)[skip:]:
        if not kept or (kept[-1] - day).days >= every_days:
            kept.append(day)
    return kept[::-1]


def offsets(dates: Iterable[date], every_days: int, count: int) -> list[list[date]]:
    """``count`` thinned sets of dates, each shifted against the one before by a date, while they differ.

    Weekly dates and four weeks between those that are kept give four sets, which together hold every date once.
    """
    days = sorted(dates)
    last_step = [day for day in days if (days[-1] - day).days < every_days]
    return [thin(days, every_days, skip=n % len(last_step)) for n in range(count)]
