from __future__ import annotations

from typing import Any

import ibis
import pytest

from rind.features.engine import computing_on, duckdb_connection, held, new_connection


def setting(connection: Any, name: str) -> str:
    return str(connection.con.execute(f"SELECT current_setting('{name}')").fetchone()[0])


def test_duckdb_takes_no_more_memory_than_it_is_given_and_only_within_the_block() -> None:
    usual = setting(duckdb_connection(), "memory_limit")
    with computing_on("duckdb", memory_gb=0.5):
        assert setting(new_connection(), "memory_limit") == "476.8 MiB"  # half a billion bytes
    assert setting(new_connection(), "memory_limit") == usual


@pytest.mark.parametrize(("memory_gb", "spilled"), [(0.1, True), (4.0, False)])
def test_what_needs_more_memory_than_that_spills_and_ends_well(memory_gb: float, spilled: bool) -> None:
    with computing_on("duckdb", memory_gb):
        connection = new_connection()
    connection.raw_sql("SET threads=1")
    connection.raw_sql("CREATE TEMP TABLE wide AS SELECT i, hash(i) AS h, hash(i + 1) AS g FROM range(6000000) r(i)")
    used = connection.con.execute("SELECT count(*) FROM duckdb_temporary_files()").fetchone()[0]
    assert (used > 0) == spilled
    assert connection.table("wide").count().to_pyarrow().as_py() == 6_000_000


def test_rows_that_are_held_are_computed_once() -> None:
    drawn = duckdb_connection().sql("SELECT random() AS x FROM range(3)")
    kept = held(drawn)
    assert kept.order_by("x").to_pyarrow().equals(kept.order_by("x").to_pyarrow())
    assert not drawn.order_by("x").to_pyarrow().equals(drawn.order_by("x").to_pyarrow())
    assert isinstance(kept, ibis.Table)
