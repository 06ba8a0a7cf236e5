"""Accounts out of the results store: no row and no document of any week names them."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from report_examples import AS_OF
from result_folders import write_results
from store_rows import ask

from rind.pipelines.personal.cutting import cut_document
from rind.pipelines.personal.persons import Persons
from rind.serving.store.forgetting import account_tables, drop_weeks, forget
from rind.serving.store.postgres_store import PostgresStore
from rind.serving.store.publish import publish
from rind.serving.store.schema import connect


def everything(url: str) -> str:
    """Every row of every table, as one text."""
    tables = ask(url, "select table_name from information_schema.tables where table_schema = 'rind_store'"
                      " and table_type = 'BASE TABLE'")  # fmt: skip
    return "\n".join(row[0] for (name,) in tables for row in ask(url, f"select t::text from rind_store.{name} t"))


def test_no_row_and_no_document_of_any_week_names_a_forgotten_account(tmp_path: Path, results_url: str) -> None:
    for week in (0, 1):
        publish(write_results(tmp_path / str(week), AS_OF + timedelta(days=7 * week)), results_url)
    account, name = pd.read_parquet(tmp_path / "0/risk_list.parquet").loc[0, ["account_id", "name"]]
    persons = Persons(frozenset({account}), names=frozenset({name}))

    def cut(document: Any) -> tuple[Any, int]:
        return cut_document(document, persons)

    with closing(PostgresStore(results_url, 0)) as store:
        version = store.current().version
        before = everything(results_url)
        counts = forget(results_url, {account}, cut)
        assert (counts["risk_list"], account in before) == (2, True)
        assert [term for term in (account, name) if term in everything(results_url)] == []
        assert store.refresh()
        assert (store.current().version == version, len(store.current().risk_list)) == (False, 11)
    assert ask(results_url, "select distinct accounts from rind.weeks") == [(11,)]
    assert forget(results_url, {account}, cut) == {}


def test_every_table_with_accounts_is_found_by_the_schema(tmp_path: Path, results_url: str) -> None:
    publish(write_results(tmp_path), results_url)
    with connect(results_url) as connection:
        assert {"risk_list", "previous_list", "explanations", "backtest", "adoption", "series", "timeline"} <= set(
            account_tables(connection)
        )


def test_a_database_without_a_store_has_nothing_to_forget(results_url: str) -> None:
    assert forget(results_url, {"A1"}, lambda document: (document, 0)) == {}


def test_former_weeks_are_dropped_and_the_newest_one_stays(tmp_path: Path, results_url: str) -> None:
    for week in (0, 1, 2):
        publish(write_results(tmp_path / str(week), AS_OF + timedelta(days=7 * week)), results_url)
    newest = AS_OF + timedelta(days=14)
    assert drop_weeks(results_url, AS_OF + timedelta(days=7)) == 1
    assert drop_weeks(results_url, newest + timedelta(days=999)) == 1
    assert ask(results_url, "select distinct as_of from rind.weeks") == [(newest,)]
    assert ask(results_url, "select count(distinct publication) from rind_store.explanations") == [(1,)]
