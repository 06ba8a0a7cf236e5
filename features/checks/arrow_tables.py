"""Rows written by hand or drawn at random -> tables of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from rind.features.tables import RECORDED_AT, TABLES

ARROW = {
    "id": pa.string(), "string": pa.string(), "date": pa.date32(), "timestamp": pa.timestamp("us"),
    "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
}  # fmt: skip


def arrow_table(name: str, rows: Iterable[Mapping[str, Any]] = (), recorded: bool = False) -> pa.Table:
    """A table of the contract; what a row does not say is empty. ISO texts stand for dates and times."""
    columns = TABLES[name].columns + ((RECORDED_AT,) if recorded else ())
    schema = pa.schema([(c.name, ARROW[c.kind]) for c in columns])
    kinds = {c.name: c.kind for c in columns}
    typed = [{k: _value(kinds[k], v) for k, v in row.items()} for row in rows]
    return pa.Table.from_pylist(typed, schema=schema)


def _value(kind: str, value: Any) -> Any:
    if isinstance(value, str) and kind == "date":
        return date.fromisoformat(value)
    if isinstance(value, str) and kind == "timestamp":
        return datetime.fromisoformat(value)
    return value
