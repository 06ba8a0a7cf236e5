"""From which day to which the rows of a table reach, when a few stray dates are left aside."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rind.features.validation_settings import Silence, Strays

EPOCHS = (date(1900, 1, 1), date(1970, 1, 1), date(2000, 1, 1))
"""Days that programs write where a date is unknown."""

LONE_ROW_FROM = 20
"""Of fewer rows than this, one that lies apart is as likely true as wrong."""

FEWEST_DAYS = 10
"""A table with fewer days of rows in its last year has no rhythm that could stop."""


@dataclass(frozen=True)
class Coverage:
    """The first and the last plausible day of a table; None where it has no row with a date.

    Parameters
    ----------
    longest_silence
        The most days between two days with rows, within the last year; None with too few days to have a rhythm.
    """

    first: date | None = None
    last: date | None = None
    longest_silence: int | None = None

    def silent_days(self, data_end: date, silence: Silence) -> int:
        """How many days before the data end the table stops, where that is longer than its usual silences; else 0."""
        if self.last is None or self.longest_silence is None:
            return 0
        days = (data_end - self.last).days
        return days if days > max(silence.days, silence.times_longest * self.longest_silence) else 0


def coverage(rows_by_day: Iterable[tuple[date, int]], until: date, strays: Strays) -> Coverage:
    """The coverage of a table.

    Left aside at either end are days that hold few rows of all and lie far from the next, and at the begin the
    `EPOCHS`, however many rows they hold, if they lie far from the next day.

    Parameters
    ----------
    rows_by_day
        Each day once, with its number of sound rows.
    until
        Later days are plans and do not count.
    """
    days = sorted((day, rows) for day, rows in rows_by_day if day <= until and rows > 0)
    if not days:
        return Coverage()
    days = days[_strays_before(days, strays) :]
    days = days[: len(days) - _strays_after(days, strays)]
    return Coverage(days[0][0], days[-1][0], _longest_silence([day for day, _ in days]))


def _strays_before(days: Sequence[tuple[date, int]], strays: Strays) -> int:
    """How many of the first days are strays."""
    few = _few(days, strays)
    last_stray = before = 0
    for i, ((day, rows), (following, _)) in enumerate(itertools.pairwise(days), start=1):
        before += 0 if day in EPOCHS else rows
        if before > few:
            break
        if (following - day).days >= strays.days_before:
            last_stray = i
    return last_stray


def _strays_after(days: Sequence[tuple[date, int]], strays: Strays) -> int:
    """How many of the last days are strays."""
    total = sum(rows for _, rows in days)
    last_stray = after = 0
    backwards = days[::-1]
    for i, ((day, rows), (earlier, _)) in enumerate(itertools.pairwise(backwards), start=1):
        after += rows
        if after > _few(days, strays):
            break
        gap = (day - earlier).days
        if gap >= strays.days_before or (gap >= strays.days_after and after <= strays.rows_share * total):
            last_stray = i
    return last_stray


def _few(days: Sequence[tuple[date, int]], strays: Strays) -> float:
    total = sum(rows for _, rows in days)
    return max(strays.rows_share * total, 1 if total >= LONE_ROW_FROM else 0)


def _longest_silence(days: Sequence[date]) -> int | None:
    recent = [day for day in days if day > days[-1] - timedelta(days=365)]
    if len(recent) < FEWEST_DAYS:
        return None
    return max((b - a).days for a, b in itertools.pairwise(recent))
