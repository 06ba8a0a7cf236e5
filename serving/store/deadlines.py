"""Deadlines of queries: a server that hangs (stopped, swapping, its disk gone) answers neither them nor a cancellation.

So the client breaks the connection off: it shuts the socket down, and the thread that reads from it gets an error.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rind.serving.store.schema import Connection

LOOK_SECONDS = 0.1


@dataclass
class Query:
    """A query at work: whether its deadline has passed."""

    connection: Connection
    until: float
    late: bool = False


class Deadlines:
    """Breaks off connections whose query takes too long; one thread looks at all of them, while there are any."""

    def __init__(self) -> None:
        self._queries: list[Query] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def within(self, connection: Connection, seconds: float) -> Iterator[Query]:
        """Break the connection off if the block takes longer than this; the query then is ``late``."""
        query = Query(connection, time.monotonic() + seconds)
        with self._changed:
            self._queries.append(query)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="rind-deadlines", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield query
        finally:
            with self._changed:
                self._queries.remove(query)

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._queries:
                    self._changed.wait()
                for query in self._queries:
                    if time.monotonic() > query.until and not query.late:
                        query.late = True
                        _break_off(query.connection)
            time.sleep(LOOK_SECONDS)


def _break_off(connection: Connection) -> None:
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except OSError:  # it is broken already
        return
