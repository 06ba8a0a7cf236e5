"""The results store on a real PostgreSQL server: whole weeks, once each."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from report_examples import AS_OF
from result_folders import write_results
from store_rows import ask, hanging
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.serving.store import publish as publishing
from rind.serving.store.publish import publish
from rind.serving.store.schema import LOCK, ResultsStoreError, schema_version


def fingerprint(url: str) -> list[tuple[Any, ...]]:
    """Every row of the store, as a number a table."""
    tables = [f"rind_store.{name}" for name in (*publishing.OF_A_PUBLICATION, "publications")]
    return [ask(url, f"select '{t}', count(*), sum(hashtext(t::text)::bigint) from {t} t")[0] for t in tables]


NEXT = AS_OF + timedelta(days=7)


BOBBY = "Robert'); drop table rind_store.risk_list; --"


def test_every_result_of_the_week_is_in_the_store(folder: Path, results_url: str) -> None:
    done = publish(folder, results_url)
    assert done.rows["risk_list"] == 12
    assert not done.unchanged
    listed = pq.read_table(folder / "risk_list.parquet").to_pylist()
    columns = ("rank", "account_id", "name", "mrr", "term_ends_on", "churn_probability", "watermelon", "reason_1")
    rows = ask(results_url, f"select {', '.join(columns)} from rind.risk_list order by rank")
    assert rows == [tuple(row[c] for c in columns) for row in listed]
    assert ask(results_url, "select count(*) from rind.watermelons")[0][0] == sum(r["watermelon"] for r in listed)
    margins = ask(results_url, "select margin - base_value - sum(shap_value) over (partition by account_id)"
                               " from rind.explanations")  # fmt: skip
    assert len(margins) == 36
    assert max(abs(gap) for (gap,) in margins) < 1e-9
    assert ask(results_url, "select value, low, high from rind.metrics where scorer='model' and metric='auc'") == [
        (0.81, 0.78, 0.84)
    ]
    assert ask(results_url, "select family, current_weight, proposed_weight from rind.health_weights order by 1") == [
        ("tickets", 40, 30), ("usage", 60, 70),
    ]  # fmt: skip
    assert ask(results_url, "select segment, confirmed, more->>'gain' from rind.true_north") == [
        ("enterprise", True, "0.35")
    ]
    assert ask(results_url, "select as_of, company, model_version, accounts from rind.weeks") == [
        (AS_OF, "Hearth & Co", "3", 12)
    ]
    assert ask(results_url, "select count(*), count(churned) from rind.history") == [(60, 36)]


def test_publishing_twice_changes_nothing(folder: Path, results_url: str) -> None:
    publish(folder, results_url)
    before = fingerprint(results_url)
    assert publish(folder, results_url).unchanged
    assert fingerprint(results_url) == before


def test_the_next_week_leaves_the_older_one_as_it_was(folder: Path, tmp_path: Path, results_url: str) -> None:
    publish(folder, results_url)
    query = "select * from rind.risk_list where as_of = %s order by rank"
    before = ask(results_url, query, AS_OF)
    publish(write_results(tmp_path / "next", NEXT, 14), results_url)
    assert ask(results_url, query, AS_OF) == before
    assert ask(results_url, "select as_of, accounts from rind.weeks order by 1") == [(AS_OF, 12), (NEXT, 14)]
    assert ask(results_url, "select distinct as_of from rind.latest_risk_list") == [(NEXT,)]


def test_a_rerun_of_a_week_replaces_it(folder: Path, tmp_path: Path, results_url: str) -> None:
    publish(folder, results_url)
    publish(write_results(tmp_path / "again", AS_OF, 14, name="Renamed"), results_url)
    assert ask(results_url, "select as_of, accounts from rind.weeks") == [(AS_OF, 14)]
    assert ask(results_url, "select name, count(*) over () from rind.risk_list order by rank limit 1") == [
        ("Renamed", 14)
    ]


def test_replaced_rows_go_once_their_readers_had_time(folder: Path, tmp_path: Path, results_url: str) -> None:
    publish(folder, results_url)
    publish(write_results(tmp_path / "again", AS_OF, 14), results_url)
    assert ask(results_url, "select count(*) from rind_store.risk_list") == [(26,)]
    publish(write_results(tmp_path / "third", AS_OF, 15), results_url, grace_minutes=0)
    publish(write_results(tmp_path / "fourth", AS_OF, 16), results_url, grace_minutes=0)
    assert ask(results_url, "select count(*) from rind_store.risk_list") == [(15 + 16,)]


@pytest.mark.parametrize("table", ["explanations", "curves"])
def test_a_crash_in_the_middle_leaves_the_old_week(
    folder: Path, tmp_path: Path, results_url: str, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    publish(folder, results_url)
    before = fingerprint(results_url)
    copy = publishing._copy

    def dying(connection: Any, name: str, *rest: Any) -> int:
        if name == table:
            raise KeyboardInterrupt
        return copy(connection, name, *rest)

    monkeypatch.setattr(publishing, "_copy", dying)
    with pytest.raises(KeyboardInterrupt):
        publish(write_results(tmp_path / "again", AS_OF, 14), results_url)
    assert fingerprint(results_url) == before


def test_a_crash_of_the_first_publication_leaves_nothing(
    folder: Path, results_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_begin", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(folder, results_url)
    with psycopg.connect(results_url) as connection:
        assert schema_version(connection) == 0


def test_a_reader_sees_whole_weeks_only(tmp_path: Path, results_url: str) -> None:
    weeks = [write_results(tmp_path / str(n), AS_OF, n, name=f"of {n}") for n in (12, 14)]
    publish(weeks[0], results_url)
    readings: set[tuple[Any, ...]] = set()
    ended = threading.Event()

    views = ("risk_list", "explanations", "history", "documents")
    counts = ", ".join(f"(select count(*) from rind.{view})" for view in views)
    query = f"select accounts, (select name from rind.risk_list where rank = 1), {counts} from rind.weeks"

    def read() -> None:
        with psycopg.connect(results_url, autocommit=True) as connection:
            while not ended.is_set():
                readings.update(connection.execute(query.encode()).fetchall())

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(6):
        publish(weeks[(turn + 1) % 2], results_url, grace_minutes=0)
    ended.set()
    reader.join()
    assert readings == {(12, "of 12", 12, 36, 60, 5), (14, "of 14", 14, 42, 70, 5)}


def test_two_publishers_take_turns(tmp_path: Path, results_url: str) -> None:
    weeks = [write_results(tmp_path / str(n), AS_OF, n) for n in (12, 13, 14, 15)]
    with ThreadPoolExecutor(len(weeks)) as pool:
        list(pool.map(lambda week: publish(week, results_url), weeks))  # raises what any of them raised
    (accounts,) = ask(results_url, "select accounts from rind.weeks")[0]
    assert ask(results_url, "select count(*) from rind.risk_list") == [(accounts,)]


@pytest.mark.parametrize(
    "name", [BOBBY, 'quo"te', "back\\slash", "com,ma", "new\nline", "\\.", "", " ", "tab\t", "Zoë & 株式会社", "nul\0"]
)
def test_any_name_comes_out_as_it_went_in(tmp_path: Path, results_url: str, name: str) -> None:
    publish(write_results(tmp_path / "week", name=name, csm=None), results_url)
    assert ask(results_url, "select name, csm from rind.risk_list where rank = 1") == [(name.replace("\0", ""), None)]


def test_details_of_old_weeks_may_go_their_lists_stay(tmp_path: Path, results_url: str) -> None:
    for week in range(3):
        day = AS_OF + timedelta(days=7 * week)
        publish(write_results(tmp_path / str(week), day), results_url, keep_detail_weeks=2)
    for view, weeks in (("explanations", 2), ("risk_list", 3)):
        assert ask(results_url, f"select count(distinct as_of) from rind.{view}") == [(weeks,)]


def test_the_command_says_what_it_wrote_and_then_that_nothing_is_new(folder: Path, results_url: str) -> None:
    runs = [CliRunner().invoke(app, ["publish", "--dir", str(folder), "--to", results_url]) for _ in range(2)]
    assert [done.exit_code for done in runs] == [0, 0]
    assert "12 risk_list" in runs[0].stdout
    assert "nothing was written" in runs[1].stdout


def test_a_server_that_takes_the_connection_and_never_answers_is_given_up(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgres://rind@127.0.0.1:{silent.getsockname()[1]}/results"
        start = time.perf_counter()
        with pytest.raises(ResultsStoreError, match="refused"):
            publish(folder, url, connect_seconds=2)
        assert time.perf_counter() - start < 10


def test_a_server_that_hangs_in_the_middle_is_given_up_and_keeps_the_old_week(
    folder: Path, tmp_path: Path, results_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(folder, results_url)
    before = fingerprint(results_url)
    with ExitStack() as stack:

        def drawn(*_: Any) -> dict[str, Any]:
            stack.enter_context(hanging(results_url))
            return {}

        monkeypatch.setattr(publishing, "drawn", drawn)
        with pytest.raises(ResultsStoreError, match=r"did not take the week within 2 s"):
            publish(write_results(tmp_path / "again", AS_OF, 14), results_url, publish_seconds=2)
    assert fingerprint(results_url) == before


def test_who_waits_too_long_for_another_publication_is_told(folder: Path, results_url: str) -> None:
    with psycopg.connect(results_url) as other:
        other.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        with pytest.raises(ResultsStoreError, match=r"within 0\.5 s") as raised:
            publish(folder, results_url, publish_seconds=0.5)
    assert "Publish again" in str(raised.value.hint)
    assert publish(folder, results_url).rows["risk_list"] == 12
