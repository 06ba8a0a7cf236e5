"""The audit log: who saw, exported, changed, decided and tried what, in a browser, by a key or on the command line."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, astuple, dataclass, fields, replace
from datetime import UTC, datetime, timedelta

from rind.serving.access.database import REST_SECONDS, WRITE_SECONDS, AccessFileError, Database

logger = logging.getLogger(__name__)
PRUNED_AT_ONCE = 1000  # nobody waits for the lock longer than that takes
READ_AT_ONCE = 1000
MOST_PENDING = 20_000
"""Lines that may wait in memory while the file cannot be written."""


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


@dataclass(frozen=True)
class Line(Event):
    """A line as the file keeps it; ``id`` counts them, and a later line has a higher one."""

    id: int = 0


@dataclass(frozen=True)
class Wanted:
    """Which lines: "" asks for all.

    Parameters
    ----------
    who
        The whole name.
    action
        An action, such as "users add", or the first words of several, such as "users".
    since
        A day or a moment, ISO 8601, UTC; lines of that moment and later.
    """

    who: str = ""
    action: str = ""
    since: str = ""


EVERYTHING = Wanted()
COLUMNS = ", ".join(field.name for field in fields(Event))
WANTED_LINES = (
    f"WITH wanted(name, act, first, edge, most) AS (VALUES (?, ?, ?, ?, ?)) SELECT {COLUMNS}, id FROM audit, wanted "
    "WHERE (name = '' OR who = name) AND (act = '' OR action = act OR substr(action, 1, length(act) + 1) = act || ' ') "
    "AND (first = '' OR at >= first)"
)
"""The lines that are wanted; its values are those of `Wanted`, the id to go on from, and how many lines at most."""
INSERT = f"INSERT INTO audit ({COLUMNS}) VALUES ({', '.join('?' for _ in fields(Event))})"


def write_events(connection: sqlite3.Connection, events: Iterable[Event]) -> None:
    """Write lines within a transaction of the caller."""
    connection.executemany(INSERT, [astuple(event) for event in events])


class AuditLog:
    """The audit log of one access file.

    Lines about pages that somebody opened are gathered and written once a second; logins, exports and refusals at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: list[Event] = []
        self._lost = 0
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._rests_until = float("-inf")

    def add(self, event: Event, at_once: bool = False) -> None:
        """Add a line, which is written with the next `flush` at the latest; nobody waits for the file.

        Where `MOST_PENDING` lines wait already, the line goes to the server's log instead, and the audit log says so.
        """
        with self._lock:
            full = len(self._pending) >= MOST_PENDING
            self._lost += full
            if not full:
                self._pending.append(event)
        if full:
            logger.error("this line is missing in the audit log: %s", event)
        elif at_once and time.monotonic() >= self._rests_until:
            self.flush(wait_seconds=0.0)

    def flush(self, wait_seconds: float = WRITE_SECONDS) -> bool:
        """Write the pending lines in one transaction; False where that failed: they stay pending."""
        if not self._writing.acquire(timeout=wait_seconds):
            return False
        try:
            with self._lock:
                events, lost = list(self._pending), self._lost
            if not events:
                return True
            more = [replace(events[-1], action="lost", path="", detail=f"{lost} lines", who="")] if lost else []
            try:
                with self._database.transaction(wait_seconds) as connection:
                    write_events(connection, [*events, *more])
            except (AccessFileError, sqlite3.Error) as error:  # the disk is full, another process holds the file
                logger.error("%d lines of the audit log wait: %s", len(events), error)
                self._rests_until = time.monotonic() + REST_SECONDS
                return False
            with self._lock:
                del self._pending[: len(events)]
                self._lost -= lost
            return True
        finally:
            self._writing.release()

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

    def blank(self, blanked: Callable[[str], str]) -> int:
        """Change the texts of path and detail in all lines; who did what and when stays. Return how many changed."""
        self.flush()
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT id, path, detail FROM audit").fetchall()
            changed = [
                (*texts, number)
                for number, path, detail in rows
                if (texts := (blanked(path), blanked(detail))) != (path, detail)
            ]
            connection.executemany("UPDATE audit SET path = ?, detail = ? WHERE id = ?", changed)
        return len(changed)

    def events(
        self, count: int = 200, who: str = "", action: str = "", since: str = "", before: int | None = None
    ) -> list[Line]:
        """The latest lines, the newest first, see `Wanted`; ``before`` goes on below the line of this id."""
        self.flush()
        below = 2**62 if before is None else before
        query = f"{WANTED_LINES} AND id < edge ORDER BY id DESC LIMIT (SELECT most FROM wanted)"
        return [Line(**row) for row in self._database.rows(query, who, action, since, below, count)]

    def lines(self, wanted: Wanted = EVERYTHING, after: int = 0) -> Iterator[Line]:
        """All lines, the oldest first, a few at a time; ``after`` begins behind the line of this id."""
        self.flush()
        query = f"{WANTED_LINES} AND id > edge ORDER BY id LIMIT (SELECT most FROM wanted)"
        while True:
            values = (wanted.who, wanted.action, wanted.since, after, READ_AT_ONCE)
            lines = [Line(**row) for row in self._database.rows(query, *values)]
            yield from lines
            if len(lines) < READ_AT_ONCE:
                return
            after = lines[-1].id


def as_json_line(line: Line) -> str:
    """A line for a log store: one JSON object, without a line end inside or behind it."""
    return json.dumps(asdict(line), sort_keys=True)


def moment(text: str) -> str:
    """A day or a moment as `Wanted.since` takes it; "" stays "".

    Raises
    ------
    ValueError
        It is neither a day (2026-11-29) nor a moment in ISO 8601.
    """
    if not text.strip():
        return ""
    parsed = datetime.fromisoformat(text.strip())
    try:
        utc = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except OverflowError as error:  # the first or the last day of the calendar
        raise ValueError(text) from error
    return utc.isoformat(timespec="seconds")
