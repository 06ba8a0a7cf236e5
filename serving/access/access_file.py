"""Who may see what: users, sessions, API keys and the audit log, in one small SQLite file.

Passwords are kept as Argon2 hashes. Session tokens and API keys are 256 random bits, kept as SHA-256: nobody can log in
with what the file holds. There is no secret to configure, so there is none to forget to change.
"""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher

from rind.serving.access.audit import AuditLog
from rind.serving.access.database import Database
from rind.serving.access.keys import Keys
from rind.serving.access.passwords import Passwords
from rind.serving.access.sessions import Sessions
from rind.serving.access.users import Users


class Access:
    """The access file, opened; made where there is none.

    Parameters
    ----------
    path
        The SQLite file; only its owner may read it.
    hasher
        The cost of password hashes; None takes the library's own.
    """

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        self.database, passwords = Database(path), Passwords(hasher)
        self.users = Users(self.database, passwords)
        self.sessions = Sessions(self.database, passwords)
        self.keys = Keys(self.database)
        self.audit = AuditLog(self.database)

    def close(self) -> None:
        """Write the pending lines of the audit log and close the file."""
        self.audit.flush()
        self.database.close()
