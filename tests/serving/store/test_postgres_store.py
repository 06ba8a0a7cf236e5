"""Weeks from the results store are those that were published, whole, while others are being published."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from report_examples import AS_OF
from result_folders import write_results
from served import PICTURES
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.serving.access.access_file import Access
from rind.serving.app import create_app
from rind.serving.settings import Settings
from rind.serving.store.postgres_store import PostgresStore
from rind.serving.store.protocols import NoResultsError, Week
from rind.serving.store.publish import publish
from rind.serving.store.schema import ResultsStoreError

Open = Callable[..., PostgresStore]


NEXT = AS_OF + timedelta(days=7)


def test_a_store_without_a_week_says_so(opened: Open) -> None:
    with pytest.raises(NoResultsError, match="empty"):
        opened().current()


def test_a_new_week_is_taken_up(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    first = store.current()
    assert first.as_of == AS_OF
    assert not store.refresh()
    assert store.current() is first
    publish(write_results(tmp_path / "next", NEXT, 14), results_url)
    assert store.current() is first  # nobody has looked yet
    assert store.refresh()
    assert store.current().as_of == NEXT


def test_a_week_in_a_readers_hand_stays_whole_when_it_is_replaced(
    tmp_path: Path, results_url: str, opened: Open
) -> None:
    publish(write_results(tmp_path / "first", name="Old"), results_url)
    store = opened()
    held = store.current()
    publish(write_results(tmp_path / "again", accounts=14, name="New"), results_url)
    assert store.refresh()
    account = held.risk_list["account_id"].iloc[0]
    assert held.risk_list["name"].iloc[0] == "Old"
    assert (len(held.explanation(account)), len(held.history(account)), len(held.backtest(["as_of"]))) == (3, 5, 60)
    assert store.current().risk_list["name"].iloc[0] == "New"
    assert store.current().version != held.version


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
    store = opened()
    first = store.current()

    def away(*_: object) -> None:
        raise ResultsStoreError("the server is away")

    with monkeypatch.context() as patched:
        patched.setattr(store._pool, "rows", away)
        assert not store.refresh()
        assert store.current() is first
        assert len(first.risk_list) == 12
    publish(write_results(tmp_path / "next", NEXT, 14), results_url)
    assert store.refresh()


def test_nobody_waits_while_a_new_week_is_being_loaded(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    first = store.current()
    publish(write_results(tmp_path / "next", NEXT, 14), results_url)
    loading, go_on = threading.Event(), threading.Event()

    def slowly(week: Week) -> None:
        if week is not first:
            loading.set()
            go_on.wait(30)

    store.prepare_with(slowly)
    loader = threading.Thread(target=store.refresh)
    loader.start()
    assert loading.wait(30)
    assert store.current() is first
    go_on.set()
    loader.join()
    assert store.current().as_of == NEXT


@pytest.mark.parametrize("path", ["/accounts/A0004", "/v1/accounts/A0004", "/accounts/A0004/risk.svg"])
def test_nobody_waits_for_the_rows_of_somebody_elses_account(
    tmp_path: Path, results_url: str, opened: Open, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    store = opened()
    asking, go_on = threading.Event(), threading.Event()
    query = store._pool._run

    def slowly(fetch: Any) -> Any:
        asking.set()
        assert go_on.wait(30), "the query kept everybody else waiting"
        return query(fetch)

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(served)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as client:
            waits = asyncio.create_task(client.get(path))
            while not asking.is_set():
                assert not waits.done(), "answered without a query"
                await asyncio.sleep(0.01)
            answers = [(await client.get(other)).status_code for other in ("/healthz", "/", "/v1/risk-list")]
            assert not waits.done()
            go_on.set()
            return [*answers, (await waits).status_code]

    with closing(Access(tmp_path / "access.sqlite")) as access:
        served = create_app(store, access, Settings(demo=True))
        serving = served.state.serving
        serving.pictures = PICTURES
        store.prepare_with(serving.prepare)
        monkeypatch.setattr(store._pool, "_run", slowly)
        assert asyncio.run(ask()) == [200] * 4


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


def test_another_version_of_the_schema_is_refused(tmp_path: Path, results_url: str, opened: Open) -> None:
    publish(write_results(tmp_path / "first"), results_url)
    with psycopg.connect(results_url) as connection:
        connection.execute("insert into rind_store.schema_version (version) values (1000)")
    with pytest.raises(ResultsStoreError, match="schema version 1000"):
        opened().current()
