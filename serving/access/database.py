"""The SQLite file of users, sessions, keys and the audit log: its tables, one connection and its lock."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
  name TEXT PRIMARY KEY, password TEXT NOT NULL, role TEXT NOT NULL, csm TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
  token TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  csrf TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, secret TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, csm TEXT NOT NULL,
  created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT);
CREATE TABLE IF NOT EXISTS audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, path TEXT NOT NULL,
  detail TEXT NOT NULL, address TEXT NOT NULL, status INTEGER NOT NULL);
"""


class Database:
    """One connection that all threads share under one lock; every statement is short."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=10, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def execute(self, statement: str, *values: Any) -> int:
        """Run one statement; return how many rows it changed."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """All rows of a query, each as column -> value."""
        with self._lock:
            cursor = self._connection.execute(query, values)
            rows: Sequence[Any] = cursor.fetchall()
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def row(self, query: str, *values: Any) -> dict[str, Any] | None:
        """The first row of a query; None where it has none."""
        rows = self.rows(query, *values)
        return rows[0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the file for several statements: all of them are written, or none.

        Raises
        ------
        sqlite3.Error
            The disk is full, or another process holds the file. No transaction stays open.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def now(self, later: timedelta = timedelta()) -> str:
        """The present time plus ``later``, as the file writes times: ISO 8601, UTC, whole seconds."""
        return (datetime.now(UTC) + later).isoformat(timespec="seconds")


def digest(secret: str) -> str:
    """What the file keeps instead of a token or a key: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
