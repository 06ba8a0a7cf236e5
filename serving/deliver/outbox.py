"""The ledger of deliveries: what waits, what was sent, and the lock of the process that sends.

SQLite beside the results, or in a folder that several companies share; each sees and sends its own items alone. An
item goes ``pending -> sending -> sent``, or ``-> refused`` where the other side will never take it, or ``-> withdrawn``
where its recipient is none any more. An item is marked ``sending`` before it is sent and ``sent`` right after.

A file lock is held while anything is sent: two processes take turns, and the kernel frees it when one dies. So an item
that is ``sending`` while we hold the lock was left by a process that died between the two marks. It may have arrived or
not; it is sent again, as the same message (the same Message-ID).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from rind.common.errors import RindError
from rind.serving.deliver.items import Item

TABLE = """
create table if not exists deliveries (
    key text primary key,          -- company, as_of, channel, audience, recipient: an item is there once
    as_of text not null,
    channel text not null,         -- mail, slack, crm
    audience text not null,        -- leadership, csm <name>, operators, all
    recipient text not null,       -- an address, the name of a webhook or of a CRM; never a secret
    payload blob,                  -- what is sent; null once it was sent or withdrawn
    state text not null,           -- pending, sending, sent, refused, withdrawn
    attempts integer not null default 0,
    queued_at text not null,
    changed_at text not null,
    error text not null default '',
    company text                   -- whose item it is; null: of a ledger that did not know companies yet
)
"""


SCHEMA = 1
"""The version of the ledger, its ``user_version``; one of before it was counted has 0."""


class LedgerError(RindError):
    """A later version of Rind wrote the ledger."""


class BusyError(RindError):
    """Another process is delivering from the same folder."""


@dataclass(frozen=True)
class Entry:
    """An item of the ledger and how far it came."""

    item: Item
    state: str
    attempts: int
    error: str


class Outbox:
    """The ledger in a folder.

    Parameters
    ----------
    folder
        Made if need be; ``deliveries.sqlite`` and its lock lie in it, readable by their owner alone.
    company
        Whose items are read and marked.
    """

    def __init__(self, folder: Path, company: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock_file = folder / "deliveries.lock"
        path = folder / "deliveries.sqlite"
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._company = company
        self._db.execute("pragma synchronous = full")
        self._db.execute("pragma secure_delete = on")  # a payload that was sent or withdrawn is overwritten
        self._refuse_later(path)
        self._db.execute(TABLE)
        self._add_company()

    def close(self) -> None:
        """Close the ledger."""
        self._db.close()

    @contextmanager
    def turn(self, wait_seconds: float) -> Iterator[None]:
        """Hold the lock; wait for another process at most so long.

        Raises
        ------
        BusyError
            The other one still holds it.
        """
        with self._lock_file.open("w") as lock:
            deadline = time.monotonic() + wait_seconds
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise BusyError(
                            "another process is delivering from the same folder", "run again when it has ended"
                        ) from None
                    time.sleep(0.1)
            yield

    def put(self, item: Item) -> bool:
        """Queue an item; False where it is there already.

        An item that nobody has tried to send takes the newer payload: a rerun of the week corrects what still waits.
        So does one that was withdrawn, once its recipient is back.
        """
        now = _now()
        inserted = self._db.execute(
            "insert into deliveries (key, company, as_of, channel, audience, recipient, payload, state, queued_at,"
            " changed_at) values (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?) on conflict (key) do nothing",
            [item.key, item.company, item.as_of.isoformat(), item.channel, item.audience, item.recipient, item.payload,
             now, now],
        )  # fmt: skip
        if not inserted.rowcount:
            self._db.execute(
                "update deliveries set payload = ?, state = 'pending' where key = ?"
                " and (state = 'withdrawn' or state = 'pending' and attempts = 0)",
                [item.payload, item.key],
            )
        return bool(inserted.rowcount)

    def waiting(self, channel: str) -> list[Entry]:
        """What is still to be sent, of all weeks, the oldest first; an item is ``sending`` where its sender died."""
        return self._entries("state in ('pending', 'sending') and channel = ?", [channel])

    def unsent(self, channel: str) -> list[Entry]:
        """What is still to be sent, or was refused: all that has a payload."""
        return self._entries("state in ('pending', 'sending', 'refused') and channel = ?", [channel])

    def unclaimed(self, channel: str) -> list[Entry]:
        """Items of nobody: a ledger of an earlier version did not know companies."""
        return self._read("company is null and channel = ?", [channel])

    def claim(self, item: Item) -> None:
        """Write down that an item of nobody belongs to ``item.company``."""
        self._db.execute(
            "update or ignore deliveries set company = ?, key = ? where company is null and as_of = ? and channel = ?"
            " and audience = ? and recipient = ?",
            [item.company, item.key, item.as_of.isoformat(), item.channel, item.audience, item.recipient],
        )

    def of_week(self, as_of: date) -> list[Entry]:
        """Everything of one week."""
        return self._entries("as_of = ?", [as_of.isoformat()])

    def mark_sending(self, item: Item) -> None:
        """Write down that the item is being sent."""
        self._mark(item, "sending", "", attempts=1)

    def mark_sent(self, item: Item) -> None:
        """Write down that the item was taken; its payload is deleted."""
        self._mark(item, "sent", "")
        self._db.execute("update deliveries set payload = null where key = ?", [item.key])

    def postpone(self, item: Item, error: str, surely_not_taken: bool = False) -> None:
        """Let the item wait; the attempt does not count where it was surely not taken: a rerun may still correct it."""
        self._mark(item, "pending", error, attempts=-1 if surely_not_taken else 0)

    def mark_refused(self, item: Item, error: str) -> None:
        """Write down that the other side will never take the item."""
        self._mark(item, "refused", error)

    def withdraw(self, item: Item) -> None:
        """Write down that the item must not be sent; its payload is deleted."""
        self._mark(item, "withdrawn", "")
        self._db.execute("update deliveries set payload = null where key = ?", [item.key])

    def empty(self) -> int:
        """Delete the payloads of all that was not sent yet; how many. What is of today's list is queued anew."""
        emptied = self._db.execute(
            "update deliveries set state = 'withdrawn', payload = null, error = '', changed_at = ?"
            " where payload is not null and (company = ? or company is null)",
            [_now(), self._company],
        )
        self._db.execute("vacuum")
        return emptied.rowcount

    def requeue_refused(self) -> None:
        """Let all refused items wait again; none was taken, so a rerun may correct them."""
        self._db.execute(
            "update deliveries set state = 'pending', attempts = 0, changed_at = ? where state = 'refused'"
            " and company = ?",
            [_now(), self._company],
        )

    def _mark(self, item: Item, state: str, error: str, attempts: int = 0) -> None:
        self._db.execute(
            "update deliveries set state = ?, error = ?, attempts = attempts + ?, changed_at = ? where key = ?",
            [state, error, attempts, _now(), item.key],
        )

    def _entries(self, where: str, values: list[str]) -> list[Entry]:
        return self._read(f"company = ? and {where}", [self._company, *values])

    def _read(self, where: str, values: list[str]) -> list[Entry]:
        rows = self._db.execute(
            "select as_of, channel, audience, recipient, payload, coalesce(company, ''), state, attempts, error"
            f" from deliveries where {where} order by as_of, key",
            values,
        ).fetchall()
        return [
            Entry(Item(date.fromisoformat(day), channel, who, to, payload or b"", company), state, attempts, error)
            for day, channel, who, to, payload, company, state, attempts, error in rows
        ]

    def _add_company(self) -> None:
        """Give a ledger of an earlier version its column; whose the items are is found out by `claim`."""
        self._db.execute("begin immediate")
        columns = {name for _, name, *_ in self._db.execute("pragma table_info(deliveries)")}
        if "company" not in columns:
            self._db.execute("alter table deliveries add column company text")
        self._db.execute(f"pragma user_version = {SCHEMA}")
        self._db.execute("commit")

    def _refuse_later(self, path: Path) -> None:
        version = int(self._db.execute("pragma user_version").fetchone()[0])
        if version > SCHEMA:
            self._db.close()
            raise LedgerError(
                f"the ledger {path} has version {version}, this Rind knows {SCHEMA}",
                "use the version of Rind that wrote it, or a later one",
            )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
