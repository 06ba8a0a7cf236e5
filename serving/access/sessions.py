"""Sessions of browsers: from a name and a password to a token, and from the token to the user."""

from __future__ import annotations

import secrets
from datetime import timedelta

from rind.serving.access.database import Database, digest
from rind.serving.access.known_principals import KnownPrincipals
from rind.serving.access.passwords import Passwords
from rind.serving.access.principals import Principal, scopes_of


class Sessions:
    """The sessions of one access file; a token is 256 random bits, and the file keeps its SHA-256 only."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database, self._passwords, self._known = database, passwords, KnownPrincipals()

    def log_in(self, name: str, password: str, hours: float) -> str | None:
        """Open a session and return its token; None where name or password is wrong. Takes equally long either way."""
        user = self._database.row("SELECT password FROM users WHERE name = ?", name)
        kept_hash = user["password"] if user else None
        if not self._passwords.matches(password, kept_hash) or kept_hash is None:
            return None
        renewed = self._passwords.renewed(password, kept_hash)
        if renewed is not None:
            self._database.execute("UPDATE users SET password = ? WHERE name = ?", renewed, name)
        return self._open(name, hours)

    def principal(self, token: str) -> Principal | None:
        """The user who holds this token; None where it is unknown, ended or expired."""
        kept = digest(token)
        return self._known.principal(kept, lambda: self._read(kept))

    def _read(self, kept: str) -> Principal | None:
        row = self._database.row(
            "SELECT name, role, csm, csrf FROM sessions JOIN users ON name = user WHERE token = ? AND expires_at > ?",
            kept,
            self._database.now(),
        )
        if row is None:
            return None
        return Principal(row["name"], row["role"], scopes_of(row["role"]), row["csm"], row["csrf"])

    def end(self, token: str) -> None:
        """End a session on the server."""
        self._known.forget(digest(token))
        self._database.execute("DELETE FROM sessions WHERE token = ?", digest(token))

    def _open(self, name: str, hours: float) -> str:
        token = secrets.token_urlsafe(32)
        self._database.execute("DELETE FROM sessions WHERE expires_at <= ?", self._database.now())
        values = (digest(token), name, secrets.token_urlsafe(32), self._database.now(timedelta(hours=hours)))
        self._database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", *values)
        return token
