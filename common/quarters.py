"""Quarters of the calendar: each is named by its first day."""

from __future__ import annotations

from datetime import date


def quarter_of(day: date) -> date:
    """The first day of the quarter in which a day lies."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def end_of(quarter: date) -> date:
    """The day after a quarter's last, which is the first day of the next one."""
    return date(quarter.year + quarter.month // 10, (quarter.month + 2) % 12 + 1, 1)
