"""The SQLite file of feedback, beside the access file: rows are added, and nothing else."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Any

from rind.common.errors import RindError
from rind.serving.access.audit import AuditLog, Event
from rind.serving.access.database import AccessFileError, Database, NewerFileError
from rind.serving.addresses import account_segment
from rind.serving.feedback.account_state import NOTHING, AccountFeedback
from rind.serving.feedback.acts import Act, Entry
from rind.serving.feedback.book_state import BookFeedback
from rind.serving.problems import ProblemError

logger = logging.getLogger(__name__)

NAME = "feedback.sqlite"
MOST_ACTS = 2000
"""Of one account; a program that writes in a loop fills no disk."""
DAYS = ("week", "until", "started_on", "ended_on", "quarter")
COLUMNS = tuple(field.name for field in fields(Entry))
LONGEST = (1000, 2000, 300)
"""Characters of reason, note and playbook that the file takes."""


class FeedbackFileError(RindError):
    """The file of feedback was written by a later version of Rind, or cannot be read."""


def beside(access_file: Path) -> Path:
    """Where the feedback lies that belongs to an access file."""
    return access_file.with_name(NAME)


class Feedback:
    """The feedback of one company.

    Parameters
    ----------
    path
        The SQLite file; made where there is none, and only its owner may read it.
    audit
        Takes a line for every act; None: nobody keeps one.

    Raises
    ------
    FeedbackFileError
        A later version of Rind wrote it.
    """

    def __init__(self, path: Path, audit: AuditLog | None = None) -> None:
        self.path, self._audit = path, audit
        try:
            self._database = Database(path, "rind.serving.feedback", content="feedback")
        except NewerFileError as error:
            raise FeedbackFileError(error.message, error.hint) from None
        self._lock = threading.Lock()
        self._acts: dict[str, tuple[Act, ...]] = {}
        self._states: dict[str, AccountFeedback] = {}
        self._read_until = 0
        self._book: BookFeedback | None = None

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def add(self, entry: Entry, address: str = "") -> Act:
        """Write an act down, here and (its summary) in the audit log: the one place where a decision is written.

        Parameters
        ----------
        address
            Of the client that sent it.

        Raises
        ------
        ProblemError
            404: the act that it supersedes is none of this account; 409: another one stands in its place already;
            422: the account has `MOST_ACTS` acts.
        """
        values = {name: _as_text(value) for name, value in asdict(entry).items()}
        at = self._database.now()
        names = ", ".join(("at", *COLUMNS))
        statement = f"INSERT INTO acts ({names}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"
        with self._database.transaction() as connection:
            _check(connection, entry)
            number = connection.execute(statement, [at, *(values[name] for name in COLUMNS)]).lastrowid
        if self._audit is not None:
            place = f"/accounts/{account_segment(entry.account_id)}"[:300]
            line = Event(at, entry.who, f"feedback {entry.kind}", place, entry.summary[:500], address, 200)
            self._audit.add(line, at_once=True)
        return Act(**asdict(entry), number=int(number or 0), at=at)

    def forget(self, is_forgotten: Callable[[str], bool], blanked: Callable[[str], str]) -> int:
        """Delete all acts on the accounts that are forgotten, and change the texts of the others.

        The one exception to the rule that an act is never changed and never deleted: its triggers stand aside within
        this transaction. Whoever has the file open reads it anew.

        Returns
        -------
        int
            Acts that were deleted or changed.
        """
        with self._database.transaction() as connection:
            guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                connection.execute(f'DROP TRIGGER "{name}"')
            accounts = [row[0] for row in connection.execute("SELECT DISTINCT account_id FROM acts")]
            doomed = [(account,) for account in accounts if is_forgotten(account)]
            deleted = connection.executemany("DELETE FROM acts WHERE account_id = ?", doomed).rowcount if doomed else 0
            changed = _blank(connection, blanked)
            for _, statement in guards:
                connection.execute(statement)
            if deleted or changed:  # a number that was never given: whoever has read the file sees that it changed
                connection.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'acts'")
        self._read()
        return int(deleted) + changed

    def compact(self) -> bool:
        """Write the file anew without what was deleted; False where others hold it just now."""
        return self._database.compact()

    @property
    def revision(self) -> int:
        """The latest number that was given; 0 before the first. Grows with every act, whichever process wrote it."""
        row = self._database.row("SELECT seq AS latest FROM sqlite_sequence WHERE name = 'acts'")
        return int(row["latest"]) if row else 0

    def of(self, account_id: str) -> AccountFeedback:
        """What the acts on one account come to."""
        self._read()
        with self._lock:
            return self._states.get(account_id, NOTHING)

    def book(self, week: date) -> BookFeedback:
        """What the acts on all accounts come to, for the list of a date; kept until the next act."""
        self._read()
        with self._lock:
            kept = self._book
            if kept is None or (kept.revision, kept.week) != (self._read_until, week):
                kept = self._book = BookFeedback.of(self._states, week, self._read_until)
            return kept

    def acts(self) -> list[Act]:
        """Every act, in the order in which they came."""
        self._read()
        with self._lock:
            return sorted((act for acts in self._acts.values() for act in acts), key=lambda act: act.number)

    def _read(self) -> None:
        """Read the acts that came since the last look; what was read before stands where the file is locked now."""
        try:
            if self.revision != self._read_until:
                self._read_on()
        except AccessFileError as error:
            logger.warning("%s; the pages show the feedback that was read before", error.message)

    def _read_on(self) -> None:
        with self._lock:
            latest = self.revision
            new = "SELECT * FROM acts WHERE number > ? AND number <= ? ORDER BY number"
            rows, acts, states = self._database.rows(new, self._read_until, latest), self._acts, self._states
            if len(rows) != latest - self._read_until:  # numbers are given one by one: acts were forgotten, or restored
                rows = self._database.rows("SELECT * FROM acts WHERE number <= ? ORDER BY number", latest)
                acts, states = {}, {}
            for act in map(_act, rows):
                acts[act.account_id] = (*acts.get(act.account_id, ()), act)
            for account_id in {row["account_id"] for row in rows}:
                states[account_id] = AccountFeedback(acts[account_id])
            self._acts, self._states = acts, states
            self._read_until = latest  # last: whoever sees this number finds all of it


def _blank(connection: sqlite3.Connection, blanked: Callable[[str], str]) -> int:
    """Change the texts that readers wrote or judged; how many acts were changed."""
    rows = connection.execute("SELECT number, reason, note, playbook FROM acts").fetchall()
    changed = [
        (*texts, number)
        for number, *before in rows
        if (texts := [text and blanked(text)[:most] for text, most in zip(before, LONGEST, strict=True)]) != before
    ]
    connection.executemany("UPDATE acts SET reason = ?, note = ?, playbook = ? WHERE number = ?", changed)
    return len(changed)


def _check(connection: sqlite3.Connection, entry: Entry) -> None:
    counted = connection.execute("SELECT count(*) FROM acts WHERE account_id = ?", [entry.account_id]).fetchone()
    if counted[0] >= MOST_ACTS:
        raise ProblemError(422, f"This account has {MOST_ACTS} acts of feedback; no more are taken.")
    if entry.supersedes is None:
        return
    query = "SELECT kind FROM acts WHERE number = ? AND account_id = ?"
    row = connection.execute(query, [entry.supersedes, entry.account_id]).fetchone()
    if row is None or row[0] == "withdraw" or entry.kind not in (row[0], "withdraw"):
        raise ProblemError(404, f"There is no act {entry.supersedes} of this kind on this account.")
    if connection.execute("SELECT 1 FROM acts WHERE supersedes = ?", [entry.supersedes]).fetchone():
        raise ProblemError(409, f"Act {entry.supersedes} was replaced or withdrawn meanwhile: load the page again.")


def _act(row: dict[str, Any]) -> Act:
    days = {name: None if row[name] is None else date.fromisoformat(row[name]) for name in DAYS}
    return Act(**(row | days))


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
