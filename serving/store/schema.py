"""The results store in PostgreSQL: how to reach it, and which version its schema has.

Migrations are the files of ``serving/store/sql`` in order, ``0001_....sql`` first. Each is applied once,
all of them in the transaction of the caller: a store is at one version or at the next, never between.
What a migration has made is changed by a later one only, never in its own file: stores have applied it. So a later one
repeats a view that it replaces, and a table or a join that is like an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, TypeAlias

import psycopg

from rind.common.errors import RindError
from rind.features.locations import masked, refuse_ambiguous_password, without_secret

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

SCHEMES = ("postgres://", "postgresql://")
LOCK = 7_246_101
"""The advisory lock of publishers: one writes at a time, readers take no part in it."""


class ResultsStoreError(RindError):
    """The results store cannot be reached, or holds something that this version of Rind does not understand."""


def is_store(location: str) -> bool:
    """Whether a text names a results store in PostgreSQL (and not a folder)."""
    return location.startswith(SCHEMES)


@contextmanager
def readable_errors(url: str) -> Iterator[None]:
    """Turn the driver's errors into `ResultsStoreError`; the message never holds the password."""
    try:
        yield
    except psycopg.Error as error:
        lines = without_secret(str(error).strip(), url).splitlines() or [type(error).__name__]
        raise ResultsStoreError(
            f"the results store {masked(url)} refused: {lines[0]}",
            "Is the server up, are user and database right? The password may come from PGPASSWORD or ~/.pgpass.",
        ) from None


def connect(url: str, seconds: int = 10, **settings: Any) -> Connection:
    """A connection to the store.

    Parameters
    ----------
    url
        ``postgres://user@host/database``; libpq fills in what it leaves out (PGPASSWORD ...).
    seconds
        How long the server may take to answer.

    Raises
    ------
    ResultsStoreError
        It is no such URL, or the server refuses the connection. The message never holds the password.
    """
    if not is_store(url):
        raise ResultsStoreError(f"{masked(url)} is no results store", "write postgres://user@host:5432/database")
    refuse_ambiguous_password(url)
    with readable_errors(url):
        return psycopg.connect(url, connect_timeout=seconds, application_name="rind", **settings)


def migrations() -> list[tuple[int, str]]:
    """(version, SQL) of every migration, in order."""
    scripts = sorted(
        (f for f in files("rind.serving.store").joinpath("sql").iterdir() if f.name.endswith(".sql")), key=_file_name
    )
    return [(int(script.name.split("_")[0]), script.read_text(encoding="utf-8")) for script in scripts]


def _file_name(script: Any) -> str:
    return str(script.name)


def schema_version(connection: Connection) -> int:
    """The version of the schema; 0 where there is none yet."""
    table = connection.execute("select to_regclass('rind_store.schema_version')").fetchone()
    if table is None or table[0] is None:
        return 0
    row = connection.execute("select max(version) from rind_store.schema_version").fetchone()
    return int(row[0] or 0) if row else 0


def migrate(connection: Connection) -> int:
    """Bring the schema to this version of Rind, inside the caller's transaction; return the version before.

    Raises
    ------
    ResultsStoreError
        The store was written by a later Rind: an earlier one must not touch it.
    """
    before, known = schema_version(connection), migrations()
    if before > known[-1][0]:
        raise ResultsStoreError(
            f"the results store has schema version {before}, this Rind knows {known[-1][0]}",
            "Publish with the version of Rind that wrote it, or a later one.",
        )
    for version, script in known:
        if version > before:
            connection.execute(script.encode())
            connection.execute("insert into rind_store.schema_version (version) values (%s)", [version])
    return before
