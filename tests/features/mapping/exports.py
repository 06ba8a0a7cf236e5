"""Small exports for the tests, and mappings made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rind.features.mapping.drafting import Draft, draft
from rind.features.sources import Source, open_source


def write_csv(folder: Path, name: str, text: str) -> None:
    """A CSV of the lines of a text; blanks before a line do not count."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line.strip() for line in text.strip().splitlines()]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_lines(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    """JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def drafted(folder: Path, systems: str) -> Draft:
    """The mapping that `rind map` writes for the exports in ``folder / "exports"``."""
    return draft(systems.split(","), str(folder / "exports"), folder / "mapping")


def rows_of(mapping: Path, table: str, *columns: str) -> list[Any]:
    """Rows of a table as the mapping gives them, before they are typed and checked; the value itself for one column."""
    source = open_source(mapping)
    with source:
        return rows_in(source, table, *columns)


def rows_in(source: Source, table: str, *columns: str) -> list[Any]:
    """As `rows_of`, of an opened source."""
    query = f"select {', '.join(columns)} from {table} order by all"
    rows = source.connection.con.execute(query).fetchall()
    return [row[0] for row in rows] if len(columns) == 1 else rows
