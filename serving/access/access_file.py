"""Who may see what: users, sessions, API keys and the audit log, in one small SQLite file.

Passwords are kept as Argon2 hashes. Session tokens and API keys are 256 random bits, kept as SHA-256: nobody can log in
with what the file holds; from the secret of a second factor its codes can be made, which count beside a password alone.
There is no secret to configure, so there is none to forget to change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher

from rind.common.errors import RindError, UsageError
from rind.serving.access.audit import AuditLog, Event, write_events
from rind.serving.access.database import Database
from rind.serving.access.keys import Keys
from rind.serving.access.passwords import Passwords
from rind.serving.access.second_factors import SecondFactors
from rind.serving.access.sessions import Sessions
from rind.serving.access.users import Users

COMMAND_LINE = "command line"
"""Stands in the audit log where requests have their address."""


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
        self.path = path
        self.database, passwords = Database(path), Passwords(hasher)
        self.users = Users(self.database, passwords)
        self.sessions = Sessions(self.database, passwords)
        self.keys = Keys(self.database)
        self.audit = AuditLog(self.database)
        self.second_factors = SecondFactors(self.database)

    @contextmanager
    def administered(self, who: str, action: str, detail: str, path: str) -> Iterator[None]:
        """Change users or keys, and write into the audit log who did it: both, or neither.

        What is refused is written down too, as ``ACTION refused`` with the reason.

        Parameters
        ----------
        who
            Who acts; on the command line the system's user.
        action
            For example ``users add``.
        detail
            On whom, and what; never a password or a key.
        path
            The command.
        """

        def line(name: str, more: str, status: int) -> Event:
            return Event(self.database.now(), who, name, path, more[:500], COMMAND_LINE, status)

        try:
            with self.database.transaction() as connection:
                yield
                write_events(connection, [line(action, detail, 200)])
        except UsageError as error:
            with self.database.transaction() as connection:
                write_events(connection, [line(f"{action} refused", f"{detail}: {error.message}", 422)])
            raise

    @contextmanager
    def recorded(self, who: str, action: str, detail: str, path: str) -> Iterator[None]:
        """Do something outside of this file, and write into the audit log that it began and how it ended.

        A line ``ACTION begun`` stands before it, so that one that is killed leaves a trace; after it ``ACTION``, or
        ``ACTION refused`` with the reason of an error for people, or ``ACTION failed``.

        Parameters
        ----------
        detail
            On whom, and what; never a password, a key, or the text of a note.
        path
            The command.
        """

        def write(name: str, more: str, status: int) -> None:
            event = Event(self.database.now(), who, name, path, more[:500], COMMAND_LINE, status)
            with self.database.transaction() as connection:
                write_events(connection, [event])

        write(f"{action} begun", detail, 102)
        try:
            yield
        except RindError as error:
            write(f"{action} refused", f"{detail}: {error.message}", 422)
            raise
        except BaseException as error:
            write(f"{action} failed", f"{detail}: {type(error).__name__}", 500)
            raise
        write(action, detail, 200)

    def close(self) -> None:
        """Write the pending lines of the audit log and close the file."""
        self.audit.flush()
        self.database.close()
