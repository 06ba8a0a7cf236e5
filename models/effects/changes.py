"""How use, support, answers and revenue of an account changed from the weeks before a day to the weeks after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

WEEK_DAYS = 7
WEEKS_A_MONTH = 30.4375 / WEEK_DAYS
WEEKS_OF_ANSWERS_BEFORE = 52
"""Answers are rare: those of a year before stand for the time before."""
LARGEST_GROWTH = 1.0
"""Revenue that more than doubles counts as doubled: one small account must not decide."""


class WeekPanel:
    """The weeks of every account as sums that a window is read off.

    Parameters
    ----------
    weeks
        One row per (account_id, week: a Monday) in which anything is above 0, as account_weeks.parquet holds them.
    until
        The first day of which nothing is known: weeks that are over by then and have no row are 0.
    """

    def __init__(self, weeks: pd.DataFrame, until: date) -> None:
        self._weeks = weeks
        self.accounts = pd.Index(weeks["account_id"].unique())
        start = weeks["week"].min()
        self.start: date = until if pd.isna(start) else start.date()
        self.until = until
        self.length = max(0, (until - self.start).days // WEEK_DAYS)
        self._row = self.accounts.get_indexer(weeks["account_id"])
        self._place = ((weeks["week"] - pd.Timestamp(self.start)).dt.days // WEEK_DAYS).to_numpy(dtype=np.intp)
        self._tables: dict[str, Floats] = {}

    def rows_of(self, accounts: pd.Series) -> Ints:
        """The row of each account; -1 where it never paid."""
        return np.asarray(self.accounts.get_indexer(accounts), dtype=np.intp)

    def places_of(self, days: pd.Series) -> Ints:
        """How many weeks after the first one the week of each day begins: days of one week share their place."""
        return np.asarray((days - pd.Timestamp(self.start)).dt.days // WEEK_DAYS, dtype=np.intp)

    def value(self, name: str, row: Ints, place: Ints) -> Floats:
        """The value of one week; NaN outside the weeks that are known."""
        return self.total(name, row, place, 1)

    def total(self, name: str, row: Ints, place: Ints, weeks: int | Ints) -> Floats:
        """The sum over ``weeks`` weeks from ``place`` on; NaN where not all are known, or nothing of the account."""
        known = (row >= 0) & (place >= 0) & (place + weeks <= self.length)
        sums = self._sums(name)
        safe, begin = np.where(known, row, 0), np.where(known, place, 0)
        end = np.where(known, place + weeks, 0)
        return np.where(known, sums[safe, end] - sums[safe, begin], np.nan)

    def covers(self, name: str, first: int, last: int) -> bool:
        """Whether anything at all is told in the first week or before, and in the last week or after it."""
        places = self._place[self._weeks[name].to_numpy() > 0]
        return bool(len(places)) and int(places.min()) <= first and int(places.max()) >= last

    def _sums(self, name: str) -> Floats:
        if name not in self._tables:
            table = np.zeros((max(1, len(self.accounts)), self.length + 1))
            inside = (self._place >= 0) & (self._place < self.length)
            values = self._weeks[name].to_numpy("float64", na_value=0.0)
            np.add.at(table, (self._row[inside], self._place[inside] + 1), values[inside])
            self._tables[name] = table.cumsum(axis=1)
        return self._tables[name]


Change = Callable[[WeekPanel, Ints, Ints, Ints, int], Floats]
"""From the panel, rows, the place of the first week after, that behind the last week before, and the weeks counted."""


@dataclass(frozen=True)
class Outcome:
    """Something that may change.

    Parameters
    ----------
    name
        As in the results.
    column
        Of the panel: what must be told through all the weeks for the change to be known.
    change
        From before to after, one number an account; NaN: not known.
    weeks_before
        How far back it looks; None: as many weeks as it counts after.
    settles
        Whether it counts departures, which are settled only after the grace days.
    """

    name: str
    column: str
    change: Change
    weeks_before: int | None = None
    settles: bool = False


def rate(column: str, weeks_a_unit: float) -> Change:
    """The change of how often something happens, for accounts that paid all the time before: who left does nothing."""

    def change(panel: WeekPanel, row: Ints, after: Ints, before: Ints, weeks: int) -> Floats:
        paid = panel.value("mrr", row, before - weeks) > 0
        difference = panel.total(column, row, after, weeks) - panel.total(column, row, before - weeks, weeks)
        return np.asarray(np.where(paid, difference * weeks_a_unit / weeks, np.nan), dtype=np.float64)

    return change


def mean_answer(total: str, count: str, times: float) -> Change:
    """The change of the mean answer, for accounts that answered before and after."""

    def mean(panel: WeekPanel, row: Ints, place: Ints, weeks: int | Ints) -> Floats:
        answers, means = panel.total(count, row, place, weeks), np.full(len(row), np.nan)
        np.divide(panel.total(total, row, place, weeks), answers, out=means, where=answers > 0)
        return means

    def change(panel: WeekPanel, row: Ints, after: Ints, before: Ints, weeks: int) -> Floats:
        first = np.maximum(before - WEEKS_OF_ANSWERS_BEFORE, 0)
        difference = mean(panel, row, after, weeks) - mean(panel, row, first, before - first)
        return np.asarray(times * difference, dtype=np.float64)

    return change


def growth(panel: WeekPanel, row: Ints, after: Ints, before: Ints, weeks: int) -> Floats:
    """The change of mrr as a share of it: -1 for who left; the last weeks before and after."""
    start, end = panel.value("mrr", row, before - 1), panel.value("mrr", row, after + weeks - 1)
    share = np.divide(end, start, out=np.full(len(row), np.nan), where=start > 0) - 1
    return np.asarray(np.minimum(share, LARGEST_GROWTH), dtype=np.float64)


ACTIVE_DAYS = Outcome("active_days", "active_days", rate("active_days", 1.0))
TICKETS = Outcome("tickets", "tickets", rate("tickets", WEEKS_A_MONTH))
NPS = Outcome("nps", "nps_answers", mean_answer("nps_balance", "nps_answers", 100.0), WEEKS_OF_ANSWERS_BEFORE)
CES = Outcome("ces", "ces_answers", mean_answer("ces_sum", "ces_answers", 1.0), WEEKS_OF_ANSWERS_BEFORE)
MRR = Outcome("mrr", "mrr", growth, settles=True)
OUTCOMES = (ACTIVE_DAYS, TICKETS, NPS, CES, MRR)
"""In their units: days of use a week; support contacts a month; points of NPS; points of CES; shares of the mrr."""


def weeks_of(days: int) -> int:
    """The whole weeks that stand for so many days, at least one."""
    return max(1, round(days / WEEK_DAYS))


def monday_from(day: date) -> date:
    """The first Monday on the day or after it."""
    return day + timedelta(days=-day.weekday() % WEEK_DAYS)


def monday_until(day: date) -> date:
    """The last Monday on the day or before it."""
    return day - timedelta(days=day.weekday())
