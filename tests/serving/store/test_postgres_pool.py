"""Connections to PostgreSQL that threads share."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from report_examples import AS_OF
from result_folders import write_results
from served import BROWSER, log_in, site
from store_rows import hanging

from rind.serving.store import postgres_pool
from rind.serving.store.postgres_store import PostgresStore
from rind.serving.store.publish import publish
from rind.serving.store.schema import ResultsStoreError

Open = Callable[..., PostgresStore]


def test_many_threads_share_a_few_connections(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(connections=2)
    accounts = store.current().risk_list["account_id"].tolist()
    counts: list[int] = []
    store._loader.close()  # the week is loaded

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


def test_a_server_that_hangs_takes_accounts_with_it_and_no_list_no_login_and_no_thread(
    tmp_path: Path, results_url: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_pool, "REST_SECONDS", 1.0)
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    store._pool._seconds = 1.0
    ids = store.current().risk_list["account_id"].tolist()
    with site(tmp_path, tmp_path / "access.sqlite", store=store) as here:  # type: ignore[arg-type]
        browser, program = here.logged_in(name="jonas"), here.program("read")
        here.app.state.serving.prepare(store.current())
        for path in (f"/accounts/{ids[0]}", "/", "/model", "/watermelons"):
            assert browser.get(path).status_code == 200

        async def together() -> tuple[list[int], list[float]]:
            """Sixty questions for accounts, and lists asked for meanwhile: their statuses, and the lists' seconds."""
            requests = [asyncio.create_task(program._http.get(f"/v1/accounts/{ids[n % 12]}")) for n in range(60)]
            await asyncio.sleep(0.2)
            seconds = []
            for number in range(5):
                start = time.perf_counter()
                for path, client in (
                    (f"/?q={number}", browser),
                    ("/model", browser),
                    (f"/v1/risk-list?q={number}", program),
                ):
                    assert (await client._http.get(path)).status_code == 200, path
                seconds.append(time.perf_counter() - start)
            return sorted({(await task).status_code for task in requests}), seconds

        with hanging(results_url):
            statuses, seconds = here.loop.run(together())
            assert statuses == [503]
            assert max(seconds) < 3
            start = time.perf_counter()
            assert not store.refresh()
            assert time.perf_counter() - start < 10
            assert browser.get("/").status_code == 200
            assert log_in(here.client(**BROWSER), "jonas").status_code == 303
        time.sleep(1.2)
        assert browser.get(f"/accounts/{ids[1]}").status_code == 200
        store.refresh()
        assert store.current().as_of == AS_OF


def test_a_query_that_the_server_works_on_for_too_long_is_cancelled(
    tmp_path: Path, results_url: str, opened: Open
) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(connections=1)
    store._pool._seconds = 0.5
    store._pool.close()
    start = time.perf_counter()
    with pytest.raises(ResultsStoreError, match="statement timeout"):
        store._pool.rows("select pg_sleep(20)")
    assert time.perf_counter() - start < 5
    assert store._pool.rows("select 1") == [(1,)]


def test_who_finds_no_free_connection_waits_for_a_moment_only(
    tmp_path: Path, results_url: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_pool, "WAIT_SECONDS", 0.2)
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(connections=1)
    busy = threading.Thread(target=lambda: store._pool.rows("select pg_sleep(2)"))
    busy.start()
    time.sleep(0.3)
    with pytest.raises(ResultsStoreError, match="too much to do"):
        store._pool.rows("select 1")
    busy.join()
    assert store._pool.rows("select 1") == [(1,)]


def test_readers_cannot_write(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    with pytest.raises(ResultsStoreError, match="read-only"):
        store._pool.rows("delete from rind_store.risk_list returning rank")
