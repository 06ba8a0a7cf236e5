"""Which snapshots are under an intervention, and since when that is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest
from builders import snapshots, tables
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rind.features.checks.family_check import EARLIEST, spine
from rind.features.checks.random_company import Company
from rind.features.checks.time_travel import cut
from rind.features.under_intervention import under_intervention

AS_OF = "2026-06-29"
TERM = {"subscription_id": "s", "account_id": "a", "mrr": 100.0, "starts_on": "2025-01-01", "kind": "paid"}


def known_from(con: Any, *begun: dict[str, Any], **term: Any) -> list[str]:
    """Of the one snapshot; none where it is under no intervention."""
    rows = [
        {"intervention_id": f"i{n}", "account_id": "a", "playbook": "training", **one} for n, one in enumerate(begun)
    ]
    source = tables(con, ("interventions", "subscriptions"), interventions=rows, subscriptions=[{**TERM, **term}])
    acted_on = under_intervention(snapshots(con, ("a", AS_OF), ("b", AS_OF)), source, 91, 90).to_pyarrow().to_pylist()
    assert {row["account_id"] for row in acted_on} <= {"a"}
    return [str(row["known_from"]) for row in acted_on]


@pytest.mark.parametrize(
    ("started", "ended", "known"),
    [
        ("2026-06-28", None, ["2026-06-29"]),  # it runs on the day, and is known on it
        ("2026-03-30", None, ["2026-03-31"]),  # 91 days
        ("2026-03-29", None, []),
        ("2026-06-01", "2026-06-28", []),
        ("2026-06-01", "2026-06-29", ["2026-06-02"]),  # of the day itself nothing is known
        ("2026-06-29", None, ["2026-06-30"]),
        ("2026-09-27", "2026-10-03", ["2026-09-28"]),  # the last day of the horizon
        ("2026-09-28", None, []),
    ],
)
def test_what_runs_on_the_day_or_begins_within_the_horizon_counts(
    con: Any, started: str, ended: str | None, known: list[str]
) -> None:
    assert known_from(con, {"started_on": started, "ended_on": ended}) == known


def test_it_is_known_once_the_first_intervention_was_recorded(con: Any) -> None:
    late = {"started_on": "2026-06-28", "recorded_at": "2026-08-01T09:00"}
    assert known_from(con, late) == ["2026-08-02"]
    assert known_from(con, late, {"started_on": "2026-07-10"}) == ["2026-07-11"]


@pytest.mark.parametrize(("ended", "known"), [("2026-07-10", []), ("2026-07-11", ["2026-07-11"])])
def test_what_began_after_the_account_had_left_turned_nothing(con: Any, ended: str, known: list[str]) -> None:
    assert known_from(con, {"started_on": "2026-07-10"}, ended_on=ended) == known


def test_trials_are_no_customers(con: Any) -> None:
    assert known_from(con, {"started_on": "2026-06-28"}, kind="trial") == []


def acted(source: Mapping[str, pa.Table], day: date) -> list[dict[str, Any]]:
    """What is known on a day of the snapshots until then."""
    con = ibis.duckdb.connect()
    con.raw_sql("SET TimeZone='UTC'")
    on_engine = {name: con.create_table(name, rows) for name, rows in {**source, "spine": spine(day)}.items()}
    every = under_intervention(on_engine["spine"], on_engine, 91, 90)
    kept = every.filter(every.known_from <= day, every.as_of <= day).order_by("account_id", "as_of")
    rows: list[dict[str, Any]] = kept.to_pyarrow().to_pylist()
    return rows


@settings(deadline=None, max_examples=5, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(offset=st.integers(0, 60), seed=st.integers(0, 2**32 - 1))
def test_what_happens_or_is_recorded_later_changes_nothing_that_was_known(offset: int, seed: int) -> None:
    day = date.fromordinal(EARLIEST.toordinal() + offset)
    company = Company(Random(seed), day)
    whole = company.tables()
    now = acted(whole, day)
    assert acted(cut(whole, day), day) == now
    assert acted(company.with_another_future(whole), day) == now
