"""Small typed tables of the contract, written by hand in a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from rind.features.tables import RECORDED_AT, TABLES

ARROW = {
    "id": pa.string(), "string": pa.string(), "date": pa.date32(), "timestamp": pa.timestamp("us"),
    "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
}  # fmt: skip


def midnight(day: date) -> datetime:
    """00:00 of a day; times are naive UTC, as in the contract."""
    return datetime.combine(day, time.min)


def arrow_table(name: str, rows: Iterable[Mapping[str, Any]] = (), recorded: bool = False) -> pa.Table:
    """A table of the contract; what a row does not say is empty. ISO texts stand for dates and times."""
    columns = TABLES[name].columns + ((RECORDED_AT,) if recorded else ())
    schema = pa.schema([(c.name, ARROW[c.kind]) for c in columns])
    kinds = {c.name: c.kind for c in columns}
    typed = [{k: _value(kinds[k], v) for k, v in row.items()} for row in rows]
    return pa.Table.from_pylist(typed, schema=schema)


def tables(con: Any, recorded: Iterable[str] = (), **rows: Iterable[Mapping[str, Any]]) -> dict[str, ir.Table]:
    """All tables of the contract on an engine; those that are not given are empty."""
    return {name: on_engine(con, arrow_table(name, rows.get(name, ()), name in set(recorded))) for name in TABLES}


def snapshots(con: Any, *pairs: tuple[str, str]) -> ir.Table:
    """A spine of (account_id, as_of) pairs on an engine."""
    rows = [{"account_id": account, "as_of": date.fromisoformat(day)} for account, day in pairs]
    return on_engine(con, pa.Table.from_pylist(rows, pa.schema([("account_id", pa.string()), ("as_of", pa.date32())])))


def on_engine(con: Any, table: pa.Table) -> ir.Table:
    """The table as a temporary table of the engine."""
    name = ibis.util.gen_name("t")
    return con.create_table(name, table, temp=True)


def _value(kind: str, value: Any) -> Any:
    if isinstance(value, str) and kind == "date":
        return date.fromisoformat(value)
    if isinstance(value, str) and kind == "timestamp":
        return datetime.fromisoformat(value)
    return value
