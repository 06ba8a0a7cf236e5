"""Sessions of browsers: from a password, or from the company's own login, to a token; and back to the user."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from rind.common.errors import UsageError
from rind.serving.access.database import AccessFileError, Database, digest
from rind.serving.access.known_principals import KnownPrincipals
from rind.serving.access.passwords import Passwords
from rind.serving.access.principals import Identity, Principal, scopes_of

logger = logging.getLogger(__name__)
WHO = (
    "coalesce(users.name, company.name || CASE WHEN company.name IN (SELECT name FROM users) "
    "THEN ' (company login)' ELSE '' END) AS name"
)
"""The user; the mark tells somebody of the company's login from a local user of the same name."""
TABLES = (
    "sessions LEFT JOIN users ON users.name = sessions.user "
    "LEFT JOIN company_sessions AS company ON company.token = sessions.token"
)
READ = f"""
SELECT sessions.id, csrf, {WHO}, coalesce(users.role, company.role) AS role, coalesce(users.csm, company.csm) AS csm,
  subject, provider_tokens, checked_at
FROM {TABLES} WHERE sessions.token = ? AND expires_at > ?
"""
LIST = f"""
SELECT sessions.id, {WHO}, user IS NULL AS by_company, coalesce(users.role, company.role) AS role,
  opened_at, seen_at, expires_at, address, browser
FROM {TABLES} WHERE expires_at > ? ORDER BY opened_at, sessions.id
"""
LONGEST_BROWSER = 200


@dataclass(frozen=True)
class CompanyCheck:
    """What the company's own login last answered about a session.

    Parameters
    ----------
    provider_tokens
        Encrypted, see `serving.access.company_login.tokens`.
    checked_at
        ISO 8601, UTC.
    """

    subject: str
    provider_tokens: str
    checked_at: str


@dataclass(frozen=True)
class Session:
    """A session that has not ended; ``company`` is None for a local user's."""

    id: str
    principal: Principal
    company: CompanyCheck | None = None


class SessionLine(NamedTuple):
    """A session as its owner and admins see it; times are ISO 8601, UTC, "" where an older Rind did not write them."""

    id: str
    name: str
    by_company: bool
    role: str
    opened_at: str
    seen_at: str
    expires_at: str
    address: str
    browser: str


class Origin(NamedTuple):
    """Where a session was opened: the address, and what the browser calls itself."""

    address: str = ""
    browser: str = ""


NOWHERE = Origin()


class Sessions:
    """The sessions of one access file; a token is 256 random bits, and the file keeps its SHA-256 only."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database, self._passwords = database, passwords
        self._known = KnownPrincipals[Session]()
        self._last_seen: dict[str, str] = {}

    def is_password(self, name: str, password: str) -> bool:
        """Whether this is the user's password. Takes equally long for a name that nobody has."""
        user = self._database.row("SELECT password FROM users WHERE name = ?", name)
        kept_hash = user["password"] if user else None
        if not self._passwords.matches(password, kept_hash) or kept_hash is None:
            return False
        renewed = self._passwords.renewed(password, kept_hash)
        if renewed is not None:
            self._database.execute("UPDATE users SET password = ? WHERE name = ?", renewed, name)
        return True

    def open_local(self, name: str, hours: float, origin: Origin = NOWHERE) -> str:
        """Open a session of a local user who proved to be it; return its token."""
        token = secrets.token_urlsafe(32)
        self._insert(token, name, hours, origin)
        return token

    def open_company(
        self, token: str, identity: Identity, provider_tokens: str, hours: float, origin: Origin = NOWHERE
    ) -> None:
        """Open a session for somebody whom the company's own login let in; ``token`` is what the browser will hold."""
        values = (
            digest(token), identity.subject, identity.name, identity.role, identity.csm, provider_tokens,
            self._database.now(), identity.provider_session,
        )  # fmt: skip
        with self._database.transaction() as connection:
            self._insert(token, None, hours, origin)
            connection.execute(f"INSERT INTO company_sessions VALUES ({', '.join('?' * len(values))})", values)

    def renew_company(self, token: str, identity: Identity, provider_tokens: str) -> None:
        """Write down what the company's own login answered now."""
        self._database.execute(
            "UPDATE company_sessions SET name = ?, role = ?, csm = ?, provider_tokens = ?, checked_at = ? "
            "WHERE token = ?",
            identity.name, identity.role, identity.csm, provider_tokens, self._database.now(), digest(token),
        )  # fmt: skip

    def session(self, token: str) -> Session | None:
        """The session of this token; None where it is unknown, ended or expired."""
        kept = digest(token)
        session = self._known.value(kept, lambda: self._read(kept))
        if session is not None:
            self._last_seen[kept] = self._database.now()
        return session

    def write_seen(self) -> None:
        """Write down when each session was seen last; while the file is locked the times are lost, and come again."""
        times, self._last_seen = self._last_seen, {}
        values = [(at, token) for token, at in times.copy().items()]  # a request may be about to add to it
        statement = "UPDATE sessions SET seen_at = ? WHERE token = ?"
        try:
            with self._database.transaction() as connection:
                connection.executemany(statement, values)
        except (AccessFileError, sqlite3.Error) as error:
            logger.warning("when sessions were seen is not written: %s", error)

    def end(self, token: str) -> None:
        """End a session on the server."""
        self._known.forget(digest(token))
        self._database.execute("DELETE FROM sessions WHERE token = ?", digest(token))

    def all(self) -> list[SessionLine]:
        """Every session that has not ended, the oldest first."""
        if self._last_seen:
            self.write_seen()
        rows = self._database.rows(LIST, self._database.now())
        return [SessionLine(**(row | {"by_company": bool(row["by_company"])})) for row in rows]

    def end_one(self, session_id: str, owner: str | None = None) -> SessionLine:
        """End the session of this id and return its line.

        Parameters
        ----------
        owner
            Whose session it must be; None for anybody's.

        Raises
        ------
        UsageError
            There is no such session, or it is somebody else's.
        """
        line = next((line for line in self.all() if line.id == session_id and owner in (None, line.name)), None)
        if line is None:
            raise UsageError(f"there is no session {session_id!r}", "`rind sessions list` shows them")
        row = self._database.row("SELECT token FROM sessions WHERE id = ?", session_id)
        if row is not None:
            self._known.forget(row["token"])
        self._database.execute("DELETE FROM sessions WHERE id = ?", session_id)
        return line

    def end_company(self, subject: str, provider_session: str) -> list[SessionLine]:
        """End the sessions that the company's own login has ended, and return their lines.

        Parameters
        ----------
        subject
            The provider's key of the person; "" where it is not known.
        provider_session
            The provider's id of the session; "" ends all of the person. One that came without such an id ends with any
            of its person: nobody knows which it was.
        """
        if provider_session:
            where = "provider_session = ? AND (? = '' OR subject = ?) OR provider_session = '' AND subject = ?"
            values = [provider_session, subject, subject, subject]
        else:
            where, values = "subject = ?", [subject]
        query = f"SELECT sessions.id, sessions.token FROM {TABLES} WHERE company.token IS NOT NULL AND ({where})"
        with self._database.transaction() as connection:
            ended = dict(connection.execute(query, values).fetchall())
            lines = [line for line in self.all() if line.id in ended]
            connection.executemany("DELETE FROM sessions WHERE id = ?", [(session_id,) for session_id in ended])
        for token in ended.values():
            self._known.forget(token)
        return lines

    def end_all(self) -> int:
        """End every session; how many there were. Another process that serves knows it from the next request on."""
        return self._database.execute("DELETE FROM sessions")

    def _read(self, kept: str) -> Session | None:
        row = self._database.row(READ, kept, self._database.now())
        if row is None or row["role"] is None:
            return None
        principal = Principal(row["name"], row["role"], scopes_of(row["role"]), row["csm"], row["csrf"])
        return Session(row["id"], principal, _company_check(row))

    def _insert(self, token: str, user: str | None, hours: float, origin: Origin) -> None:
        now, until = self._database.now(), self._database.now(timedelta(hours=hours))
        values = (digest(token), secrets.token_hex(4), user, secrets.token_urlsafe(32), now, until)
        place = (origin.address, origin.browser[:LONGEST_BROWSER], now)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
            connection.execute(f"INSERT INTO sessions VALUES ({', '.join('?' * 9)})", (*values, *place))


def _company_check(row: dict[str, Any]) -> CompanyCheck | None:
    if row["subject"] is None:
        return None
    return CompanyCheck(row["subject"], row["provider_tokens"], row["checked_at"])
