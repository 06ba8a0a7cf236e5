"""The time-travel law of the contract: cut a source at a date, and compare two feature tables up to that date."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
from pyarrow import compute

from rind.features.tables import RECORDED_AT, TABLES, Table

pc: Any = compute  # its functions are made when it is imported: type checkers do not see them
MICROSECONDS = pa.timestamp("us")


def cut(tables: Mapping[str, pa.Table], day: date) -> dict[str, pa.Table]:
    """The source as it stood at ``day`` 00:00: nothing that happened, or was recorded, then or later.

    Rows are deleted, later-filled fields (and what is known with them) emptied. Rows that never say when
    they happened stay. Columns of the contract may be missing; tables outside it come back as they are.

    Parameters
    ----------
    tables
        Name -> the contract's table; dates and timestamps without a zone (UTC).
    """
    return {name: _cut(TABLES[name], table, day) if name in TABLES else table for name, table in tables.items()}


def disagreements(one: pa.Table, other: pa.Table, until: date) -> Iterator[str]:
    """Where two feature tables differ in the rows of every as_of <= ``until``, one sentence each.

    Numbers agree when they are equal to 9 digits: engines add floats in any order.
    """
    left, right = _by_snapshot(one, until), _by_snapshot(other, until)
    for snapshot in left.keys() ^ right.keys():
        yield f"{snapshot} is in one table only"
    for snapshot in left.keys() & right.keys():
        for name, value in left[snapshot].items():
            if not _same(value, right[snapshot][name]):
                yield f"{name} of {snapshot} is {value} in one and {right[snapshot][name]} in the other"


def _cut(spec: Table, table: pa.Table, day: date) -> pa.Table:
    happened = pc.coalesce(*(_times(table, name) for name in spec.happened if name in table.column_names))
    keep = _before(happened, day)
    if RECORDED_AT.name in table.column_names:
        keep = pc.and_(keep, _before(_times(table, RECORDED_AT.name), day))
    known = {c.name: c.known_from for c in spec.columns if c.known_from and c.known_from in table.column_names}
    emptied = table
    for name in known.keys() & set(table.column_names):
        passed = _before(_times(table, known[name]), day)
        column = table[name]
        nothing = pa.nulls(len(table), column.type)
        emptied = emptied.set_column(table.column_names.index(name), name, pc.if_else(passed, column, nothing))
    return emptied.filter(keep)


def _times(table: pa.Table, name: str) -> pa.ChunkedArray:
    return pc.cast(table[name], MICROSECONDS)


def _before(times: pa.ChunkedArray, day: date) -> pa.ChunkedArray:
    """Whether a time lies strictly before the day's midnight; True where it is empty."""
    midnight = pa.scalar(datetime.combine(day, time()), MICROSECONDS)
    return pc.fill_null(pc.less(times, midnight), True)


def _by_snapshot(table: pa.Table, until: date) -> dict[tuple[Any, date], dict[str, Any]]:
    rows = table.filter(pc.less_equal(table["as_of"], pa.scalar(until, pa.date32()))).to_pylist()
    by_key = {(row.pop("account_id"), row.pop("as_of")): row for row in rows}
    if len(by_key) != len(rows):
        raise ValueError(f"{len(rows) - len(by_key)} snapshots have more than one row")
    return by_key


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)
