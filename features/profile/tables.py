"""Rows, columns, days and months of one table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from rind.common.profile import MOST_MONTHS, ColumnProfile, TableProfile
from rind.features.counting import Counts
from rind.features.profile.likeness import looks_like
from rind.features.sources import Source
from rind.features.tables import RECORDED_AT, TABLES


def profile_table(source: Source, name: str, counts: Counts) -> TableProfile:
    """What one table of an opened source is, of what one pass over it counted (`features.counting.count_table`)."""
    dated = [(day.day, day.rows) for day in counts.days if day.day is not None]
    months: dict[date, int] = {}
    for day, rows in dated:
        months[day.replace(day=1)] = months.get(day.replace(day=1), 0) + rows
    return TableProfile(
        name=name,
        rows=counts.rows,
        columns=tuple(_columns(source, name, counts)),
        first=min((day for day, _ in dated), default=None),
        last=max((day for day, _ in dated), default=None),
        months=every_month(months),
    )


def _columns(source: Source, name: str, counts: Counts) -> Iterator[ColumnProfile]:
    absent = source.missing_columns.get(name, ())
    for column in (*TABLES[name].columns, RECORDED_AT):
        if column.name in absent:
            yield ColumnProfile(column.name, "missing", required=column.required)
        elif column.name in source.tables[name].columns:
            filled = sum(day.filled[column.name] for day in counts.days)
            share = 1 - filled / counts.rows if counts.rows else None
            yield ColumnProfile(column.name, "used", share, required=column.required)
    for other in source.ignored.get(name, ()):
        yield ColumnProfile(other, "unused", looks_like=looks_like(other, absent))


def every_month(counts: dict[date, Any]) -> tuple[tuple[date, Any], ...]:
    """The last `MOST_MONTHS` months of (first day, count), those without a row as 0."""
    if not counts:
        return ()
    month, last = min(counts), max(counts)
    month = max(month, months_later(last, 1 - MOST_MONTHS))
    months = []
    while month <= last:
        months.append((month, counts.get(month, 0)))
        month = months_later(month, 1)
    return tuple(months)


def months_later(month: date, count: int) -> date:
    """The first day of the month so many months later; that of the year 1 at the earliest."""
    number = max(month.year * 12 + month.month - 1 + count, 12)
    return date(number // 12, number % 12 + 1, 1)
