"""The law of time: nothing that happens at or after a date changes a feature of that date or before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import islice
from random import Random
from typing import Any, Literal

import ibis
import pyarrow as pa
import pytest
from builders import arrow_table
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from rind.features.catalogue import Settings
from rind.features.checks.family_check import EARLIEST, Engine, spine
from rind.features.checks.random_company import Company
from rind.features.checks.time_travel import cut, disagreements
from rind.features.customers import prepared
from rind.features.early_behaviour import early_behaviour
from rind.features.families import FAMILIES
from rind.features.paid_terms import customer_since
from rind.features.signup_cohorts import OutcomeWindow, launches
from rind.features.tables import RECORDED_AT, TABLES


@cache
def engine() -> Engine:
    return Engine()


days = st.integers(0, 60).map(lambda offset: EARLIEST + timedelta(days=offset))
seeds = st.integers(0, 2**32 - 1)


def assert_agree(one: pa.Table, other: pa.Table, until: date) -> None:
    found = list(islice(disagreements(one, other, until), 5))
    assert not found, "the future shows through: " + "; ".join(found)


@pytest.mark.parametrize("family", FAMILIES)
@settings(deadline=None, max_examples=4, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(day=days, seed=seeds)
def test_the_future_never_changes_a_feature(family: str, day: date, seed: int) -> None:
    company = Company(Random(seed), day)
    whole = company.tables()
    now = engine().features(FAMILIES[family], whole, spine(day))
    without_future = engine().features(FAMILIES[family], cut(whole, day), spine(day))
    assert_agree(now, without_future, day)
    another_future = engine().features(FAMILIES[family], company.with_another_future(whole), spine(day))
    assert_agree(now, another_future, day)


@pytest.mark.parametrize("family", [name for name, family in FAMILIES.items() if family.FEATURES])
def test_the_law_can_fail_since_later_dates_do_see_what_was_cut(family: str) -> None:
    whole = Company(Random(0), EARLIEST).tables()
    now = engine().features(FAMILIES[family], whole, spine(EARLIEST))
    without_future = engine().features(FAMILIES[family], cut(whole, EARLIEST), spine(EARLIEST))
    assert any(disagreements(now, without_future, EARLIEST + timedelta(days=1)))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_gives_every_snapshot_one_row_and_the_columns_of_its_catalogue(family: str) -> None:
    tables, snapshots = Company(Random(1), EARLIEST).tables(), spine(EARLIEST)
    built = engine().features(FAMILIES[family], tables, snapshots)
    assert built.column_names == ["account_id", "as_of", *(f.name for f in FAMILIES[family].FEATURES)]
    pairs = built.select(["account_id", "as_of"])
    assert sorted(map(str, pairs.to_pylist())) == sorted(map(str, snapshots.to_pylist()))


@given(day=days, seed=seeds)
@settings(deadline=None, max_examples=5)
def test_a_cut_leaves_nothing_of_the_day_and_after_and_all_that_was_before(day: date, seed: int) -> None:
    whole = Company(Random(seed), day).tables()
    once = cut(whole, day)
    assert cut(once, day) == once
    assert cut(whole, date(2100, 1, 1)) == whole
    for name, spec in TABLES.items():
        columns = {c.known_from for c in spec.columns if c.known_from} | {RECORDED_AT.name}
        assert not [v for c in columns for v in once[name][c].to_pylist() if v is not None and not _before(v, day)]


def test_a_cut_at_a_day_takes_its_midnight_away_and_leaves_the_second_before() -> None:
    rows: list[dict[str, Any]] = [
        {"ticket_id": "1", "opened_at": "2024-01-01T23:59:59", "resolved_at": "2024-01-02T00:00:00", "touches": 2},
        {"ticket_id": "2", "opened_at": "2024-01-02T00:00:00"},
        {"ticket_id": "3", "opened_at": "2024-01-01T00:00:00", "recorded_at": "2024-01-02T00:00:00"},
    ]
    [row] = cut({"tickets": arrow_table("tickets", rows, recorded=True)}, date(2024, 1, 2))["tickets"].to_pylist()
    assert (row["ticket_id"], row["resolved_at"], row["touches"]) == ("1", None, None)


def _before(value: Any, day: date) -> bool:
    return bool(value < day if type(value) is date else value.date() < day)


WINDOWS = (30, 300)
Rows = dict[Any, dict[str, Any]]


def early(tables: Mapping[str, pa.Table], day: date) -> Rows:
    """The early counts as known at a day, by account, behaviour and window."""
    found = early_behaviour(connected(tables), day, WINDOWS, ("alpha",), ("f1",)).to_pyarrow().to_pylist()
    return {(row["account_id"], row["behaviour"], row["within_days"]): row for row in found}


def begun(tables: Mapping[str, pa.Table], day: date) -> Rows:
    """Who began as a customer, and what became of them, as known at a day."""
    cohorts = launches(connected(tables), day, OutcomeWindow(90, 10, 30)).to_pyarrow().to_pylist()
    return {row["account_id"]: row for row in cohorts}


def connected(tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    con = ibis.duckdb.connect()
    con.raw_sql("SET TimeZone='UTC'")
    return {name: con.create_table(name, rows) for name, rows in tables.items()}


@pytest.mark.parametrize("told", [early, begun])
@settings(deadline=None, max_examples=2, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(day=days, seed=seeds)
def test_the_future_never_changes_who_began_nor_what_they_did(
    told: Callable[[Mapping[str, pa.Table], date], Rows], day: date, seed: int
) -> None:
    company = Company(Random(seed), day)
    whole = company.tables()
    now = told(whole, day)
    assert told(cut(whole, day), day) == now
    assert told(company.with_another_future(whole), day) == now


def first_days(tables: Mapping[str, pa.Table]) -> dict[str, date]:
    """Day 0 of every account."""
    on_engine = connected(tables)
    rows = customer_since(on_engine["accounts"], on_engine["subscriptions"]).to_pyarrow().to_pylist()
    return {row["account_id"]: row["signed_on"] for row in rows}


@settings(deadline=None, max_examples=3, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(day=days, seed=seeds)
def test_what_was_done_in_a_window_that_has_ended_never_changes_again(day: date, seed: int) -> None:
    """However late the rest is recorded: a model is taught what it is told when it is asked."""
    whole = Company(Random(seed), day).tables()
    then = cut(whole, day)
    signed = first_days(then)
    one, other = early(then, day), early(whole, day + timedelta(days=400))

    def ended(rows: Rows) -> Rows:
        return {k: row for k, row in rows.items() if k[0] in signed and signed[k[0]] + timedelta(days=k[2]) <= day}

    assume(ended(one))  # a young company has no window that has ended
    assert ended(one) == ended(other)


def test_the_law_of_the_first_days_can_fail_since_later_dates_do_see_what_was_cut() -> None:
    whole = Company(Random(0), EARLIEST).tables()
    for told in (early, begun):
        assert told(whole, EARLIEST + timedelta(days=90)) != told(cut(whole, EARLIEST), EARLIEST + timedelta(days=90))


def prepared_on_an_engine(tables: Mapping[str, pa.Table], unit: Literal["account", "parent"]) -> dict[str, pa.Table]:
    """The tables as a run stores them: excluded accounts gone, terms closed and cut, rows under their unit."""
    return {name: table.to_pyarrow() for name, table in prepared(connected(tables), unit).items()}


@pytest.mark.parametrize("unit", ["account", "parent"])
@settings(deadline=None, max_examples=3, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(day=days, seed=seeds)
def test_the_future_never_changes_what_an_account_is_known_to_pay(
    unit: Literal["account", "parent"], day: date, seed: int
) -> None:
    """Closings by successors, pauses and rates keep the law; who belongs to whom is taken as it stands today."""
    company = Company(Random(seed), day)
    whole = company.tables()
    today = {"accounts": whole["accounts"]}
    now, without, other = (
        money(prepared_on_an_engine({**tables, **today}, unit), day)
        for tables in (whole, cut(whole, day), company.with_another_future(whole))
    )
    assert_agree(now, without, day)
    assert_agree(now, other, day)


def money(tables: Mapping[str, pa.Table], day: date) -> pa.Table:
    """The commercial features in euros."""
    on_engine = connected({**tables, "snapshots": spine(day)})
    built = FAMILIES["commercial"].build(on_engine["snapshots"], on_engine, Settings(currency="EUR"))
    return built.to_pyarrow()
