"""Weeks from the results store are those that were published, whole, while others are being published."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from report_examples import AS_OF
from result_folders import write_results
from typer.testing import CliRunner

from pipelines.cli import app
from serving.postgres_store import PostgresStore
from serving.publish import publish
from serving.results_schema import ResultsStoreError
from serving.store import NoResultsError, Store

NEXT = AS_OF + timedelta(days=7)
Open = Callable[..., PostgresStore]


@pytest.fixture
def opened(results_url: str) -> Iterator[Open]:
    """Opens stores on the test's own database, and closes them."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(closing(PostgresStore(results_url, **settings)))


def test_a_store_without_a_week_says_so(opened: Open) -> None:
    with pytest.raises(NoResultsError, match="empty"):
        opened().current()


def test_a_new_week_is_taken_up_and_the_old_one_can_still_be_asked_for(
    tmp_path: Path, results_url: str, opened: Open
) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store: Store = opened(check_seconds=0)
    first = store.current()
    assert first.as_of == AS_OF
    assert store.current() is first
    publish(write_results(tmp_path / "next", NEXT, 14), results_url)
    assert store.current().as_of == NEXT
    assert [week.as_of for week in store.weeks()] == [NEXT, AS_OF]
    older = store.week(AS_OF)
    assert older is not None
    assert (older.version, len(older.risk_list)) == (first.version, 12)
    assert store.week(date(2020, 1, 6)) is None


def test_the_server_is_asked_no_more_often_than_told(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(check_seconds=3600)
    first = store.current()
    publish(write_results(tmp_path / "next", NEXT, 14), results_url)
    assert store.current() is first


def test_a_week_in_a_readers_hand_stays_whole_when_it_is_replaced(
    tmp_path: Path, results_url: str, opened: Open
) -> None:
    publish(write_results(tmp_path / "first", name="Old"), results_url)
    store = opened(check_seconds=0)
    held = store.current()
    publish(write_results(tmp_path / "again", accounts=14, name="New"), results_url)
    account = held.risk_list["account_id"].iloc[0]
    assert held.risk_list["name"].iloc[0] == "Old"
    assert (len(held.explanation(account)), len(held.history(account)), len(held.backtest(["as_of"]))) == (3, 5, 60)
    assert store.current().risk_list["name"].iloc[0] == "New"
    assert store.current().version != held.version


def test_many_threads_share_a_few_connections(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(check_seconds=0, connections=2)
    accounts = store.current().risk_list["account_id"].tolist()
    found: list[int] = []

    def work() -> None:
        found.extend(len(store.current().explanation(account)) for account in accounts)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [3] * (8 * 12)
    with psycopg.connect(results_url) as connection:
        open_now = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'rind'"
        ).fetchone()
    assert open_now is not None
    assert open_now[0] <= 2


def test_connections_that_the_server_dropped_are_replaced(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(check_seconds=0)
    account = store.current().risk_list["account_id"].iloc[0]
    with psycopg.connect(results_url) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rind'")
    assert len(store.current().explanation(account)) == 3


def test_readers_cannot_write(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    with pytest.raises(ResultsStoreError, match="read-only"):
        store._pool.rows("delete from rind_store.risk_list returning rank")


@pytest.mark.parametrize("account", ["' or true --", "A0000'; drop schema rind cascade; --", "%", "\\", ""])
def test_an_id_is_a_value_and_never_a_piece_of_sql(
    tmp_path: Path, results_url: str, opened: Open, account: str
) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    week = store.current()
    assert week.explanation(account).empty
    assert week.history(account).empty
    assert len(week.explanation(week.risk_list["account_id"].iloc[0])) == 3


def test_the_last_list_is_shown_while_the_server_is_away(
    tmp_path: Path, results_url: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(check_seconds=0)
    first = store.current()

    def away(*_: object) -> None:
        raise ResultsStoreError("the server is away")

    monkeypatch.setattr(store._pool, "rows", away)
    assert store.current() is first
    assert len(first.risk_list) == 12


def test_nobody_waits_while_a_new_week_is_being_loaded(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened(check_seconds=0)
    first = store.current()
    publish(write_results(tmp_path / "next", NEXT, 14), results_url)
    loading, go_on = threading.Event(), threading.Event()

    def slowly(_: object) -> None:
        loading.set()
        go_on.wait(30)

    store.prepare = slowly
    loader = threading.Thread(target=store.current)
    loader.start()
    assert loading.wait(30)
    assert store.current() is first
    go_on.set()
    loader.join()
    assert store.current().as_of == NEXT


def test_mails_are_made_from_the_store_as_from_the_folder(
    tmp_path: Path, results_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RIND_SMTP_HOST", "RIND_SMTP_PASSWORD", "RIND_SLACK_WEBHOOK"):
        monkeypatch.delenv(name, raising=False)
    folder = write_results(tmp_path / "first", accounts=40)
    publish(folder, results_url)
    made = []
    for place in (str(folder), results_url):
        preview = tmp_path / f"preview{len(made)}"
        arguments = ["--dir", place, "--dry-run", str(preview), "--set", "deliveries.leadership=[boss@example.com]"]
        done = CliRunner().invoke(app, ["deliver", *arguments])
        assert done.exit_code == 0, done.output
        made.append({p.name: p.read_bytes() for p in preview.iterdir() if p.suffix != ".eml"})
    assert made[0] == made[1]
    assert len(made[0]) == 3


def test_serving_a_store_wants_a_place_for_users(results_url: str) -> None:
    done = CliRunner().invoke(app, ["serve", "--dir", results_url])
    assert done.exit_code == 2
    assert "serving.access" in done.output


def test_another_version_of_the_schema_is_refused(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    with psycopg.connect(results_url) as connection:
        connection.execute("insert into rind_store.schema_version (version) values (1000)")
    with pytest.raises(ResultsStoreError, match="schema version 1000"):
        opened().current()
