"""Rows of the results store, for the tests that look into it, and a server that hangs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg


def ask(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, on a connection of its own."""
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode(), values).fetchall()


@contextmanager
def hanging(url: str) -> Iterator[None]:
    """The server's processes are stopped: connections are taken by the kernel, and nothing ever answers."""
    with psycopg.connect(url) as connection:
        row = connection.execute("show data_directory").fetchone()
    assert row is not None
    server = psutil.Process(int((Path(row[0]) / "postmaster.pid").read_text().split()[0]))
    stopped = [server, *server.children(recursive=True)]
    for process in stopped:
        with suppress(psutil.NoSuchProcess):  # a worker of a moment ago
            process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            with suppress(psutil.NoSuchProcess):
                process.resume()
