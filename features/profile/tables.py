"""Rows, columns, days and months of one table: one pass over it, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import ibis

from rind.common.profile import MOST_MONTHS, ColumnProfile, TableProfile
from rind.features.engine import reading
from rind.features.profile.likeness import looks_like
from rind.features.sources import Source
from rind.features.tables import RECORDED_AT, TABLES


def profile_table(source: Source, name: str) -> TableProfile:
    """What one table of an opened source is; it is read once, and a row per month comes back.

    Raises
    ------
    SourceError
        The table cannot be read to its end.
    """
    table = source.tables[name]
    with reading(f"the table {name}"):
        months = _by_month(table, name).to_pyarrow().to_pylist()
    rows = sum(row["rows"] for row in months)
    filled = {c: sum(row[f"filled_{i}"] for row in months) for i, c in enumerate(table.columns)}
    dated = [row for row in months if row["month"] is not None]
    return TableProfile(
        name=name,
        rows=rows,
        columns=tuple(_columns(source, name, rows, filled)),
        first=min((row["first"] for row in dated), default=None),
        last=max((row["last"] for row in dated), default=None),
        months=every_month({row["month"]: row["rows"] for row in dated}),
    )


def _by_month(table: ibis.Table, name: str) -> ibis.Table:
    """One row per month: rows, first and last day, and how many rows have each column."""
    times = [table[c].cast("timestamp") for c in TABLES[name].happened if c in table.columns]
    day = ibis.coalesce(*times).date() if times else ibis.null("date")
    dated = table.mutate(day__=day)
    dated = dated.mutate(month__=dated.day__.truncate("M").cast("date"))
    filled = {f"filled_{i}": dated[c].count() for i, c in enumerate(table.columns)}
    grouped = dated.group_by(month=dated.month__)
    return grouped.agg(rows=dated.count(), first=dated.day__.min(), last=dated.day__.max(), **filled)


def _columns(source: Source, name: str, rows: int, filled: dict[str, int]) -> Iterator[ColumnProfile]:
    absent = source.missing_columns.get(name, ())
    for column in (*TABLES[name].columns, RECORDED_AT):
        if column.name in absent:
            yield ColumnProfile(column.name, "missing", required=column.required)
        elif column.name in filled:
            share = 1 - filled[column.name] / rows if rows else None
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
