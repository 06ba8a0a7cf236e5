"""Random companies with what engines disagree about, for `benchmarks.parity`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc

from rind.common.files import write_json
from rind.features.checks.family_check import AGES
from rind.features.checks.random_company import ACCOUNTS, Company
from rind.features.tables import TABLES

DAYS = (date(2024, 2, 29), date(2024, 3, 31), date(2024, 10, 27))
"""A leap day, and two days on which clocks change in Europe; a quarter of all times lie around their midnights."""

SCRIPTS = ("{}", "Ünïcode-{}", "株式会社 {}", "{} 🍉 'n' \"co\"")
"""Ids and texts in any script, with blanks and quotation marks."""

SPOILS = (
    "", " ", "\t", "NULL", "n/a", "NaN", "abc", "-5", "0", "17.0", "1.7e1", " 7 ", "1,5", "1e400", "inf", "1e12",
    "2024-02-30", "2024-1-5 3:04", "2024-03-31T02:30:00+02:00", "2024-03-31 02:30:00", "2024-02-29T23:59:59.999999Z",
    "2024-01-05  10:00:00.123456789", "2024-06-01 10:00 +0530", "9999-12-31", "1970-01-01", "1900-01-01", "2031-01-01",
    "true", "Yes", "Ünbekannt", "high ", "URGENT", "q-b-r", "a0", "99999999999999999999",
)  # fmt: skip
"""What stands in a cell of an export that nobody has looked at."""


def company(random: Random) -> dict[str, pa.Table]:
    """All tables of the contract: one `Company` around each of `DAYS`, under ids of its own."""
    drawn = [Company(random, day).tables() for day in DAYS]
    tables = {name: pa.concat_tables([_renamed(t[name], n) for n, t in enumerate(drawn)]) for name in TABLES}
    return {name: _with_parts(_once(tables[name], name), random) for name in TABLES}


def dates_around(days: Sequence[date]) -> pa.Table:
    """The snapshots: each account of `company` on dates around its day."""
    rows = [
        {"account_id": _name(who, n), "as_of": day - timedelta(days=age)}
        for n, day in enumerate(days)
        for who in ACCOUNTS
        for age in AGES
    ]
    return pa.Table.from_pylist(rows, pa.schema([("account_id", pa.string()), ("as_of", pa.date32())]))


def spoiled(tables: Mapping[str, pa.Table], random: Random) -> dict[str, pa.Table]:
    """The tables as texts, as a CSV holds them, with some cells spoiled, some rows doubled, some keys taken twice."""
    return {name: _spoiled(table, random, 0.002 if name in ("accounts", "subscriptions") else 0.02)
            for name, table in tables.items()}  # fmt: skip


def _spoiled(table: pa.Table, random: Random, share: float) -> pa.Table:
    def cell(value: Any) -> str | None:
        if random.random() < share:
            return random.choice(SPOILS)
        return None if value is None else str(value)

    rows = [{name: cell(value) for name, value in row.items()} for row in table.to_pylist()]
    rows += [dict(random.choice(rows)) for _ in range(len(rows) // 50)]
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in table.column_names]))


def _renamed(table: pa.Table, number: int) -> pa.Table:
    """The table with the ids of the number's company, of each kind, and of users who are contacts."""
    for name in ("account_id", "parent_id"):
        table = _mapped(table, name, lambda who: _name(who, number))
    ids = {key for spec in TABLES.values() for key in spec.key if key.endswith("_id")} | {"contact_id", "user_id"}
    for name in sorted(ids - {"account_id"}):
        table = _mapped(table, name, lambda value: f"{number}-{value}")
    return table


def _name(who: str, number: int) -> str:
    return SCRIPTS[int(who[1:]) % len(SCRIPTS)].format(f"{number}{who}")


def _mapped(table: pa.Table, name: str, change: Callable[[str], str]) -> pa.Table:
    if name not in table.column_names:
        return table
    values = [None if value is None else change(value) for value in table[name].to_pylist()]
    return table.set_column(table.column_names.index(name), name, pa.array(values, pa.string()))


def _once(table: pa.Table, name: str) -> pa.Table:
    """The first row of each key: product features and rates belong to no account."""
    key = TABLES[name].key
    if not key:
        return table
    rows = {tuple(row[k] for k in key): row for row in reversed(table.to_pylist())}
    return pa.Table.from_pylist(list(rows.values())[::-1], table.schema)


def _with_parts(table: pa.Table, random: Random) -> pa.Table:
    """Amounts with cents, quantities with thirds, and some times with parts of a second."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name in ("mrr", "amount", "quantity", "rate"):
            steps: Sequence[Any] = (0, 0.1, 0.25, 1 / 3)
        elif pa.types.is_timestamp(column.type):
            steps = (*[timedelta()] * 4, timedelta(microseconds=1), timedelta(seconds=0.5), timedelta(seconds=0.999999))
        else:
            continue
        values = [None if value is None else value + random.choice(steps) for value in column.to_pylist()]
        table = table.set_column(table.column_names.index(name), name, pa.array(values, column.type))
    return table


EXPORTS: Mapping[str, tuple[str, Mapping[str, Mapping[str, str]]]] = {
    "customers": ("accounts", {
        "account_id": {"from": "Id", "as": "id"}, "name": {"from": "Name"},
        "signed_on": {"from": "Since", "as": "date"},
    }),
    "contracts": ("subscriptions", {
        "subscription_id": {"from": "Id", "as": "id"}, "account_id": {"from": "Customer", "as": "id"},
        "mrr": {"from": "Cents", "as": "number", "unit": "cents"}, "starts_on": {"from": "Start", "as": "date"},
        "ended_on": {"from": "End", "as": "date"},
    }),
    "events": ("usage", {
        "account_id": {"from": "Customer", "as": "id"}, "user_id": {"from": "Person", "as": "id"},
        "feature": {"from": "What"}, "occurred_at": {"from": "At", "as": "time", "zone": "Europe/Berlin"},
    }),
}  # fmt: skip
"""An export -> the table that a mapping makes of it, and how the mapping reads each column."""


def write_mapping(tables: Mapping[str, pa.Table], folder: Path) -> Path:
    """Exports of a company under names of their own, and a mapping of them: local times, cents, ids with blanks."""
    (folder / "exports").mkdir(parents=True)
    inputs = {name: {"file": f"{name}.csv", "columns": columns} for name, (_, columns) in EXPORTS.items()}
    write_json(folder / "mapping.yaml", {"exports": "exports", "inputs": inputs})  # JSON is YAML
    for name, (table, columns) in EXPORTS.items():
        rows = pa.table({how["from"]: tables[table][column] for column, how in columns.items()})
        pc.write_csv(rows, folder / "exports" / f"{name}.csv")
        (folder / f"{table}.sql").write_text(f"select * from {name}", encoding="utf-8")
    return folder
