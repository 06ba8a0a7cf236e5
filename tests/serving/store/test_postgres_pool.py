"""Connections to PostgreSQL that threads share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from result_folders import write_results

from rind.serving.store.postgres_store import PostgresStore
from rind.serving.store.publish import publish
from rind.serving.store.schema import ResultsStoreError

Open = Callable[..., PostgresStore]


def test_many_threads_share_a_few_connections(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(connections=2)
    accounts = store.current().risk_list["account_id"].tolist()
    counts: list[int] = []

    def work() -> None:
        counts.extend(len(store.current().explanation(account)) for account in accounts)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [3] * (8 * 12)
    with psycopg.connect(results_url) as connection:
        open_now = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'rind'"
        ).fetchone()
    assert open_now is not None
    assert open_now[0] <= 2


def test_connections_that_the_server_dropped_are_replaced(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    account = store.current().risk_list["account_id"].iloc[0]
    with psycopg.connect(results_url) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rind'")
    assert len(store.current().explanation(account)) == 3


def test_readers_cannot_write(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    with pytest.raises(ResultsStoreError, match="read-only"):
        store._pool.rows("delete from rind_store.risk_list returning rank")
