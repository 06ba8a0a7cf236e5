"""Small typed tables of the contract, written by hand in a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from rind.features.checks.arrow_tables import arrow_table
from rind.features.tables import TABLES


def midnight(day: date) -> datetime:
    """00:00 of a day; times are naive UTC, as in the contract."""
    return datetime.combine(day, time.min)


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
