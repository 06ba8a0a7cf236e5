"""A mapping -> the raw tables of the contract on an engine, ready to be typed and checked as any other source."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import ibis

from rind.common.errors import SourceError
from rind.features.engine import ENGINE_ERRORS, duckdb_connection, reading
from rind.features.locations import has_scheme, refuse_ambiguous_password, resolve_duckdb, without_secret
from rind.features.mapping import files
from rind.features.mapping.inputs import define_inputs, define_rates, define_words, exports_of
from rind.features.mapping.queries import LOOKUPS, RATES, Query, create, in_order, position, read_queries
from rind.features.mapping.spec import MappingFile, read_mapping
from rind.features.remote import prepare_remote
from rind.features.tables import TABLES

SINCE = "1999-01-01"
"""The day from which a rate of mapping.yaml holds: that on which the euro began."""

LAZY = ("usage",)
"""Tables that stay views: they may be larger than memory, and their SQL is one pass with lookups."""


@dataclass(frozen=True)
class OpenedMapping:
    """The raw tables of a mapping on their connection, and the exports that nothing reads."""

    connection: Any
    tables: dict[str, ibis.Table]
    others: tuple[str, ...]


def open_mapping(path: Path) -> OpenedMapping:
    """Run a mapping.

    Over files and DuckDB the inputs become typed views, each helper query and each table but usage is computed once.
    Over another database each SQL file is a query in that database's own dialect.

    Raises
    ------
    SourceError
        With file, line and column of mapping.yaml or of an SQL file.
    """
    mapping = read_mapping(path)
    queries = read_queries(path.parent)
    if not any(name in TABLES for name in queries):
        raise SourceError(
            f"{path.parent} holds no <table>.sql", f"Write one for each of {', '.join(TABLES)}, or use rind map."
        )
    exports = mapping.spec.exports
    if has_scheme(exports) and exports.split(":")[0] in ("postgres", "postgresql"):
        return _over_database(mapping, queries)
    connection = mapping_connection(exports_of(mapping))
    try:
        define_words(connection, mapping.spec.words)
        define_rates(connection, mapping.spec.rates)
        others = define_inputs(connection, mapping)
        for query in in_order(queries):
            create(connection, query, "view" if query.name in LAZY else "table")
            if query.name in LOOKUPS:
                connection.con.execute(LOOKUPS[query.name])
    except BaseException:
        connection.disconnect()
        raise
    tables = {name: connection.table(name) for name in TABLES if name in queries}
    return OpenedMapping(connection, tables | _constant_rates(connection, mapping, queries), others)


def _constant_rates(connection: Any, mapping: MappingFile, queries: dict[str, Query]) -> dict[str, ibis.Table]:
    """The table rates of the rates in mapping.yaml that somebody has decided; none where there is none."""
    decided = {code: rate for code, rate in mapping.spec.rates.items() if rate is not None}
    if not decided:
        return {}
    if RATES in queries:
        raise SourceError(
            f"{mapping.place(RATES)}: rates stand here and in {queries[RATES].path}", "Say them in one of the two."
        )
    rows = [f"select '{code}' as currency, date '{SINCE}' as as_of, {rate!r} as rate" for code, rate in decided.items()]
    return {RATES: connection.sql(" union all ".join(rows))}


def mapping_connection(exports: str) -> Any:
    """A DuckDB in memory that knows the helpers and can reach the exports."""
    connection = duckdb_connection()
    connection.raw_sql(package_files("rind.features.mapping").joinpath("helpers.sql").read_text(encoding="utf-8"))
    if exports.startswith("duckdb:"):
        place = resolve_duckdb(exports).replace("'", "''")
        with reading(f"the database {place}"):
            connection.raw_sql(f"attach '{place}' as {files.ATTACHED} (read_only)")
    elif has_scheme(exports):
        prepare_remote(connection, exports)
    return connection


def _over_database(mapping: MappingFile, queries: dict[str, Query]) -> OpenedMapping:
    url = mapping.spec.exports
    if mapping.spec.inputs or mapping.spec.words:
        key = "inputs" if mapping.spec.inputs else "words"
        raise SourceError(f"{mapping.place(key)}: {key} are for files", "Over a database write it all in the SQL.")
    refuse_ambiguous_password(url)
    with reading(url, url, "Check host, port, database, user and password; is the server up?"):
        connection = ibis.connect(url)
        connection.raw_sql("SET TimeZone='UTC'")
        connection.con.commit()  # a rollback would undo the setting
    helpers = "".join(
        f"{q.name} as (\n{q.sql}\n),\n" for q in in_order({n: q for n, q in queries.items() if n not in TABLES})
    )
    head = f"with {helpers.removesuffix(',' + chr(10))}\nselect * from (\n" if helpers else "select * from (\n"
    try:
        tables = {n: _database_query(connection, queries[n], head, url) for n in TABLES if n in queries}
    except BaseException:
        connection.disconnect()
        raise
    return OpenedMapping(connection, tables | _constant_rates(connection, mapping, queries), ())


def _database_query(connection: Any, query: Query, head: str, url: str) -> ibis.Table:
    _check(connection, query, head, url)
    with reading(str(query.path), url):
        return connection.sql(f"{head}{query.sql}\n) as {query.name}")


def _check(connection: Any, query: Query, head: str, url: str) -> None:
    """Have the database plan the SQL as it is written: Ibis spells it anew, and errors would name other places."""
    start = f"explain {head}"
    try:
        connection.con.execute(f"{start}{query.sql}\n) as {query.name}")
        connection.con.rollback()
    except ENGINE_ERRORS as error:
        connection.con.rollback()
        place = int(getattr(getattr(error, "diag", None), "statement_position", None) or 0) - 1 - len(start)
        where = position(query, len(query.sql[:place].encode())) if 0 <= place < len(query.sql) else str(query.path)
        reason = without_secret(" ".join(str(error).split("\nLINE ")[0].split()), url)
        raise SourceError(
            f"{where}: {reason}", "Correct the SQL there; it is read in the database's own dialect."
        ) from None
