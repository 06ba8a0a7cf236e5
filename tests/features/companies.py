"""A small, sound company, written where a test wants it: files, a DuckDB file, a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from tests.builders import arrow_table

DAYS = [date(2024, 1, 1) + timedelta(days=7 * week) for week in range(52)]

SOUND: dict[str, list[dict[str, Any]]] = {
    "accounts": [{"account_id": a, "name": a, "signed_on": "2023-12-01"} for a in ("A1", "A2")],
    "subscriptions": [
        {"subscription_id": "S1", "account_id": "A1", "mrr": 100.0, "starts_on": "2024-01-01"},
        {"subscription_id": "S2", "account_id": "A2", "mrr": 50.0, "starts_on": "2024-01-01", "ended_on": "2024-06-01"},
    ],
    "usage": [
        {"account_id": "A1", "user_id": "U1", "feature": "login", "occurred_at": f"{d}T10:00:00", "quantity": 2.0}
        for d in DAYS
    ],
    "tickets": [
        {"ticket_id": "T1", "account_id": "A1", "opened_at": "2024-03-01T09:00", "resolved_at": "2024-03-02T09:00",
         "priority": "high", "touches": 1.0},
    ],
}  # fmt: skip


def company(**changed: Iterable[Mapping[str, Any]] | None) -> dict[str, pa.Table]:
    """The sound company with some tables replaced; None takes one away."""
    rows = {**SOUND, **changed}
    return {name: arrow_table(name, r) for name, r in rows.items() if r is not None}


def write_parquet(folder: Path, tables: Mapping[str, pa.Table]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


def write_csv(folder: Path, tables: Mapping[str, pa.Table]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pc.write_csv(table, folder / f"{name}.csv")
    return folder


def write_parts(folder: Path, tables: Mapping[str, pa.Table]) -> Path:
    """Every table a folder of two parts; usage hive-partitioned by month, as Spark would write it."""
    for name, table in tables.items():
        middle = table.num_rows // 2
        for i, part in enumerate((table.slice(0, middle), table.slice(middle))):
            inside = folder / name / f"month=2024-0{i + 1}" if name == "usage" else folder / name
            inside.mkdir(parents=True, exist_ok=True)
            pq.write_table(part, inside / f"part-{i}.parquet")
        (folder / name / "_SUCCESS").touch()
    return folder


def write_duckdb(file: Path, tables: Mapping[str, pa.Table]) -> str:
    con = ibis.duckdb.connect(file)
    for name, table in tables.items():
        con.create_table(name, table)
    con.disconnect()
    return f"duckdb:///{file}"


def write_postgres(uri: str, schema: str, tables: Mapping[str, pa.Table]) -> str:
    """The URL of a schema of its own, so that tests do not meet."""
    con = ibis.connect(uri)
    con.raw_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    con.raw_sql(f"CREATE SCHEMA {schema}")
    con.con.commit()
    for name, table in tables.items():
        con.create_table(name, table, database=schema)
    con.disconnect()
    return f"{uri}{'&' if '?' in uri else '?'}schema={schema}"
