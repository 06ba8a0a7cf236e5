"""The quarters that readers look at and commit to, and their names."""

from __future__ import annotations

from datetime import date

from rind.common.quarters import end_of, quarter_of

AHEAD = 4
"""Quarters that a reader may look at or commit to: the present one and the next three."""
LAST_DAYS = 30
"""In its last days a quarter makes room for the next one."""


def quarters_ahead(day: date) -> list[date]:
    """The quarter in which a day lies and those after it, `AHEAD` in all."""
    quarters = [quarter_of(day)]
    while len(quarters) < AHEAD:
        quarters.append(end_of(quarters[-1]))
    return quarters


def quarter_in_view(day: date) -> date:
    """The quarter that a reader comes for: the present one, in its `LAST_DAYS` the next one."""
    present = quarter_of(day)
    return present if (end_of(present) - day).days >= LAST_DAYS else end_of(present)


def quarter_name(quarter: date) -> str:
    """Q3 2026."""
    return f"Q{(quarter.month + 2) // 3} {quarter.year}"
