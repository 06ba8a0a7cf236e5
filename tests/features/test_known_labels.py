"""Labels as they could be known: what a model of a date may learn from, and nothing recorded since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest
from builders import arrow_table, on_engine, snapshots, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.checks.time_travel import cut
from rind.features.labels import known_labels, labels

FIRST, END = date(2024, 1, 1), date(2024, 12, 31)
HORIZON, GRACE = 40, 10
AS_OF = date(2024, 6, 3)
Answer = tuple[int | None, int | None]


def term(starts: str, ends: str | None = None, recorded: str | None = None) -> dict[str, Any]:
    return {"subscription_id": starts, "account_id": "a", "mrr": 1.0, "starts_on": starts, "ended_on": ends,
            "recorded_at": recorded}  # fmt: skip


def answers(con: Any, *terms: dict[str, Any]) -> list[tuple[str, str, int, int | None]]:
    subs = tables(con, recorded=["subscriptions"], subscriptions=terms)["subscriptions"]
    found = known_labels(snapshots(con, ("a", str(AS_OF))), subs, END, HORIZON, GRACE).order_by("known_from")
    return [
        (str(r["known_from"]), str(r["known_until"]), r["churned"], r["days_to_churn"])
        for r in found.to_pyarrow().to_pylist()
    ]


def test_staying_is_known_the_day_after_horizon_and_grace_have_passed(con: Any) -> None:
    assert answers(con, term("2024-01-01")) == [("2024-07-24", "None", 0, None)]


def test_a_churn_is_known_the_day_after_its_grace_has_passed(con: Any) -> None:
    assert answers(con, term("2024-01-01", "2024-06-20")) == [("2024-07-01", "None", 1, 17)]


def test_a_churn_after_the_horizon_is_a_stay_first_and_later_has_its_days(con: Any) -> None:
    found = answers(con, term("2024-01-01", "2024-08-01"))
    assert found == [("2024-07-24", "2024-08-12", 0, None), ("2024-08-12", "None", 0, 59)]


def test_a_renewal_recorded_late_takes_the_churn_back_from_the_day_on_which_it_is_known(con: Any) -> None:
    found = answers(con, term("2024-01-01", "2024-06-20"), term("2024-06-20", recorded="2024-07-10T09:00"))
    assert found == [("2024-07-01", "2024-07-11", 1, 17), ("2024-07-24", "None", 0, None)]


@pytest.mark.parametrize(
    ("recorded", "known"), [("2024-07-31T23:59", "2024-08-01"), ("2024-08-01T00:00", "2024-08-02")]
)
def test_a_row_counts_from_the_midnight_after_it_was_recorded(con: Any, recorded: str, known: str) -> None:
    _, (since, *_) = answers(con, term("2024-01-01", "2024-06-20"), term("2024-06-20", recorded=recorded))
    assert since == known


def test_rows_recorded_early_or_at_once_or_never_change_nothing(con: Any) -> None:
    for recorded in (None, "2024-05-01T00:00", "2024-06-20T23:59"):
        found = answers(con, term("2024-01-01", "2024-06-20"), term("2024-06-20", recorded=recorded))
        assert found == [("2024-07-24", "None", 0, None)]


def company(random: Random) -> list[dict[str, Any]]:
    """Terms of a few accounts that follow, overlap or leave gaps around the grace; every third is recorded late."""
    rows = []
    for account in ("a", "b", "c"):
        day = FIRST + timedelta(days=random.randint(0, 60))
        for number in range(random.randint(1, 6)):
            end = day + timedelta(days=random.choice((20, 45, 90)))
            late = random.random() < 0.35
            recorded = datetime.combine(day, time(5)) + timedelta(days=random.choice((0, 1, 9, 40, 120)))
            rows.append(
                {"subscription_id": f"{account}{number}", "account_id": account, "mrr": 1.0, "starts_on": day,
                 "ended_on": None if random.random() < 0.2 else end, "recorded_at": recorded if late else None}
            )  # fmt: skip
            day = end + timedelta(days=random.choice((-5, 0, 0, GRACE, GRACE + 1, 50)))
    return rows


SPINE = [(account, str(AS_OF + timedelta(days=n))) for account in ("a", "b", "c") for n in range(-91, 90, 13)]


def offered(con: Any, rows: list[dict[str, Any]], at: date, end: date = END) -> Mapping[tuple[str, date], Answer]:
    """The answers that stand at a date."""
    subs = on_engine(con, arrow_table("subscriptions", rows, recorded=True))
    found = known_labels(snapshots(con, *SPINE), subs, end, HORIZON, GRACE)
    stand = found.filter(found.known_from <= at, found.known_until.isnull() | (found.known_until > at))
    listed = stand.to_pyarrow().to_pylist()
    answer = {(r["account_id"], r["as_of"]): (r["churned"], r["days_to_churn"]) for r in listed}
    assert len(answer) == len(listed), "two answers at one date"
    return answer


seeds = st.integers(0, 2**32 - 1)
later_days = st.integers(0, 330).map(lambda n: FIRST + timedelta(days=30 + n))


@given(seed=seeds, at=later_days)
@settings(deadline=None, max_examples=12)
def test_what_stands_at_a_date_is_the_label_of_the_source_as_it_stood_then(seed: int, at: date) -> None:
    con = ibis.duckdb.connect()
    rows = company(Random(seed))
    then = cut({"subscriptions": arrow_table("subscriptions", rows, recorded=True)}, at)["subscriptions"]
    table = labels(snapshots(con, *SPINE), on_engine(con, then), at - timedelta(days=1), HORIZON, GRACE)
    expected = {
        (r["account_id"], r["as_of"]): (r["churned"], r["days_to_churn"])
        for r in table.to_pyarrow().to_pylist()
        if r["churned"] is not None
    }
    assert offered(con, rows, at) == expected


@given(seed=seeds, at=later_days)
@settings(deadline=None, max_examples=5)
def test_rows_recorded_at_a_date_or_later_change_nothing_that_a_model_of_that_date_is_offered(
    seed: int, at: date
) -> None:
    con = ibis.duckdb.connect()
    random = Random(seed)
    rows = company(random)
    more = [
        row | {"subscription_id": f"x{n}", "recorded_at": datetime.combine(at, time()) + timedelta(hours=n)}
        for n, row in enumerate(company(random))
    ]
    assert offered(con, rows + more, at) == offered(con, rows, at)


def test_the_law_can_fail_since_a_day_later_the_new_rows_do_count() -> None:
    con = ibis.duckdb.connect()
    rows = [term("2024-01-01", "2024-06-20")]
    late = term("2024-06-20", recorded="2024-09-01T00:00")
    assert offered(con, rows, date(2024, 9, 1)) == offered(con, [*rows, late], date(2024, 9, 1))
    assert offered(con, rows, date(2024, 9, 2)) != offered(con, [*rows, late], date(2024, 9, 2))


def test_at_the_last_date_of_the_source_the_answers_are_its_labels(con: Any) -> None:
    rows = company(Random(3))
    subs = on_engine(con, arrow_table("subscriptions", [r | {"recorded_at": None} for r in rows], recorded=True))
    today = labels(snapshots(con, *SPINE), subs, END, HORIZON, GRACE).to_pyarrow()
    assert isinstance(today, pa.Table)
    expected = {
        (r["account_id"], r["as_of"]): (r["churned"], r["days_to_churn"])
        for r in today.to_pylist()
        if r["churned"] is not None
    }
    on_time = [r | {"recorded_at": None} for r in rows]
    assert offered(con, on_time, END + timedelta(days=1)) == expected
