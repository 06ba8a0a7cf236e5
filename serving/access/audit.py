"""The audit log: who saw, exported and tried what."""

from __future__ import annotations

import logging
import sqlite3
import threading
from dataclasses import astuple, dataclass, fields
from datetime import timedelta

from rind.serving.access.database import Database

logger = logging.getLogger(__name__)
PRUNED_AT_ONCE = 1000  # nobody waits for the lock longer than that takes


@dataclass(frozen=True)
class Event:
    """A line of the audit log; ``at`` is ISO 8601, UTC."""

    at: str
    who: str
    action: str
    path: str
    detail: str
    address: str
    status: int


COLUMNS = ", ".join(field.name for field in fields(Event))
INSERT = f"INSERT INTO audit ({COLUMNS}) VALUES ({', '.join('?' for _ in fields(Event))})"


class AuditLog:
    """The audit log of one access file.

    Lines about pages that somebody opened are gathered and written once a second; logins, exports and refusals at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: list[Event] = []
        self._lock = threading.Lock()

    def add(self, event: Event, at_once: bool = False) -> None:
        """Add a line, which is written with the next `flush` at the latest."""
        with self._lock:
            self._pending.append(event)
        if at_once:
            self.flush()

    def flush(self) -> bool:
        """Write the pending lines in one transaction; False where that failed: they stay pending."""
        with self._lock:
            if not self._pending:
                return True
            try:
                with self._database.transaction() as connection:
                    connection.executemany(INSERT, [astuple(event) for event in self._pending])
            except sqlite3.Error as error:  # the disk is full, another process holds the file
                logger.error("%d lines of the audit log wait: %s", len(self._pending), error)
                return False
            self._pending.clear()
            return True

    def prune(self, days: float) -> int:
        """Delete lines that are older than ``days``, a few at a time; return how many were deleted."""
        before, deleted = self._database.now(-timedelta(days=days)), 0
        oldest = "SELECT id FROM audit ORDER BY id LIMIT ?"
        while True:
            statement = f"DELETE FROM audit WHERE at < ? AND id IN ({oldest})"
            count = self._database.execute(statement, before, PRUNED_AT_ONCE)
            deleted += count
            if count < PRUNED_AT_ONCE:
                return deleted

    def events(self, count: int = 200, who: str = "", action: str = "") -> list[Event]:
        """The latest lines, the newest first; "" for everybody and for every action."""
        self.flush()
        where = "WHERE (? = '' OR who = ?) AND (? = '' OR action = ?)"
        query = f"SELECT {COLUMNS} FROM audit {where} ORDER BY id DESC LIMIT ?"
        return [Event(**row) for row in self._database.rows(query, who, who, action, action, count)]
