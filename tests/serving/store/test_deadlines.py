"""Deadlines of queries on a server that hangs."""

from __future__ import annotations

import time

import psycopg
import pytest

from rind.serving.store.deadlines import Deadlines
from rind.serving.store.schema import connect


def test_a_query_beyond_its_deadline_is_broken_off_and_the_others_are_not(results_url: str) -> None:
    deadlines = Deadlines()
    with connect(results_url) as slow, connect(results_url) as quick:
        with deadlines.within(quick, 5) as other, deadlines.within(slow, 0.3) as query:
            start = time.perf_counter()
            with pytest.raises(psycopg.OperationalError):
                slow.execute("select pg_sleep(20)")
            assert 0.2 < time.perf_counter() - start < 5
            assert query.late
            assert quick.execute("select 1").fetchone() == (1,)
        assert not other.late
        time.sleep(0.3)
        assert quick.execute("select 1").fetchone() == (1,)


def test_a_query_in_time_keeps_its_connection(results_url: str) -> None:
    deadlines = Deadlines()
    with connect(results_url) as connection:
        with deadlines.within(connection, 0.2) as query:
            connection.execute("select 1")
        time.sleep(0.5)
        assert not query.late
        assert connection.execute("select 1").fetchone() == (1,)
