"""The ledger of deliveries: what is to be sent, what was sent, and who sends at the moment.

SQLite beside the results. An item goes ``pending -> sending -> sent``, or ``-> refused`` where the other side will
never take it. What is being sent is written down *before* it is sent, what was sent right after.

A file lock is held while anything is sent: two processes take turns, and the kernel frees it when one dies. So whoever
holds the lock and finds an item ``sending`` knows that its sender died between the two marks. The item may have
arrived or not; it is sent again, as the same message (the same Message-ID).
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from rind.common.errors import RindError

TABLE = """
create table if not exists deliveries (
    key text primary key,          -- as_of, channel, audience, recipient: an item is there once
    as_of text not null,
    channel text not null,         -- mail, slack, crm
    audience text not null,        -- leadership, csm <name>, all
    recipient text not null,       -- an address, the name of a webhook or of a CRM; never a secret
    payload blob,                  -- what is sent; forgotten once it was
    state text not null,           -- pending, sending, sent, refused
    attempts integer not null default 0,
    queued_at text not null,
    changed_at text not null,
    error text not null default ''
)
"""


class BusyError(RindError):
    """Another process is delivering from the same folder."""


@dataclass(frozen=True)
class Item:
    """One thing to deliver to one recipient, once."""

    as_of: date
    channel: str
    audience: str
    recipient: str
    payload: bytes = b""

    @property
    def key(self) -> str:
        return json.dumps([self.as_of.isoformat(), self.channel, self.audience, self.recipient], ensure_ascii=False)


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
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock_file = folder / "deliveries.lock"
        path = folder / "deliveries.sqlite"
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("pragma synchronous = full")
        self._db.execute(TABLE)

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
            until = time.monotonic() + wait_seconds
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= until:
                        raise BusyError(
                            "another process is delivering from the same folder", "run again when it has ended"
                        ) from None
                    time.sleep(0.1)
            yield

    def put(self, item: Item) -> bool:
        """Queue an item; False where it is there already.

        One that nobody has tried to send takes the newer payload: a rerun of the week corrects what still waits.
        """
        now = _now()
        done = self._db.execute(
            "insert into deliveries (key, as_of, channel, audience, recipient, payload, state, queued_at, changed_at)"
            " values (?, ?, ?, ?, ?, ?, 'pending', ?, ?) on conflict (key) do nothing",
            [item.key, item.as_of.isoformat(), item.channel, item.audience, item.recipient, item.payload, now, now],
        )
        if not done.rowcount:
            self._db.execute(
                "update deliveries set payload = ? where key = ? and state = 'pending' and attempts = 0",
                [item.payload, item.key],
            )
        return bool(done.rowcount)

    def waiting(self, channel: str) -> list[Entry]:
        """What is still to be sent, of all weeks, the oldest first; ``sending``: its sender died."""
        return self._entries("state in ('pending', 'sending') and channel = ?", [channel])

    def of_week(self, as_of: date) -> list[Entry]:
        """Everything of one week."""
        return self._entries("as_of = ?", [as_of.isoformat()])

    def begin(self, item: Item) -> None:
        """Write down that the item is being sent."""
        self._mark(item, "sending", "", attempts=1)

    def sent(self, item: Item) -> None:
        """Write down that it was taken; its content is forgotten."""
        self._mark(item, "sent", "")
        self._db.execute("update deliveries set payload = null where key = ?", [item.key])

    def again(self, item: Item, error: str, surely_not: bool = False) -> None:
        """It waits for another time; one that was surely not taken was not tried, and may still be corrected."""
        self._mark(item, "pending", error, attempts=-1 if surely_not else 0)

    def refused(self, item: Item, error: str) -> None:
        """The other side will never take it."""
        self._mark(item, "refused", error)

    def ask_again(self) -> None:
        """Let everything that was refused wait again."""
        self._db.execute("update deliveries set state = 'pending', changed_at = ? where state = 'refused'", [_now()])

    def _mark(self, item: Item, state: str, error: str, attempts: int = 0) -> None:
        self._db.execute(
            "update deliveries set state = ?, error = ?, attempts = attempts + ?, changed_at = ? where key = ?",
            [state, error, attempts, _now(), item.key],
        )

    def _entries(self, where: str, values: list[str]) -> list[Entry]:
        found = self._db.execute(
            "select as_of, channel, audience, recipient, payload, state, attempts, error from deliveries"
            f" where {where} order by as_of, key",
            values,
        ).fetchall()
        return [
            Entry(Item(date.fromisoformat(day), channel, who, to, payload or b""), state, attempts, error)
            for day, channel, who, to, payload, state, attempts, error in found
        ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
