"""How much history a model needs, asked before any work is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis

from rind.features.customers import prepared
from rind.features.snapshots import history_dates, spine
from rind.features.tables import RECORDED_AT


@dataclass(frozen=True)
class HistoryNeed:
    """What training asks of the dates of the history.

    One model is trained on the scoring date and one refit_every_days before it, so that something is measured. Either
    needs min_train_dates dates whose labels were observed by then: horizon_days + grace_days after them, strictly
    before the training date. (The same rule, on the dates that were built, is in `models.common.splits.rolling_folds`.)
    """

    horizon_days: int
    grace_days: int
    every_days: int
    history_days: int
    refit_every_days: int
    min_train_dates: int

    def dates(self, begins: date, as_of: date) -> list[date]:
        """The dates of a history that begins on a day (of `begins`: dates lie after it), the scoring date last."""
        return history_dates(begins, as_of, self.every_days, self.history_days)

    def missing(self, dates: Sequence[date], begins: date, as_of: date) -> str:
        """Why no model can be trained for as_of; "" where one can.

        Parameters
        ----------
        dates
            Those of the history that have a cohort.
        begins
            Of `begins`.
        """
        last = as_of - timedelta(days=self.refit_every_days + self.horizon_days + self.grace_days + 1)
        usable = sum(day <= last for day in dates)
        if usable >= self.min_train_dates:
            return ""
        return (
            f"A model needs {self.min_train_dates} dates by {last} (horizon {self.horizon_days} + grace "
            f"{self.grace_days} + refit {self.refit_every_days} days before {as_of}); the history, which begins on "
            f"{max(begins, as_of - timedelta(days=self.history_days))}, has {usable}. Hand over more, or set a shorter "
            "labels.horizon_days, backtest.refit_every_days or snapshots.every_days."
        )


def begins(terms: ibis.Table, first_use: date | None) -> date | None:
    """The day after which dates have both known use and an account; None where there is neither.

    Parameters
    ----------
    terms
        The table subscriptions.
    first_use
        The first day on which use was known.
    """
    first = terms.starts_on
    if RECORDED_AT.name in terms.columns:
        day_after_recording = (terms[RECORDED_AT.name].date() + ibis.interval(days=1)).cast("date")
        first = ibis.greatest(first, day_after_recording.fill_null(first))
    account = first.min().to_pyarrow().as_py()
    return None if first_use is None or account is None else max(first_use, account - timedelta(days=1))


def cohort_dates(tables: Mapping[str, ibis.Table], dates: Sequence[date]) -> list[date]:
    """Those of the dates on which somebody is in the cohort (`features.snapshots.spine`), in order.

    Parameters
    ----------
    tables
        accounts and subscriptions, as the source has them.
    """
    terms = prepared({name: tables[name] for name in ("accounts", "subscriptions")})["subscriptions"]
    return sorted(spine(terms, dates).as_of.to_pyarrow().unique().to_pylist())
