"""A SQLite file that several threads share: its connections, their locks, and the scripts that make its tables."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from rind.common.errors import RindError

READ_SECONDS = 0.25
"""A read waits so long for another process that holds the whole file; writers alone never keep readers waiting."""
WRITE_SECONDS = 2.0
"""A write waits so long for another process that writes."""
REST_SECONDS = 1.0
"""After a read that waited in vain, further ones fail at once for so long: a waiting line cannot grow."""


class AccessFileError(RindError):
    """The file of users, sessions, keys and the audit log cannot be read or written now."""


class Database:
    """Two connections to one file, one that reads and one that writes: a write that waits keeps no reader waiting.

    Each is shared by all threads under its lock; every statement is short, and so is every wait.

    Parameters
    ----------
    path
        The file; made where there is none, and only its owner may read it.
    scripts
        The package whose folder ``sql`` holds the scripts that make the tables, see `migrate`.
    content
        What the file holds, for errors.

    Raises (every method)
    ---------------------
    AccessFileError
        Another process holds the file for longer than we wait, the disk is full or cannot be read.
    """

    def __init__(self, path: Path, scripts: str = "rind.serving.access", content: str = "users and keys") -> None:
        self._path, self._content = path, content
        self._reading, self._writing = threading.Lock(), threading.RLock()
        self._rests_until = float("-inf")
        with self._understood():
            self._create()
            self._writer = _connection(path, WRITE_SECONDS)
            self._writer.execute("PRAGMA journal_mode = WAL")
            self._writer.execute("PRAGMA synchronous = NORMAL")
            self._writer.execute("PRAGMA foreign_keys = ON")
            try:
                migrate(self._writer, scripts, content)
            except BaseException:
                self._writer.close()
                raise
            self._reader = _connection(path, READ_SECONDS)
            self._reader.execute("PRAGMA query_only = ON")

    def _create(self) -> None:
        """Make the file where there is none, for its owner alone."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            hint = "name a file that this user may write to: --set serving.access=/var/lib/rind/access.sqlite"
            raise AccessFileError(f"{self._content} cannot be kept in {self._path}: {error.strerror}", hint) from error

    def close(self) -> None:
        """Close the file."""
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def execute(self, statement: str, *values: Any) -> int:
        """Run one statement; return how many rows it changed."""
        with self.transaction() as connection:
            return connection.execute(statement, values).rowcount

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """All rows of a query, each as column -> value."""
        if time.monotonic() < self._rests_until:
            raise self._error("it was locked a moment ago")
        with self._held(self._reading, READ_SECONDS), self._understood():
            try:
                cursor = self._reader.execute(query, values)
                rows: Sequence[Any] = cursor.fetchall()
            except sqlite3.OperationalError:
                self._rests_until = time.monotonic() + REST_SECONDS
                raise
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def row(self, query: str, *values: Any) -> dict[str, Any] | None:
        """The first row of a query; None where it has none."""
        rows = self.rows(query, *values)
        return rows[0] if rows else None

    @contextmanager
    def transaction(self, wait_seconds: float = WRITE_SECONDS) -> Iterator[sqlite3.Connection]:
        """Hold the file for several statements: all of them are written, or none.

        A transaction within another one of the same thread is part of it. No transaction stays open.
        """
        with self._held(self._writing, wait_seconds), self._understood():
            if self._writer.in_transaction:
                yield self._writer
                return
            try:
                self._writer.execute(f"PRAGMA busy_timeout = {round(1000 * wait_seconds)}")
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.rollback()
                raise

    def compact(self) -> bool:
        """Write the file anew without what was deleted, its log too; False where others hold it just now.

        SQLite keeps the bytes of deleted rows until their place is used again.
        """
        try:
            with self._held(self._writing, WRITE_SECONDS), self._held(self._reading, WRITE_SECONDS), self._understood():
                self._writer.execute("VACUUM")
                blocked = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except AccessFileError:
            return False
        return not blocked

    @contextmanager
    def _held(self, lock: threading.Lock | threading.RLock, seconds: float) -> Iterator[None]:
        if not lock.acquire(timeout=seconds):
            raise self._error("others wait for it")
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise self._error(str(error)) from error

    def _error(self, reason: str) -> AccessFileError:
        hint = f"another process holds {self._path}, or its disk is full or read only; then try again"
        return AccessFileError(f"{self._content} cannot be read or written now: {reason}", hint)

    def now(self, later: timedelta = timedelta()) -> str:
        """The present time plus ``later``, as the file writes times: ISO 8601, UTC, whole seconds."""
        return (datetime.now(UTC) + later).isoformat(timespec="seconds")


class NewerFileError(RindError):
    """A later version of Rind wrote the file."""


def migrate(connection: sqlite3.Connection, scripts: str, content: str) -> None:
    """Bring a file to this version of Rind: each script once, all of them in one transaction.

    What a script has made is changed by a later one only, never in its own file: files have been through it.

    Parameters
    ----------
    scripts
        The package whose folder ``sql`` holds them; each is named ``NUMBER_what_it_does.sql``.

    Raises
    ------
    NewerFileError
        A later version of Rind wrote the file.
    """
    folder = files(scripts).joinpath("sql")
    known = sorted((int(f.name.split("_")[0]), f.read_text("utf-8")) for f in folder.iterdir() if f.name[0].isdigit())
    latest = known[-1][0]
    if (version := _version(connection)) > latest:
        raise NewerFileError(
            f"the file of {content} has version {version}, this Rind knows {latest}",
            "use the version of Rind that wrote it, or a later one",
        )
    if version == latest:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        before = _version(connection)  # another process may have been quicker
        for version, script in known:
            if version > before:
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: sqlite3 runs several only outside of a transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _connection(path: Path, wait_seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(path, check_same_thread=False, timeout=wait_seconds, isolation_level=None)


def digest(secret: str) -> str:
    """What the file keeps instead of a token or a key: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
