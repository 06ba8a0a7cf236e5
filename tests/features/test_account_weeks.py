"""What an account did week by week, by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from builders import tables

from rind.features.account_weeks import Span, account_weeks

MONDAY = date(2025, 3, 3)


def used(day: str, quantity: float | None = None) -> dict[str, Any]:
    return {"account_id": "a", "feature": "x", "occurred_at": f"{day} 10:00:00", "quantity": quantity}


def answered(number: int, kind: str, score: float, at: str) -> dict[str, Any]:
    return {"response_id": f"r{number}", "account_id": "a", "kind": kind, "responded_at": at, "score": score}


def weeks(con: Any, until: date = date(2025, 3, 19), **more: Any) -> dict[tuple[str, date], dict[str, Any]]:
    who = [{"account_id": name, "name": name, "signed_on": "2025-01-01"} for name in "ab"]
    made = tables(con, accounts=who, **more)
    rows = account_weeks(made, Span(MONDAY, until), 30, "").to_pyarrow().to_pylist()
    return {(row["account_id"], row["week"]): row for row in rows}


TERM = {"subscription_id": "s", "account_id": "a", "starts_on": "2025-03-04", "mrr": 100.0, "plan": "x", "kind": "paid"}


def test_each_week_tells_what_was_done_in_it_and_what_runs_on_its_monday(con: Any) -> None:
    rows = weeks(
        con,
        subscriptions=[TERM],
        usage=[used("2025-03-03"), used("2025-03-03"), used("2025-03-09"), used("2025-03-10", 0.0), used("2025-03-11")],
        tickets=[{"ticket_id": "t", "account_id": "a", "opened_at": "2025-03-16 23:59:00"}],
        surveys=[
            answered(1, "nps", 9, "2025-03-10 00:00:00"), answered(2, "nps", 6, "2025-03-12 09:00:00"),
            answered(3, "nps", 7, "2025-03-13 09:00:00"), answered(4, "ces", 3, "2025-03-13 09:00:00"),
        ],
    )  # fmt: skip
    first, second = rows["a", MONDAY], rows["a", date(2025, 3, 10)]
    assert (first["active_days"], first["mrr"]) == (2, 0)  # the term began on the Tuesday
    assert (second["active_days"], second["tickets"], second["mrr"]) == (1, 1, 100)  # a quantity of 0 is no use
    assert (second["nps_balance"], second["nps_answers"], second["ces_sum"], second["ces_answers"]) == (0, 3, 3, 1)
    assert len(rows) == 2  # the week of the 17th is not over on the 19th


def test_an_account_that_never_paid_has_no_week(con: Any) -> None:
    other = {"account_id": "b", "feature": "x", "occurred_at": "2025-03-04 10:00:00"}
    assert {account for account, _ in weeks(con, subscriptions=[TERM], usage=[used("2025-03-04"), other])} == {"a"}


def test_what_is_recorded_later_is_not_known(duckdb_engine: Any) -> None:
    late = used("2025-03-04") | {"recorded_at": "2025-03-19 00:00:00"}
    made = tables(duckdb_engine, ("usage",), accounts=[], subscriptions=[TERM], usage=[late])
    rows = account_weeks(made, Span(MONDAY, date(2025, 3, 19)), 30, "").to_pyarrow().to_pylist()
    assert all(row["active_days"] == 0 for row in rows)
    assert rows
