"""Usage in whole weeks that end at each as_of: the calendar, the bits, and what an account does a week.

Usage is the big table: it is read once an aspect and reduced at once to a few rows per account
(`features.families.usage_reduced`), and every window of every date is made from those. As all windows are whole
weeks, everything hangs on weeks that start at 00:00 of the dates' own weekday: an account gets one *calendar* per
weekday on which it has a date. Nearly always that is one; a scoring date off the grid adds a second for the accounts
scored.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.families.usage_reduced import bit, epoch_day

LONGEST = 26
"""Weeks of the longest window; only what says "so far" looks further back."""


def calendars(snapshots: ir.Table) -> ir.Table:
    """One row per account and weekday of its dates.

    Returns
    -------
    ibis.Table
        account_id, phase: int64 (days from the epoch to the first start of a week, 0-6),
        last_week: int64 (the last week that any date knows), since_week: int64 (the first that a window of any date
        looks at) and calendar: int64, a number of its own.
    """
    day = epoch_day(snapshots.as_of)
    dates = snapshots.select("account_id", phase=day % 7, week=_last_known_week(day))
    phases = dates.group_by("account_id", "phase").aggregate(
        last_week=_.week.max(), since_week=_.week.min() - (LONGEST - 1)
    )
    order = ibis.window(order_by=[phases.account_id, phases.phase])
    return phases.mutate(calendar=ibis.row_number().over(order))


def spine(snapshots: ir.Table, known_calendars: ir.Table) -> ir.Table:
    """The snapshots with their calendar and week: the last whole week before as_of, all of it known."""
    day = epoch_day(snapshots.as_of)
    dates = snapshots.select("account_id", "as_of", phase=day % 7, week=_last_known_week(day))
    joined = dates.inner_join(known_calendars.drop("last_week", "since_week"), ["account_id", "phase"])
    return joined.select("account_id", "as_of", "calendar", "week")


def used_weeks(account_days: ir.Table, known_calendars: ir.Table) -> ir.Table:
    """What an account did in a week, and with which features.

    A row of usage is dated by the later of when it happened and when it was recorded (`features.asof.effective_at`):
    use that reached the source late counts as use of the day on which it did. So a day's rows never change
    afterwards, and day < as_of is exactly the contract's rule.

    Parameters
    ----------
    account_days
        One row per account, day and word of features, see `features.families.usage_reduced.account_days`.

    Returns
    -------
    ibis.Table
        One row per calendar, week and word of features with use: events, day_bits (bit i: use on day i of the week),
        last_day (0 = a first day of a week of the calendar), and the bit sets used and official. Days that no date of
        the calendar knows are absent.
    """
    ends = known_calendars.select("account_id", "calendar", "phase", until=(_.last_week + 1) * 7)
    joined = account_days.inner_join(ends, "account_id")
    placed = joined.select(
        "calendar", "word", "events", "used", "official", "until", day=joined.day - joined.phase
    ).filter(_.day < _.until)
    rows = placed.mutate(week=placed.day // 7)
    return rows.group_by("calendar", "week", "word").aggregate(
        events=rows.events.sum(),
        day_bits=bit(rows.day % 7).bit_or(),
        last_day=rows.day.max(),
        used=rows.used.bit_or(),
        official=rows.official.bit_or(),
    )


def weekly(used: ir.Table, known_calendars: ir.Table, weekly_users: ir.Table) -> ir.Table:
    """Every week of an account since its first use.

    Returns
    -------
    ibis.Table
        One row per calendar and week, without gaps up to the calendar's last: events, days: number of
        days with use (0-7), user_weeks: number of users, last_day: int64 (null without use). Accounts that
        have not used anything are absent.
    """
    weeks = used.group_by("calendar", "week").aggregate(
        events=_.events.sum(), day_bits=_.day_bits.bit_or(), last_day=_.last_day.max()
    )
    filled = attach(without_gaps(weeks, known_calendars), weekly_users, "calendar", "week")
    return filled.select(
        "calendar",
        "week",
        "last_day",
        events=filled.events.fill_null(0.0),
        # Floats, as DuckDB sums whole numbers in 128 bits, at several times the cost.
        days=bits_set(filled.day_bits.fill_null(0)).cast("float64"),
        user_weeks=filled.users.fill_null(0.0),
    )


def without_gaps(weeks: ir.Table, known_calendars: ir.Table, *keys: str) -> ir.Table:
    """A row for every week from the first of each (calendar, *keys) to the calendar's last; new ones empty."""
    first = weeks.group_by("calendar", *keys).aggregate(first_week=_.week.min())
    lives = first.inner_join(known_calendars, "calendar").select("calendar", *keys, "first_week", "last_week")
    every = lives.select("calendar", *keys, week=ibis.range(lives.first_week, lives.last_week + 1).unnest())
    return attach(every, weeks, "calendar", "week", *keys)


def looked_at(weeks: ir.Table, known_calendars: ir.Table) -> ir.Table:
    """The weeks that a window of some date looks at: all for many dates, half a year for a new one."""
    since = known_calendars.select("calendar", "since_week")
    return weeks.inner_join(since, "calendar").filter(_.week >= _.since_week).drop("since_week")


def windows(weeks: ir.Table, known_calendars: ir.Table) -> ir.Table:
    """What an account did in the weeks up to and with each week that a date knows.

    Parameters
    ----------
    weeks
        See `weekly`.

    Returns
    -------
    ibis.Table
        One row per calendar and week that is `looked_at`: sums ``<what>_<first>_<last>`` over the weeks ``first``
        to ``last`` ago (1 = the week itself), the best 13 weeks so far, the slope of 12 weeks, last_day. Of the first
        `LONGEST` - 1 weeks of a calendar only what is so far is right: no date asks for them.
    """
    recent = looked_at(_so_far(weeks), known_calendars)
    values = recent.mutate(
        used=ibis.ifelse(recent.days > 0, 1.0, 0.0),
        squares=recent.events * recent.events,
        events_moment=recent.week * recent.events,
        users_moment=recent.week * recent.user_weeks,
    )
    four = frame(values, 1, 4)
    fours = values.mutate(**{f"{what}_1_4": values[what].sum().over(four) for what in _IN_WINDOWS})
    summed = fours.mutate(
        **{f"{what}_5_8": _ago(fours, f"{what}_1_4", 4) for what in ("events", "days")},
        **{f"{what}_1_13": _dozen(fours, what) + _ago(fours, what, 12) for what in ("days", *_SQUARED)},
        **{f"{what}_1_12": _dozen(fours, what) for what in ("events", "user_weeks", "events_moment", "users_moment")},
        events_14_26=_ago(fours, "events_1_13", 13),
    )
    return summed.mutate(
        events_slope=_relative_slope(summed, "events_1_12", "events_moment_1_12"),
        users_slope=_relative_slope(summed, "user_weeks_1_12", "users_moment_1_12"),
    )


_SQUARED = ("used", "squares")
_IN_WINDOWS = ("days", *_SQUARED, "events_moment", "users_moment")


def _so_far(weeks: ir.Table) -> ir.Table:
    """The weeks with what needs all weeks before: last_day, and the best 13 weeks of use and of users."""
    # Four weeks by a frame, longer spans from those: an engine walks a frame anew for every row, looking back is free.
    four = frame(weeks, 1, 4)
    fours = weeks.mutate(**{f"{what}_1_4": weeks[what].sum().over(four) for what in ("events", "user_weeks")})
    quarters = fours.mutate(
        **{f"{what}_1_13": _dozen(fours, what) + _ago(fours, what, 12) for what in ("events", "user_weeks")},
        last_day=fours.last_day.max().over(frame(fours, 1, None)),
    )
    so_far = frame(quarters, 1, None)
    return quarters.mutate(
        best_events=quarters.events_1_13.max().over(so_far), best_users=quarters.user_weeks_1_13.max().over(so_far)
    )


def _ago(weeks: ir.Table, column: str, ago: int) -> ir.FloatingValue:
    """The column's value so many weeks before; 0 before the first use."""
    return weeks[column].lag(ago, 0.0).over(group_by=weeks.calendar, order_by=weeks.week)


def _dozen(fours: ir.Table, what: str) -> ir.FloatingValue:
    """The sum of 12 weeks, from those of four."""
    return fours[f"{what}_1_4"] + _ago(fours, f"{what}_1_4", 4) + _ago(fours, f"{what}_1_4", 8)


def attach(left: ir.Table, right: ir.Table, *keys: str) -> ir.Table:
    """The right table's columns beside the left's; empty where it has no row."""
    return left.left_join(right, list(keys)).drop(*(f"{key}_right" for key in keys))


def bits_set(bits: ir.IntegerValue) -> ir.IntegerValue:
    """How many of the bits are set (0-62). No engine's own function is portable."""
    return bits_set_by_byte(bits) % 255  # the sum of the digits to the base 256


def bits_set_by_byte(bits: ir.IntegerValue) -> ir.IntegerValue:
    """How many bits each byte has set, in that byte."""
    bits = bits - ((bits >> 1) & 0x5555555555555555)
    bits = (bits & 0x3333333333333333) + ((bits >> 2) & 0x3333333333333333)
    return (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F


def count_where(condition: ir.BooleanValue) -> ir.FloatingValue:
    """How many rows of a group meet the condition. A sum of floats, the cheapest count that every engine has."""
    return condition.cast("int32").cast("float64").sum()


def _last_known_week(day: ir.IntegerValue) -> ir.IntegerValue:
    return (day - day % 7) // 7 - 1


def frame(weeks: ir.Table, first: int, last: int | None, *keys: str) -> Any:
    """The weeks from ``last`` weeks ago (None: the beginning) to ``first`` weeks ago; 1 is the row's own week."""
    start = None if last is None else ibis.preceding(last - 1)
    between = (start, ibis.preceding(first - 1))
    return ibis.window(rows=between, group_by=[weeks.calendar, *(weeks[k] for k in keys)], order_by=weeks.week)


def _relative_slope(summed: ir.Table, total: str, moment: str) -> ir.FloatingValue:
    """Least-squares slope of 12 weekly values over their mean; weeks before the first use count 0.

    The x are 12 successive weeks, so their mean is week - 5.5 and their squared deviations sum to 143.
    """
    sums = summed[total]
    return (summed[moment] - (summed.week - 5.5) * sums) / 143.0 / (sums / 12.0).nullif(0)
