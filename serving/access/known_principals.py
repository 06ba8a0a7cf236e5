"""What was read last of each session and key: it stays known while the file of users cannot be read."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from rind.serving.access.database import AccessFileError

Known = TypeVar("Known")
KNOWN_SECONDS = 60.0
"""So long a session or key counts after it was last read; nothing can be revoked either while the file is locked."""
MOST = 10_000


class KnownPrincipals(Generic[Known]):
    """Digest of a token or key -> whom or what it stands for, and when that was read."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, Known]] = OrderedDict()
        self._lock = threading.Lock()

    def value(self, digest: str, read: Callable[[], Known | None]) -> Known | None:
        """What ``read`` returns; where the file cannot be read, what it returned within the last minute.

        Raises
        ------
        AccessFileError
            The file cannot be read, and nobody was seen with this token or key.
        """
        try:
            value = read()
        except AccessFileError:
            with self._lock:
                at, kept = self._known.get(digest, (float("-inf"), None))
            if time.monotonic() - at > KNOWN_SECONDS:
                raise
            return kept
        with self._lock:
            if value is None:
                self._known.pop(digest, None)
                return None
            self._known[digest] = (time.monotonic(), value)
            self._known.move_to_end(digest)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return value

    def forget(self, digest: str) -> None:
        """A session that its user ended is unknown from now on."""
        with self._lock:
            self._known.pop(digest, None)
