"""Users: who may log in, with which password and role."""

from __future__ import annotations

from typing import NamedTuple

from rind.common.errors import UsageError
from rind.serving.access.database import Database
from rind.serving.access.passwords import Passwords
from rind.serving.access.principals import ROLES


class User(NamedTuple):
    """A user without the password; times are ISO 8601, UTC, "" where there is no second factor."""

    name: str
    role: str
    csm: str
    created_at: str
    second_factor: str


class Users:
    """The users of one access file."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database, self._passwords = database, passwords

    def add(self, name: str, password: str, role: str, csm: str = "") -> None:
        """Add a user; the role csm needs the name that the accounts' ``csm`` column holds for this person."""
        if not name or len(name) > 100 or not name.isprintable():
            raise UsageError("a user's name is 1 to 100 printable characters", "for example jonas.weber")
        _check_role(role, csm)
        if self._database.row("SELECT 1 FROM users WHERE name = ?", name):
            raise UsageError(f"there is already a user {name!r}", "`rind users password` sets a new password")
        values = (name, self._passwords.hashed(password, (name, csm)), role, csm, self._database.now())
        self._database.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?)", *values)

    def remove(self, name: str) -> None:
        """Remove a user and end all of the user's sessions."""
        self._require(name)
        self._database.execute("DELETE FROM users WHERE name = ?", name)

    def set_password(self, name: str, password: str) -> None:
        """Set a new password and end all of the user's sessions."""
        csm = self._require(name)
        hashed = self._passwords.hashed(password, (name, csm))
        self._database.execute("UPDATE users SET password = ? WHERE name = ?", hashed, name)
        self._database.execute("DELETE FROM sessions WHERE user = ?", name)

    def set_role(self, name: str, role: str, csm: str = "") -> None:
        """Change what a user may see, in running sessions too."""
        self._require(name)
        _check_role(role, csm)
        self._database.execute("UPDATE users SET role = ?, csm = ? WHERE name = ?", role, csm, name)

    def all(self) -> list[User]:
        """Every user, by name."""
        rows = self._database.rows(
            "SELECT name, role, csm, created_at, coalesce(confirmed_at, '') AS second_factor "
            "FROM users LEFT JOIN second_factors ON user = name ORDER BY name"
        )
        return [User(**row) for row in rows]

    def _require(self, name: str) -> str:
        """The name that stands in the accounts' csm column for this user; refuses an unknown user."""
        user = self._database.row("SELECT csm FROM users WHERE name = ?", name)
        if user is None:
            known = ", ".join(user.name for user in self.all()) or "none yet"
            raise UsageError(f"there is no user {name!r}", f"users: {known}")
        return str(user["csm"])


def _check_role(role: str, csm: str) -> None:
    if role not in ROLES:
        raise UsageError(f"there is no role {role!r}", f"one of {', '.join(ROLES)}")
    if (role == "csm") != bool(csm):
        raise UsageError(
            "the role csm, and only it, wants the name that stands in the accounts' csm column",
            "for example --role csm --csm 'Amara Okafor'",
        )
