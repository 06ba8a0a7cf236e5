"""A very small company with all tables and columns of the contract, and what may be odd about its source.

Read by `benchmarks.fuzz`. A change is one thing: a column that is all empty or holds one value, a table without rows,
with one row, or not there at all; one account, nobody who left, everybody who left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rind.demo.company import make_company
from rind.demo.schema import to_arrow
from rind.features.checks.arrow_tables import arrow_table
from rind.features.tables import TABLES

Tables = dict[str, pa.Table]
TIMES = ("date", "timestamp")


@dataclass(frozen=True)
class Change:
    """One odd thing about a source: its name, and the tables after it."""

    name: str
    of: Callable[[Tables], Tables]


def company(accounts: int = 100, years: float = 1.5) -> Tables:
    """All tables of the contract, each column with some values; months of contract, two accounts in five leave."""
    made = make_company(accounts=accounts, years=years, seed=7, scenario="monthly")
    tables = {name: to_arrow(name, frame) for name, frame in made.tables.items()}
    tables["usage"] = tables["usage"].take(np.arange(0, len(tables["usage"]), 3))
    tables |= _further_tables(tables, made.data_end)
    return {name: _all_columns(name, table) for name, table in tables.items()}


def changes() -> list[Change]:
    """Every change of every table; the first one changes nothing."""
    of_tables = [change for name in TABLES for change in _of_table(name)]
    return [
        Change("as it is", dict),
        Change("one account", _one_account),
        Change("nobody left", _nobody_left),
        Change("everybody left", _everybody_left),
        *of_tables,
    ]


def write(tables: Tables, folder: Path) -> None:
    """The tables as Parquet files, in place of those that lie there."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.parquet"):
        path.unlink()
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")


def _of_table(name: str) -> Iterator[Change]:
    yield Change(f"{name}: gone", partial(_without, name))
    yield Change(f"{name}: no rows", partial(_some_rows, name, 0))
    yield Change(f"{name}: one row", partial(_some_rows, name, 1))
    for column in TABLES[name].columns:
        yield Change(f"{name}.{column.name}: all null", partial(_one_value, name, column.name, "null"))
        yield Change(f"{name}.{column.name}: constant", partial(_one_value, name, column.name, "first"))
        if column.kind in TIMES:  # the first and the last day are two different oddities
            yield Change(f"{name}.{column.name}: constant, late", partial(_one_value, name, column.name, "last"))


def _without(name: str, tables: Tables) -> Tables:
    return {other: table for other, table in tables.items() if other != name}


def _some_rows(name: str, rows: int, tables: Tables) -> Tables:
    return tables | {name: tables[name].slice(0, rows)}


def _one_value(name: str, column: str, which: str, tables: Tables) -> Tables:
    """Every row holds the same: nothing, the first value by size, or the last."""
    table = tables[name]
    place = table.column_names.index(column)
    held = table[column]
    known = held.drop_null().unique().sort()
    value = {"null": None, "first": known[0].as_py(), "last": known[-1].as_py()}[which]
    constant = pa.array([value] * len(table), held.type)
    return tables | {name: table.set_column(place, column, constant)}


def _kept(tables: Tables, accounts: list[str]) -> Tables:
    """Only these accounts, and all that belongs to them."""
    wanted = pc.SetLookupOptions(value_set=pa.array(accounts, pa.string()))
    return {
        name: table.filter(pc.call_function("is_in", [table["account_id"]], wanted))
        if "account_id" in table.column_names
        else table
        for name, table in tables.items()
    }


def _open(tables: Tables) -> list[str]:
    """Accounts with a contract that has not ended."""
    terms = tables["subscriptions"]
    return sorted(terms.filter(pc.call_function("is_null", [terms["ended_on"]]))["account_id"].unique().to_pylist())


def _one_account(tables: Tables) -> Tables:
    return _kept(tables, _open(tables)[:1])


def _nobody_left(tables: Tables) -> Tables:
    return _kept(tables, _open(tables))


def _everybody_left(tables: Tables) -> Tables:
    """Every contract that is still open ended forty days before the last use."""
    last = pc.call_function("max", [tables["usage"]["occurred_at"]]).as_py().date()
    terms = tables["subscriptions"]
    early = terms.filter(pc.call_function("less", [terms["starts_on"], pa.scalar(last - timedelta(days=60))]))
    ended = pc.call_function("coalesce", [early["ended_on"], pa.scalar(last - timedelta(days=40), pa.date32())])
    place = early.column_names.index("ended_on")
    return tables | {"subscriptions": early.set_column(place, "ended_on", ended)}


def _further_tables(tables: Tables, end: date) -> Tables:
    """The tables that the demo company does not have, and columns that it leaves out."""
    rng = np.random.default_rng(7)
    accounts = tables["accounts"]["account_id"].to_pylist()
    days = [end - timedelta(days=int(n)) for n in rng.integers(1, 400, 60)]
    some = [accounts[int(n)] for n in rng.integers(0, len(accounts), 60)]
    departures = [
        {"account_id": account, "left_on": day, "reason": ("price", "no use")[n % 2], "competitor": "Other",
         "comment": "too dear"}
        for n, (account, day) in enumerate(zip(some, days, strict=True))
    ]  # fmt: skip
    requests = [
        {"request_id": f"r{n}", "account_id": account, "topic": "export", "asked_on": day,
         "closed_on": day + timedelta(days=9) if n % 2 else None, "outcome": "done" if n % 2 else None}
        for n, (account, day) in enumerate(zip(some, days, strict=True))
    ]  # fmt: skip
    months = sorted({day.replace(day=1) for day in days})
    costs = [
        {"month": month, "kind": kind, "segment": None, "csm": None, "amount": 1000.0}
        for month in months for kind in ("acquisition", "success", "support")
    ]  # fmt: skip
    rates = [{"currency": "USD", "as_of": month, "rate": 0.9} for month in [date(2020, 1, 1), *months]]
    rows: dict[str, list[dict[str, Any]]] = {
        "departures": departures, "requests": requests, "costs": costs, "rates": rates,
    }  # fmt: skip
    return {name: arrow_table(name, of_table) for name, of_table in rows.items()}


FILLED: dict[str, Callable[[pa.Table], list[Any]]] = {
    "accounts.parent_id": lambda t: [t["account_id"][0].as_py() if n % 9 == 5 else None for n in range(len(t))],
    "accounts.excluded": lambda t: [n == 3 for n in range(len(t))],
    "subscriptions.kind": lambda t: ["paid"] * len(t),
    "subscriptions.currency": lambda t: ["USD" if n % 7 == 0 else None for n in range(len(t))],
    "subscriptions.paused_from": lambda t: [d.as_py() if n % 41 == 0 else None for n, d in enumerate(t["starts_on"])],
    "subscriptions.paused_until": lambda t: [
        d.as_py() + timedelta(days=14) if n % 41 == 0 else None for n, d in enumerate(t["starts_on"])
    ],
    "usage.event_id": lambda t: [f"e{n}" for n in range(len(t))],
    "costs.segment": lambda t: ["smb" if n % 2 else None for n in range(len(t))],
    "costs.csm": lambda t: ["Ann" if n % 3 else None for n in range(len(t))],
}
"""Columns of the contract that the tables above do not fill."""


def _all_columns(name: str, table: pa.Table) -> pa.Table:
    """The table with every column of the contract, in its order."""
    empty = arrow_table(name, [])
    columns = []
    for column in empty.column_names:
        if make := FILLED.get(f"{name}.{column}"):
            columns.append(pa.array(make(table), empty.schema.field(column).type))
        elif column in table.column_names:
            columns.append(table[column])
        else:
            columns.append(pa.nulls(len(table), empty.schema.field(column).type))
    return pa.table(columns, names=empty.column_names)
