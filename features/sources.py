"""A folder or a database URL -> the typed tables of the contract, lazily, on the source's own engine."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from rind.common.errors import SourceError, UsageError
from rind.features.canonical import RAW, audited, column_names, common_id_types, typed
from rind.features.engine import duckdb_connection, held, new_connection, reading, spark_connection
from rind.features.locations import (
    CsvLayout,
    csv_layout,
    find_tables,
    has_scheme,
    masked,
    refuse_ambiguous_password,
    resolve_duckdb,
)
from rind.features.mapping import files
from rind.features.mapping.opening import open_mapping
from rind.features.mapping.spec import find_mapping
from rind.features.names import matched
from rind.features.remote import EXTENSIONS, is_remote, prepare_remote
from rind.features.tables import REQUIRED, TABLES
from rind.features.warehouses import WAREHOUSES, connect_warehouse

SPARK_CATALOGUE = "spark-catalog"
"""Scheme of tables in Spark's catalogue: spark-catalog://[CATALOGUE.]DATABASE."""


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
        ``recorded_at`` only where the source has it. ``usage`` has only rows with use, that is with a positive
        quantity, and an empty quantity is 1 in it.
    absent, ignored, missing_columns
        Optional tables that do not exist; per table, columns that the contract does not know; per table,
        columns of the contract that the source does not have.
    audited
        All rows of the tables with what the casts lost and the row as it came (`features.canonical.audited`).
    id_types
        Per id column, the one type that it has in all tables.
    others
        Files or tables that were not read.
    read_as
        Per table, columns of the source that differ from the contract's in spelling alone -> the contract's.
    without
        Optional tables that were left out because the user said so.
    """

    url: str
    tables: Mapping[str, ibis.Table]
    absent: tuple[str, ...]
    ignored: Mapping[str, tuple[str, ...]]
    missing_columns: Mapping[str, tuple[str, ...]]
    audited: Mapping[str, ibis.Table] = field(repr=False)
    id_types: Mapping[str, dt.DataType] = field(repr=False)
    others: tuple[str, ...] = ()
    read_as: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    connection: Any = field(default=None, repr=False)

    def raw_type(self, name: str, column: str) -> dt.DataType:
        """The type of a column of a table as the source has it."""
        return self.audited[name][RAW + column].type()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the tables cannot be read after it."""
        self.connection.disconnect()


def open_source(url: str | Path, without: Sequence[str] = ()) -> Source:
    """Open a folder, ``duckdb:///file.db`` (read-only), ``postgres://user:password@host/name`` or a mapping.

    A folder is read by the engine that computes (`features.engine.computing_on`), every other source by its own.
    A mapping is a folder with mapping.yaml, or that file itself (`features.mapping`).

    In a folder a table is ``<name>.parquet``, ``<name>.csv`` (or ``.csv.gz``), or a folder of that name with
    Parquet or CSV parts at any depth (hive-partitioned too). Schemas are read, ids that are written as text,
    and on DuckDB small tables whole (`SMALL_ROWS`).

    Parameters
    ----------
    without
        Optional tables that are left out, whether they can be read or not.

    Raises
    ------
    UsageError
        ``without`` names a required or an unknown table.
    SourceError
        The scheme is unknown, nothing is there, a file is unreadable or no server answers.
    """
    _refuse_needed(without)
    text = str(url)
    mapping = None if has_scheme(text) else find_mapping(text)
    if mapping:
        opened = open_mapping(mapping)
        kept = {name: table for name, table in opened.tables.items() if name not in without}
        return _typed_source(text, opened.connection, kept, opened.others, without)
    if not has_scheme(text):
        return _open_folder(Path(text).expanduser(), without)
    return _open_scheme(text, without)


def _open_scheme(text: str, without: Sequence[str]) -> Source:
    """A source whose address has a scheme."""
    scheme = text.split("://", 1)[0].lower()
    if scheme == "duckdb":
        path = resolve_duckdb(text)
        with reading(f"the database {path}", hint="Is it a DuckDB file that no other process writes to?"):
            connection = ibis.duckdb.connect(path, read_only=True)
        return _open_database(connection, masked(text), without)
    if scheme in ("postgres", "postgresql"):
        refuse_ambiguous_password(text)
        with reading(masked(text), text, "Check host, port, database, user and password; is the server up?"):
            connection = ibis.connect(text, connect_timeout=10)
        return _open_database(connection, masked(text), without)
    if is_remote(text):
        return _open_remote(text, without)
    if scheme == SPARK_CATALOGUE:
        return _open_catalogue(text, without)
    if scheme in WAREHOUSES:
        return _open_database(connect_warehouse(text), masked(text), without)
    raise SourceError(
        f"cannot open {masked(text)}: the scheme {scheme}:// is not known",
        f"Give a folder, duckdb:///file.db, postgres://user:password@host/database, or one of {', '.join(EXTENSIONS)} "
        f"or {', '.join(WAREHOUSES)}.",
    )


def _open_catalogue(url: str, without: Sequence[str]) -> Source:
    """The tables of a database in Spark's catalogue."""
    connection = spark_connection()
    name = url.split("://", 1)[1].strip("/")
    with reading(url, hint="Does Spark's configuration (SPARK_CONF_DIR) name the catalogue, and has it this database?"):
        connection.raw_sql(f"USE {'.'.join('`' + part.replace('`', '``') + '`' for part in name.split('.'))}")
    return _open_database(connection, url, without)


def _refuse_needed(without: Sequence[str]) -> None:
    optional = [name for name in TABLES if name not in REQUIRED]
    wrong = [name for name in without if name not in optional]
    if wrong:
        raise UsageError(
            f"--without cannot leave out {', '.join(wrong)}", f"Optional tables are {', '.join(optional)}."
        )


def _open_remote(url: str, without: Sequence[str]) -> Source:
    """The tables among the files below a URL: ``accounts.parquet``, or parts below ``accounts/``."""
    connection = duckdb_connection()
    prepare_remote(connection, url)
    names = files.export_names(connection, url)
    parts = {t: [n for n in names if n.split("/")[0].split(".")[0] == t] for t in TABLES if t not in without}
    raw = {}
    for table, paths in parts.items():
        if paths:
            with reading(f"the table {table} ({url})", url):
                raw[table] = connection.sql(f"select * from {files.relation(connection, url, paths, {})}")
    others = tuple(n for n in names if not any(n in paths for paths in parts.values()))
    return _typed_source(masked(url), connection, raw, others, without)


def _open_folder(folder: Path, without: Sequence[str]) -> Source:
    files, others = find_tables(folder, tuple(TABLES))
    files = {name: file for name, file in files.items() if name not in without}
    connection = new_connection()
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
    return _typed_source(str(folder), connection, raw, others, without)


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
        binary_as_string=True,  # older Spark, Hive and Impala write texts so
    )


_ESCAPED = {"\r": "\\r", "\n": "\\n", "\r\n": "\\r\\n"}


def _read_csv(connection: Any, name: str, paths: list[Path]) -> ibis.Table:
    """All columns as texts, so that nothing is guessed; parts whose layouts differ are united by name."""
    by_layout: dict[CsvLayout, list[str]] = {}
    for path in paths:
        by_layout.setdefault(csv_layout(path), []).append(glob.escape(str(path)))
    parts = [
        connection.read_csv(
            same, table_name=f"source_{name}_{i}", columns=dict.fromkeys(layout.columns, "VARCHAR"),
            delim=layout.delimiter, header=True, auto_detect=False, quote='"', escape='"', hive_partitioning=False,
            new_line=_ESCAPED[layout.line_end], encoding=layout.encoding,
        )
        for i, (layout, same) in enumerate(by_layout.items())
    ]  # fmt: skip
    columns = dict.fromkeys(column for part in parts for column in part.columns)
    aligned = [
        part.select(**{c: part[c] if c in part.columns else ibis.null("string") for c in columns}) for part in parts
    ]
    return aligned[0] if len(aligned) == 1 else ibis.union(*aligned)


def _open_database(connection: Any, url: str, without: Sequence[str]) -> Source:
    with reading(url):
        if connection.name in ("duckdb", "postgres"):
            connection.raw_sql("SET TimeZone='UTC'")
        if connection.name == "postgres":
            connection.con.commit()  # a rollback would undo the setting
        names = _table_names(connection) if connection.name in ("duckdb", "postgres") else connection.list_tables()
        places = {name: place for name, place in matched(TABLES, names).items() if name not in without}
        raw = {name: connection.table(place) for name, place in places.items()}
    others = tuple(n for n in names if n not in matched(TABLES, names).values())
    return _typed_source(url, connection, raw, others, without)


def _table_names(connection: Any) -> list[str]:
    """Tables and views of the current schema, temporary ones of others aside."""
    query = (
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = current_schema() AND table_catalog = current_database() ORDER BY table_name"
    )
    return [name for (name,) in connection.con.execute(query).fetchall()]


def _typed_source(
    url: str,
    connection: Any,
    raw: dict[str, ibis.Table],
    others: tuple[str, ...],
    without: Sequence[str] = (),
) -> Source:
    id_types = common_id_types(raw)
    checked = {}
    for name, table in raw.items():
        with reading(f"the table {name}"):
            checked[name] = _held_if_small(audited(table, name, id_types))
    names = {name: column_names(table, name) for name, table in raw.items()}
    return Source(
        url=url,
        tables={name: typed(table, name) for name, table in checked.items()},
        absent=tuple(n for n in TABLES if n not in raw and n not in REQUIRED),
        ignored=_filled({n: tuple(c for c in t.columns if c not in names[n].values()) for n, t in raw.items()}),
        missing_columns=_filled({n: tuple(c for c in _contract(n) if c not in names[n]) for n in raw}),
        audited=checked,
        id_types=id_types,
        others=others,
        read_as={n: spelled for n in raw if (spelled := {o: c for c, o in names[n].items() if o != c})},
        without=tuple(without),
        connection=connection,
    )


SMALL_ROWS = 200_000
"""A table of so few rows is read and cast once, not by each of the questions that validation and profile ask."""


def _held_if_small(table: ibis.Table) -> ibis.Table:
    """Held where the engine is DuckDB and the rows are few; of more rows no more than that many are counted."""
    if table.get_backend().name != "duckdb" or table.limit(SMALL_ROWS + 1).count().to_pyarrow().as_py() > SMALL_ROWS:
        return table
    return held(table)


def _contract(name: str) -> tuple[str, ...]:
    return tuple(c.name for c in TABLES[name].columns)


def _filled(by_table: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: names for name, names in by_table.items() if names}
