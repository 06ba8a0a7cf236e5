"""Stored tables, read back: one Parquet file a table in canonical types, and a word on each in tables.json."""

from __future__ import annotations

import glob
import json
from pathlib import Path
from typing import TypedDict

import ibis

from rind.common.errors import SourceError
from rind.features.engine import new_connection, reading
from rind.features.tables import TABLES

MANIFEST = "tables.json"


class StoredTable(TypedDict):
    """A table in tables.json: whether the source had it, its rows, what was missing and what was not read."""

    present: bool
    rows: int
    columns_missing: list[str]
    ignored_columns: list[str]


def load(folder: Path) -> dict[str, ibis.Table]:
    """The stored tables, all of them, on a new connection of the engine that computes, in UTC."""
    _manifest(folder)
    connection = new_connection()
    tables = {}
    for name in TABLES:
        with reading(f"the stored table {name}"):
            tables[name] = connection.read_parquet([glob.escape(str(folder / f"{name}.parquet"))], table_name=name)
    return tables


def present(folder: Path) -> set[str]:
    """Names of the stored tables that the source had."""
    return {name for name, entry in _manifest(folder).items() if entry["present"]}


def _manifest(folder: Path) -> dict[str, StoredTable]:
    try:
        manifest: dict[str, StoredTable] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{folder} holds no stored tables: {MANIFEST} is missing or broken", "Run the validation again."
        ) from error
    return manifest
