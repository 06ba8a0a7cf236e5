"""A folder or a database URL -> the typed tables of the contract, lazily, on the source's own engine."""

from __future__ import annotations

import glob
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from rind.common.errors import SourceError
from rind.features.canonical import WRONG, audited, common_id_types
from rind.features.engine import duckdb_connection, reading
from rind.features.locations import (
    csv_layout,
    find_tables,
    has_scheme,
    masked,
    refuse_ambiguous_password,
    resolve_duckdb,
)
from rind.features.tables import RECORDED_AT, REQUIRED, TABLES


@dataclass(frozen=True)
class Source:
    """Opened tables of the contract; a context manager that closes its connection.

    Parameters
    ----------
    url
        Where they came from, with any password masked.
    tables
        The tables that exist, with all columns of the contract in their canonical types (ids int64 or
        string, texts, float64, date, timestamp UTC without zone); columns that are missing are all empty;
        ``recorded_at`` only where the source has it.
    absent, ignored, missing_columns
        Optional tables that do not exist; per table, columns that the contract does not know; per table,
        columns of the contract that the source does not have.
    audited
        ``tables`` with one more text column ``wrong__<column>`` for each cast that may fail: what it lost.
    id_types
        Per id column, the one type that it has in all tables.
    others
        What else lies there: files or tables that the contract does not know.
    """

    url: str
    tables: Mapping[str, ibis.Table]
    absent: tuple[str, ...]
    ignored: Mapping[str, tuple[str, ...]]
    missing_columns: Mapping[str, tuple[str, ...]]
    audited: Mapping[str, ibis.Table] = field(repr=False)
    id_types: Mapping[str, dt.DataType] = field(repr=False)
    others: tuple[str, ...] = ()
    connection: Any = field(default=None, repr=False)

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the tables cannot be read after it."""
        self.connection.disconnect()


def open_source(url: str | Path) -> Source:
    """Open a folder, ``duckdb:///file.db`` (read-only) or ``postgres://user:password@host/name``.

    In a folder a table is ``<name>.parquet``, ``<name>.csv`` (or ``.csv.gz``), or a folder of that name with
    Parquet or CSV parts at any depth (hive-partitioned too). Nothing but schemas is read.

    Raises
    ------
    SourceError
        The scheme is unknown, nothing is there, a file is unreadable or no server answers.
    """
    text = str(url)
    if not has_scheme(text):
        return _open_folder(Path(text).expanduser())
    scheme = text.split("://", 1)[0].lower()
    if scheme == "duckdb":
        path = resolve_duckdb(text)
        with reading(f"the database {path}", hint="Is it a DuckDB file that no other process writes to?"):
            connection = ibis.duckdb.connect(path, read_only=True)
        return _open_database(connection, masked(text))
    if scheme in ("postgres", "postgresql"):
        refuse_ambiguous_password(text)
        with reading(masked(text), text, "Check host, port, database, user and password; is the server up?"):
            connection = ibis.connect(text, connect_timeout=10)
        return _open_database(connection, masked(text))
    raise SourceError(
        f"cannot open {masked(text)}: the scheme {scheme}:// is not known",
        "Give a folder, duckdb:///file.db or postgres://user:password@host/database.",
    )


def _open_folder(folder: Path) -> Source:
    files, others = find_tables(folder, tuple(TABLES))
    connection = duckdb_connection()
    raw = {}
    broken = []
    for name, (suffix, paths) in files.items():
        try:
            with reading(f"the table {name} ({paths[0]}{' and others' if len(paths) > 1 else ''})"):
                raw[name] = _read_files(connection, name, suffix, paths)
        except SourceError as error:
            broken.append(error)
    if broken:
        connection.disconnect()
        raise SourceError("\n".join(e.message for e in broken), broken[0].hint)
    return _typed_source(str(folder), connection, raw, others)


def _read_files(connection: Any, name: str, suffix: str, paths: list[Path]) -> ibis.Table:
    if suffix == "csv":
        return _read_csv(connection, name, paths)
    # Types of hive keys are not guessed: an id of 007 in a folder's name stays a text.
    return connection.read_parquet(
        [glob.escape(str(path)) for path in paths],
        table_name=f"source_{name}",
        union_by_name=True,
        hive_partitioning=any("=" in path.parent.name for path in paths),
        hive_types_autocast=False,
    )


def _read_csv(connection: Any, name: str, paths: list[Path]) -> ibis.Table:
    """All columns as texts, so that nothing is guessed; parts whose columns differ are united by name."""
    by_layout: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for path in paths:
        by_layout.setdefault(csv_layout(path), []).append(glob.escape(str(path)))
    parts = [
        connection.read_csv(
            same, table_name=f"source_{name}_{i}", columns=dict.fromkeys(columns, "VARCHAR"), delim=delimiter,
            header=True, auto_detect=False, quote='"', escape='"', hive_partitioning=False,
        )
        for i, ((delimiter, columns), same) in enumerate(by_layout.items())
    ]  # fmt: skip
    columns = dict.fromkeys(column for part in parts for column in part.columns)
    aligned = [
        part.select(**{c: part[c] if c in part.columns else ibis.null("string") for c in columns}) for part in parts
    ]
    return aligned[0] if len(aligned) == 1 else ibis.union(*aligned)


def _open_database(connection: Any, url: str) -> Source:
    with reading(url):
        connection.raw_sql("SET TimeZone='UTC'")
        if connection.name == "postgres":
            connection.con.commit()  # a rollback would undo the setting
        names = _table_names(connection)
        raw = {name: connection.table(name) for name in TABLES if name in names}
    return _typed_source(url, connection, raw, tuple(n for n in names if n not in TABLES))


def _table_names(connection: Any) -> list[str]:
    """Tables and views of the current schema, temporary ones of others aside."""
    query = (
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = current_schema() AND table_catalog = current_database() ORDER BY table_name"
    )
    return [name for (name,) in connection.con.execute(query).fetchall()]


def _typed_source(url: str, connection: Any, raw: dict[str, ibis.Table], others: tuple[str, ...]) -> Source:
    id_types = common_id_types(raw)
    checked = {name: audited(table, name, id_types) for name, table in raw.items()}
    return Source(
        url=url,
        tables={n: t.drop(*(c for c in t.columns if c.startswith(WRONG))) for n, t in checked.items()},
        absent=tuple(n for n in TABLES if n not in raw and n not in REQUIRED),
        ignored=_by_table(raw, lambda n, t: tuple(c for c in t.columns if c not in (*_names(n), RECORDED_AT.name))),
        missing_columns=_by_table(raw, lambda n, t: tuple(c for c in _names(n) if c not in t.columns)),
        audited=checked,
        id_types=id_types,
        others=others,
        connection=connection,
    )  # fmt: skip


def _names(name: str) -> tuple[str, ...]:
    return tuple(c.name for c in TABLES[name].columns)


def _by_table(
    raw: Mapping[str, ibis.Table], columns: Callable[[str, ibis.Table], tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    found = {name: columns(name, table) for name, table in raw.items()}
    return {name: names for name, names in found.items() if names}
