"""The calendar of a company: weeks that begin on Mondays, months, holidays. Days are int64 since 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FAR = 10**6  # a day that never comes
_EPOCH = date(1970, 1, 1)
_HOLIDAYS = ((1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31))


@dataclass(frozen=True)
class Clock:
    """The weeks that the data cover: from a Monday to the data end, both included.

    Week w holds the days [monday(w), monday(w + 1)); the last week may be cut by the data end.
    """

    start: int
    end: int

    @property
    def weeks(self) -> int:
        return -(-(self.end + 1 - self.start) // 7)

    @property
    def mondays(self) -> Ints:
        return self.start + 7 * np.arange(self.weeks, dtype=np.int64)

    def week_of(self, day: Ints) -> Ints:
        """Week of each day, clipped to the weeks that exist."""
        return np.clip((day - self.start) // 7, 0, self.weeks - 1)


def make_clock(data_end: date, years: float) -> Clock:
    """Clock of about `years` years that ends on `data_end` and starts on a Monday."""
    end = (data_end - _EPOCH).days
    first = end + 1 - round(years * 365.25)
    return Clock(start=first - (first + 3) % 7, end=end)


def add_months(day: Ints, months: Ints | int) -> Ints:
    """Same day of the month, `months` later; days of the month up to 28 only."""
    as_date = day.astype("datetime64[D]")
    month = as_date.astype("datetime64[M]")
    offset: Ints = (as_date - month.astype("datetime64[D]")).astype(np.int64)
    moved: Ints = (month + np.asarray(months, dtype="timedelta64[M]")).astype("datetime64[D]").astype(np.int64)
    moved += offset
    return moved


def to_dates(day: Ints) -> NDArray[np.datetime64]:
    """Days as datetime64[us] at midnight; FAR (and later) becomes NaT."""
    out = day.astype("datetime64[D]").astype("datetime64[us]")
    out[day >= FAR] = np.datetime64("NaT")
    return out


def to_times(seconds: Ints) -> NDArray[np.datetime64]:
    """Seconds since 1970 as datetime64[us]; FAR days or later becomes NaT."""
    out = seconds.astype("datetime64[s]").astype("datetime64[us]")
    out[seconds >= FAR * 86400] = np.datetime64("NaT")
    return out


def working_share(days: Ints) -> Floats:
    """How much of a normal day's work is done on each day: weekends, holidays, August, the end of the year."""
    dates = [_EPOCH + timedelta(days=int(d)) for d in days]
    weekday = np.array([(1.0, 1.05, 1.05, 1.0, 0.85, 0.10, 0.07)[d.weekday()] for d in dates])
    holiday = np.array([0.1 if (d.month, d.day) in _HOLIDAYS else 1.0 for d in dates])
    season = np.array([0.8 if d.month == 8 else 0.6 if (d.month == 12 and d.day > 19) else 1.0 for d in dates])
    return np.asarray(weekday * holiday * season, dtype=np.float64)
