"""Logins whose password was right and whose code is waited for; in memory, for a few minutes."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict

PENDING_SECONDS = 300.0
MOST_PENDING = 10_000
WRONG_CODES = 5
"""After so many wrong codes the login begins anew, with the password."""


class PendingLogins:
    """Token -> the user whose password was right."""

    def __init__(self) -> None:
        self._pending: OrderedDict[str, tuple[float, str, int]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, user: str) -> str:
        """The token that the form for the code carries."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._pending[token] = (time.monotonic() + PENDING_SECONDS, user, 0)
            while len(self._pending) > MOST_PENDING:
                self._pending.popitem(last=False)
        return token

    def user(self, token: str) -> str | None:
        """Whose login waits; None where none does, or not any more."""
        with self._lock:
            until, user, wrong = self._pending.get(token, (float("-inf"), "", 0))
            if until < time.monotonic() or wrong >= WRONG_CODES:
                self._pending.pop(token, None)
                return None
            return user

    def was_wrong(self, token: str) -> None:
        """Count a wrong code."""
        with self._lock:
            if token in self._pending:
                until, user, wrong = self._pending[token]
                self._pending[token] = (until, user, wrong + 1)

    def end(self, token: str) -> None:
        """The code was right: the token is good for nothing more."""
        with self._lock:
            self._pending.pop(token, None)
