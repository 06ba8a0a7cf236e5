"""A folder or a database URL -> the typed tables of the contract, lazily, on the source's own engine."""

from __future__ import annotations

import glob
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import psycopg
from ibis.common.exceptions import IbisError

from common.errors import HistoryError, SourceError
from features.casts import DTYPES, cast
from features.locations import (
    csv_layout,
    find_tables,
    has_scheme,
    masked,
    refuse_ambiguous_password,
    resolve_duckdb,
    without_secret,
)
from features.tables import RECORDED_AT, REQUIRED, TABLES, Column

WRONG = "wrong__"
"""Prefix of the columns of `Source.audited` that hold, as text, the values that a cast lost."""

ENGINE_ERRORS = (duckdb.Error, psycopg.Error, IbisError, OSError, UnicodeDecodeError)

SAME_ID = {"user_id": "contact_id"}
"""A user may be a contact: the two are compared, so they share a type."""

PLANNED = {
    ("subscriptions", "starts_on"), ("subscriptions", "ended_on"), ("product_features", "released_on"),
    ("interventions", "started_on"), ("interventions", "ended_on"),
}  # fmt: skip
"""Dates that may be written down before they come: one in the future is a plan, not an error."""


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


def data_end(tables: Mapping[str, ibis.Table]) -> date:
    """The day of the latest thing that happened in the tables: the contract's default data end.

    Counted are the columns that say when a row happened and those that are filled in later (an answer, a
    payment, a notice). Not counted are dates agreed in advance (``term_ends_on``, ``due_on``), since they
    say nothing about how far the source reaches, and `PLANNED` dates: a start or an end may be written
    down before it comes, and one that lies after everything else cannot be told from a plan; one that
    lies before does not move the maximum, so leaving them all out is the same as cutting them there. Only
    where nothing else happened at all do they count. ``recorded_at`` is about the record, not the company.

    Raises
    ------
    HistoryError
        Nothing in the tables has a date.
    """
    latest = latest_by_column(tables)
    if not latest:
        raise HistoryError(
            "nothing in the source has a date, so there is no data end",
            "Check that usage.occurred_at and subscriptions.starts_on are filled.",
        )
    return max(latest.values())


def latest_by_column(tables: Mapping[str, ibis.Table]) -> dict[tuple[str, str], date]:
    """The latest day of each (table, column) that tells when something happened; see `data_end`."""
    happened = _latest(tables, lambda place: place not in PLANNED)
    return happened or _latest(tables, lambda place: place in PLANNED and place[0] == "subscriptions")


def happened_columns(name: str) -> tuple[str, ...]:
    """Columns of a table that tell when something happened: its row's own time and the later-filled ones."""
    spec = TABLES[name]
    own_time = [c.name for c in spec.columns if c.known_from == c.name]
    return tuple(dict.fromkeys((*spec.happened, *own_time)))


@contextmanager
def reading(what: str, secret_url: str = "", hint: str = "") -> Iterator[None]:
    """Turn what an engine says while it reads ``what`` into a SourceError, without secrets."""
    try:
        yield
    except ENGINE_ERRORS as error:
        reason = " ".join(str(error).split("\nLINE ")[0].split()) or type(error).__name__
        if secret_url:
            reason = without_secret(reason, secret_url)
        raise SourceError(
            f"cannot read {what}: {reason}",
            hint or "Is the file whole, and readable by you? Write it again, or leave it out if it is optional.",
        ) from None


def duckdb_connection() -> Any:
    """A fresh in-memory DuckDB in UTC; what does not fit in memory spills into the system's folder."""
    connection = ibis.duckdb.connect()
    spill = Path(tempfile.gettempdir()) / f"rind-duckdb-{uuid.uuid4().hex}"
    connection.raw_sql(f"SET temp_directory='{spill}'")
    connection.raw_sql("SET TimeZone='UTC'")
    return connection


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
    id_types = _common_id_types(raw)
    audited = {name: _audited(table, name, id_types) for name, table in raw.items()}
    return Source(
        url=url,
        tables={n: t.drop(*(c for c in t.columns if c.startswith(WRONG))) for n, t in audited.items()},
        absent=tuple(n for n in TABLES if n not in raw and n not in REQUIRED),
        ignored=_by_table(raw, lambda n, t: tuple(c for c in t.columns if c not in (*_names(n), RECORDED_AT.name))),
        missing_columns=_by_table(raw, lambda n, t: tuple(c for c in _names(n) if c not in t.columns)),
        audited=audited,
        id_types=id_types,
        others=others,
        connection=connection,
    )  # fmt: skip


def column_types(name: str, id_types: Mapping[str, dt.DataType]) -> dict[str, dt.DataType]:
    """The canonical type of each column of a table of the contract, given those of the ids."""
    return {c.name: _dtype(c, id_types) for c in TABLES[name].columns}


def _audited(raw: ibis.Table, name: str, id_types: Mapping[str, dt.DataType]) -> ibis.Table:
    if name == "surveys" and "sent_at" not in raw.columns and "responded_at" in raw.columns:
        raw = raw.mutate(sent_at=raw.responded_at)  # who has answered was asked by then
    columns: dict[str, ir.Value] = {}
    flags: dict[str, ir.Value] = {}
    for column in (*TABLES[name].columns, RECORDED_AT):
        target = _dtype(column, id_types)
        if column.name in raw.columns:
            result = cast(raw[column.name], target)
            columns[column.name] = result.value
            if result.wrong is not None:
                flags[WRONG + column.name] = ibis.ifelse(result.wrong, raw[column.name].cast("string"), None)
        elif column is not RECORDED_AT:
            columns[column.name] = ibis.null(target)
    return raw.select(**columns, **flags)


def _common_id_types(raw: Mapping[str, ibis.Table]) -> dict[str, dt.DataType]:
    """int64 where every table has a whole-number type for an id, else string."""
    seen: dict[str, list[dt.DataType]] = {}
    for name, table in raw.items():
        for column in TABLES[name].columns:
            if column.kind == "id" and column.name in table.columns:
                seen.setdefault(_group(column.name), []).append(table[column.name].type())
    ids = {c.name for spec in TABLES.values() for c in spec.columns if c.kind == "id"}
    return {
        name: dt.int64 if seen.get(_group(name)) and all(map(_is_number, seen[_group(name)])) else dt.string
        for name in sorted(ids)
    }


def _group(column: str) -> str:
    return SAME_ID.get(column, column)


def _is_number(dtype: dt.DataType) -> bool:
    return bool(dtype.is_integer() or dtype.is_floating() or dtype.is_decimal())


def _dtype(column: Column, id_types: Mapping[str, dt.DataType]) -> dt.DataType:
    return id_types[column.name] if column.kind == "id" else DTYPES[column.kind]


def _names(name: str) -> tuple[str, ...]:
    return tuple(c.name for c in TABLES[name].columns)


def _by_table(
    raw: Mapping[str, ibis.Table], columns: Callable[[str, ibis.Table], tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    found = {name: columns(name, table) for name, table in raw.items()}
    return {name: names for name, names in found.items() if names}


def _latest(tables: Mapping[str, ibis.Table], counts: Callable[[tuple[str, str]], bool]) -> dict[tuple[str, str], date]:
    latest: dict[tuple[str, str], date] = {}
    for name, table in tables.items():
        columns = [c for c in happened_columns(name) if counts((name, c)) and c in table.columns]
        if not columns:
            continue
        with reading(f"the table {name}"):
            (row,) = table.aggregate(**{c: table[c].max() for c in columns}).to_pyarrow().to_pylist()
        latest |= {(name, c): _day(value) for c, value in row.items() if value is not None}
    return latest


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
