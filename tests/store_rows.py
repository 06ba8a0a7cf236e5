"""Rows of the results store, for the tests that look into it."""

from __future__ import annotations

from typing import Any

import psycopg


def ask(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, on a connection of its own."""
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode(), values).fetchall()
