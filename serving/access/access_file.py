"""Who may see what: users, sessions, API keys and the audit log, in one small SQLite file.

Passwords are kept as Argon2 hashes. Session tokens and API keys are 256 random bits, kept as SHA-256: what leaks from
the file opens nothing. There is no secret to configure, so there is none to forget to change.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rind.common.errors import UsageError

logger = logging.getLogger(__name__)

Role = Literal["viewer", "csm", "admin"]
Scope = Literal["read", "export", "score", "metrics"]
ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
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
PRUNED_AT_ONCE = 1000  # nobody waits for the lock longer than that takes
AUDIT = "INSERT INTO audit (at, who, action, path, detail, address, status) VALUES (?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Principal:
    """Who asks: a user with a session, a program with a key, or anybody on a demo.

    Parameters
    ----------
    name
        For the audit log and the page's corner.
    scopes
        What it may do; of a user, what its role allows.
    csm
        The customer success manager whose accounts are its own; "" for none.
    csrf
        The token that a form of this session must carry; "" without a session.
    """

    name: str
    role: Role | Literal["key", "demo"]
    scopes: frozenset[str]
    csm: str = ""
    csrf: str = ""


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


def allowed(role: Role) -> frozenset[str]:
    """What a role may do; only admins read the audit log and the server's metrics."""
    return frozenset({"read", "export", "score"} | ({"metrics", "audit"} if role == "admin" else set()))


class Access:
    """The store of users, sessions, keys and the audit log.

    One connection, one lock: statements are short. Lines about pages that were seen are
    gathered and written once a second; logins, exports and refusals at once.
    """

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex())
        self._lock = threading.Lock()
        self._pending: list[tuple[Any, ...]] = []
        self._con = sqlite3.connect(path, check_same_thread=False, timeout=10, isolation_level=None)
        self._con.execute("PRAGMA journal_mode = WAL")
        self._con.execute("PRAGMA synchronous = NORMAL")
        self._con.execute("PRAGMA foreign_keys = ON")
        self._con.executescript(SCHEMA)

    def close(self) -> None:
        """Write what is pending and close the file."""
        self.flush()
        with self._lock:
            self._con.close()

    # Users

    def add_user(self, name: str, password: str, role: str, csm: str = "") -> None:
        """Add a user; a csm is somebody whose name stands in the accounts' ``csm`` column."""
        if not name or len(name) > 100 or not name.isprintable():
            raise UsageError("a user's name is 1 to 100 printable characters", "for example jonas.weber")
        self._check(role, csm)
        if self._one("SELECT 1 FROM users WHERE name = ?", name):
            raise UsageError(f"there is already a user {name!r}", "`rind users password` sets a new password")
        values = (name, self._hashed(password), role, csm, _now())
        self._do("INSERT INTO users VALUES (?, ?, ?, ?, ?)", *values)

    def remove_user(self, name: str) -> None:
        """Remove a user and end all of its sessions."""
        self._user(name)
        self._do("DELETE FROM users WHERE name = ?", name)

    def set_password(self, name: str, password: str) -> None:
        """Set a new password and end all sessions."""
        self._user(name)
        self._do("UPDATE users SET password = ? WHERE name = ?", self._hashed(password), name)
        self._do("DELETE FROM sessions WHERE user = ?", name)

    def set_role(self, name: str, role: str, csm: str = "") -> None:
        """Change what a user may see, in its running sessions too."""
        self._user(name)
        self._check(role, csm)
        self._do("UPDATE users SET role = ?, csm = ? WHERE name = ?", role, csm, name)

    def users(self) -> list[dict[str, str]]:
        """Every user: name, role, csm, created_at."""
        return self._all("SELECT name, role, csm, created_at FROM users ORDER BY name")

    def _user(self, name: str) -> None:
        if not self._one("SELECT 1 FROM users WHERE name = ?", name):
            known = ", ".join(user["name"] for user in self.users()) or "none yet"
            raise UsageError(f"there is no user {name!r}", f"users: {known}")

    def _check(self, role: str, csm: str) -> None:
        if role not in ROLES:
            raise UsageError(f"there is no role {role!r}", f"one of {', '.join(ROLES)}")
        if (role == "csm") != bool(csm):
            raise UsageError(
                "the role csm, and only it, wants the name that stands in the accounts' csm column",
                "for example --role csm --csm 'Amara Okafor'",
            )

    def _hashed(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise UsageError(
                f"a password of {len(password)} characters",
                f"give {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; four random words do",
            )
        return self._hasher.hash(password)

    # Sessions

    def log_in(self, name: str, password: str, hours: float) -> str | None:
        """A new session's token where name and password are right, else None; takes equally long either way."""
        found = self._one("SELECT password FROM users WHERE name = ?", name)
        try:
            self._hasher.verify(found["password"] if found else self._nobody, password[: LONGEST_PASSWORD + 1])
        except (VerificationError, InvalidHashError):
            return None
        if not found:
            return None
        if self._hasher.check_needs_rehash(found["password"]):
            self._do("UPDATE users SET password = ? WHERE name = ?", self._hasher.hash(password), name)
        return self._new_session(name, hours)

    def _new_session(self, name: str, hours: float) -> str:
        token = secrets.token_urlsafe(32)
        self._do("DELETE FROM sessions WHERE expires_at <= ?", _now())
        values = (_digest(token), name, secrets.token_urlsafe(32), _now(timedelta(hours=hours)))
        self._do("INSERT INTO sessions VALUES (?, ?, ?, ?)", *values)
        return token

    def session(self, token: str) -> Principal | None:
        """Who holds this token; None where it is unknown, ended or expired."""
        found = self._one(
            "SELECT name, role, csm, csrf FROM sessions JOIN users ON name = user WHERE token = ? AND expires_at > ?",
            _digest(token),
            _now(),
        )
        if found is None:
            return None
        return Principal(found["name"], found["role"], allowed(found["role"]), found["csm"], found["csrf"])

    def log_out(self, token: str) -> None:
        """End a session, on the server."""
        self._do("DELETE FROM sessions WHERE token = ?", _digest(token))

    # Keys

    def create_key(self, name: str, scopes: Iterable[str], csm: str = "", days: int | None = None) -> str:
        """A new API key, to be shown once; ``csm`` confines it to the accounts of one CSM."""
        wanted = sorted(set(scopes))
        if not wanted or set(wanted) - set(SCOPES):
            raise UsageError(f"scopes {', '.join(wanted) or '(none)'}", f"one or more of {', '.join(SCOPES)}")
        number, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        key = f"rind_{number}_{secret}"
        expires = None if days is None else _now(timedelta(days=days))
        values = (number, name, _digest(key), " ".join(wanted), csm, _now(), expires, None)
        self._do("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)
        return key

    def revoke_key(self, number: str) -> None:
        """Make a key useless from now on; its line stays."""
        if not self._one("SELECT 1 FROM keys WHERE id = ?", number):
            raise UsageError(f"there is no key {number!r}", "`rind keys list` shows them")
        self._do("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", _now(), number)

    def all_keys(self) -> list[dict[str, str]]:
        """Every key without its secret: id, name, scopes, csm, created_at, expires_at, revoked_at."""
        columns = "id, name, scopes, csm, created_at, expires_at, revoked_at"
        return self._all(f"SELECT {columns} FROM keys ORDER BY created_at")

    def key(self, given: str) -> Principal | None:
        """Whose key this is; None where it is unknown, revoked or expired."""
        found = self._one(
            "SELECT id, name, scopes, csm FROM keys WHERE secret = ? AND revoked_at IS NULL "
            "AND (expires_at IS NULL OR expires_at > ?)",
            _digest(given),
            _now(),
        )
        if found is None:
            return None
        name = f"key {found['id']} ({found['name']})"
        return Principal(name, "key", frozenset(found["scopes"].split()), found["csm"])

    # Audit

    def note(self, event: Event, at_once: bool = False) -> None:
        """Add a line to the audit log, at the latest with the next `flush`."""
        line = (event.at, event.who, event.action, event.path, event.detail, event.address, event.status)
        with self._lock:
            self._pending.append(line)
        if at_once:
            self.flush()

    def flush(self) -> bool:
        """Write the lines that are pending, in one transaction; False where they have to wait for another time."""
        with self._lock:
            if not self._pending:
                return True
            try:
                self._con.execute("BEGIN IMMEDIATE")
                self._con.executemany(AUDIT, self._pending)
                self._con.execute("COMMIT")
            except sqlite3.Error as error:  # the disk is full, another process holds the file
                logger.error("%d lines of the audit log wait: %s", len(self._pending), error)
                if self._con.in_transaction:
                    self._con.execute("ROLLBACK")
                return False
            self._pending.clear()
            return True

    def prune(self, days: float) -> int:
        """Forget lines of the audit log that are older than so many days, a few at a time; how many went."""
        before, gone = _now(-timedelta(days=days)), 0
        oldest = "SELECT id FROM audit ORDER BY id LIMIT ?"
        while True:
            with self._lock:
                query = f"DELETE FROM audit WHERE at < ? AND id IN ({oldest})"
                count = self._con.execute(query, (before, PRUNED_AT_ONCE)).rowcount
            gone += count
            if count < PRUNED_AT_ONCE:
                return gone

    def events(self, count: int = 200, who: str = "", action: str = "") -> list[Event]:
        """The latest lines of the audit log, the newest first."""
        self.flush()
        where = "WHERE (? = '' OR who = ?) AND (? = '' OR action = ?)"
        columns = "at, who, action, path, detail, address, status"
        query = f"SELECT {columns} FROM audit {where} ORDER BY id DESC LIMIT ?"
        return [Event(**line) for line in self._all(query, who, who, action, action, count)]

    # SQLite

    def _do(self, statement: str, *values: Any) -> None:
        with self._lock:
            self._con.execute(statement, values)

    def _all(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            cursor = self._con.execute(query, values)
            rows: Sequence[Any] = cursor.fetchall()
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _one(self, query: str, *values: Any) -> dict[str, Any] | None:
        found = self._all(query, *values)
        return found[0] if found else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _now(later: timedelta | None = None) -> str:
    return (datetime.now(UTC) + (later or timedelta())).isoformat(timespec="seconds")
