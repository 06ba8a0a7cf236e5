"""API keys of programs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from rind.common.errors import UsageError
from rind.serving.access.database import Database, digest
from rind.serving.access.known_principals import KnownPrincipals
from rind.serving.access.principals import SCOPES, Principal


class Key(NamedTuple):
    """A key without its secret; times are ISO 8601, UTC, None where it never expires or was not revoked."""

    id: str
    name: str
    scopes: str
    csm: str
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class Keys:
    """The API keys of one access file; a key holds 256 random bits, and the file keeps its SHA-256 only."""

    def __init__(self, database: Database) -> None:
        self._database, self._known = database, KnownPrincipals[Principal]()

    def create(self, name: str, scopes: Iterable[str], csm: str = "", days: int | None = None) -> str:
        """A new key, to be shown once; ``csm`` confines it to the accounts of one CSM, None ``days`` never expires."""
        wanted = sorted(set(scopes))
        if not wanted or set(wanted) - set(SCOPES):
            raise UsageError(f"scopes {', '.join(wanted) or '(none)'}", f"one or more of {', '.join(SCOPES)}")
        number, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        key = f"rind_{number}_{secret}"
        expires = None if days is None else self._database.now(timedelta(days=days))
        values = (number, name, digest(key), " ".join(wanted), csm, self._database.now(), expires, None)
        self._database.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)
        return key

    def revoke(self, number: str) -> None:
        """Make a key useless from now on; its line stays."""
        if not self._database.row("SELECT 1 FROM keys WHERE id = ?", number):
            raise UsageError(f"there is no key {number!r}", "`rind keys list` shows them")
        statement = "UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
        self._database.execute(statement, self._database.now(), number)

    def all(self) -> list[Key]:
        """Every key, the oldest first."""
        rows = self._database.rows(f"SELECT {', '.join(Key._fields)} FROM keys ORDER BY created_at")
        return [Key(**row) for row in rows]

    def principal(self, key: str) -> Principal | None:
        """The program that holds this key; None where it is unknown, revoked or expired."""
        kept = digest(key)
        return self._known.value(kept, lambda: self._read(kept))

    def _read(self, kept: str) -> Principal | None:
        row = self._database.row(
            "SELECT id, name, scopes, csm FROM keys WHERE secret = ? AND revoked_at IS NULL "
            "AND (expires_at IS NULL OR expires_at > ?)",
            kept,
            self._database.now(),
        )
        if row is None:
            return None
        name = f"key {row['id']} ({row['name']})"
        return Principal(name, "key", frozenset(row["scopes"].split()), row["csm"])
