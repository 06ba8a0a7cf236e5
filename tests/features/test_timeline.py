"""The events of an account before a date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import snapshots, tables

from rind.features import timeline as module
from rind.features.timeline import COLUMNS, timeline

AS_OF = date(2025, 6, 2)
TERM = {"subscription_id": "s", "account_id": "a", "plan": "gold", "mrr": 50.0, "kind": "paid"}


def events(con: Any, within_days: int = 365, **rows: Any) -> list[tuple[Any, ...]]:
    made = timeline(snapshots(con, ("a", "2025-06-02"), ("a", "2025-05-26")), tables(con, **rows), AS_OF, within_days)
    assert made.columns == COLUMNS
    listed = made.to_pyarrow().to_pylist()
    assert all((row["account_id"], row["as_of"]) == ("a", AS_OF) for row in listed)
    return [(str(row["happened_on"]), row["kind"], row["detail"], row["number"], row["ended_on"]) for row in listed]


def ticket(opened: str, resolved: str | None = None) -> dict[str, Any]:
    return {"ticket_id": opened, "account_id": "a", "opened_at": opened, "resolved_at": resolved,
            "priority": "urgent", "category": None}  # fmt: skip


@pytest.mark.parametrize(
    ("opened", "there"),
    [("2025-05-25", False), ("2025-05-26T00:00", True), ("2025-06-01T23:59", True), ("2025-06-02", False)],
)
def test_a_window_of_seven_days_is_the_seven_days_before_the_date(con: Any, opened: str, there: bool) -> None:
    assert bool(events(con, 7, tickets=[ticket(opened)])) is there


@pytest.mark.parametrize(("resolved", "shown"), [("2025-06-01T12:00", date(2025, 6, 1)), ("2025-06-02T00:00", None)])
def test_a_ticket_is_open_until_its_end_has_passed(con: Any, resolved: str, shown: date | None) -> None:
    [event] = events(con, tickets=[ticket("2025-05-01", resolved)])
    assert event == ("2025-05-01", "ticket", "urgent", None, shown)


def test_only_an_answer_that_has_come_is_an_event(con: Any) -> None:
    question = {"account_id": "a", "kind": "nps", "sent_at": "2025-05-01", "score": 4}
    surveys = [
        {"response_id": "1", "responded_at": "2025-05-03", **question},
        {"response_id": "2", "responded_at": "2025-06-02", **question},
        {"response_id": "3", "responded_at": None, **question},
    ]
    assert events(con, surveys=surveys) == [("2025-05-03", "answer", "nps", 4.0, None)]


@pytest.mark.parametrize(("notice", "told"), [("2025-06-01", True), ("2025-06-02", False)])
def test_notice_is_told_from_the_day_after_it_with_the_agreed_end_even_of_an_old_term(
    con: Any, notice: str, told: bool
) -> None:
    term = TERM | {
        "starts_on": "2023-07-01",
        "term_ends_on": "2025-07-01",
        "ended_on": "2025-07-01",
        "notice_on": notice,
    }
    wanted = [("2025-06-01", "notice", "gold", None, date(2025, 7, 1))]
    assert events(con, subscriptions=[term]) == (wanted if told else [])


def test_terms_begin_and_end_and_trials_are_none(con: Any) -> None:
    terms = [
        TERM | {"starts_on": "2025-01-01", "term_ends_on": "2025-05-01", "ended_on": "2025-05-01"},
        TERM | {"subscription_id": "t", "starts_on": "2025-05-01", "ended_on": "2025-06-02", "kind": "trial"},
    ]
    assert events(con, subscriptions=terms) == [
        ("2025-01-01", "term", "gold", 50.0, date(2025, 5, 1)),
        ("2025-05-01", "term_end", "gold", 50.0, None),
    ]


def test_interventions_and_people_who_left_are_told_as_known(con: Any) -> None:
    began = {"intervention_id": "1", "account_id": "a", "playbook": "plan", "started_on": "2025-05-05",
             "ended_on": "2025-06-05", "cost": 9.0}  # fmt: skip
    days = {"added_on": "2024-01-01", "left_on": "2025-05-20"}
    levels = enumerate(("champion", "user"))
    people = [{"contact_id": str(n), "account_id": "a", "level": level, **days} for n, level in levels]
    assert events(con, interventions=[began], contacts=people) == [
        ("2025-05-05", "intervention", "plan", None, None),  # neither its end nor its cost are known yet
        ("2025-05-20", "person_left", "champion", None, None),
    ]


def test_of_very_many_events_the_latest_stay(con: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", 2)
    listed = events(con, tickets=[ticket(f"2025-05-0{day}") for day in (1, 2, 3)])
    assert [day for day, *_ in listed] == ["2025-05-02", "2025-05-03"]


def test_what_was_recorded_later_is_not_known(con: Any) -> None:
    late = ticket("2025-05-01") | {"recorded_at": "2025-06-02"}
    spine = snapshots(con, ("a", "2025-06-02"))
    made = timeline(spine, tables(con, recorded=["tickets"], tickets=[late]), AS_OF, 365)
    assert made.count().to_pyarrow().as_py() == 0


def test_money_of_another_currency_is_told_in_the_own_one_by_the_rate_of_the_date(con: Any) -> None:
    rates = [
        {"currency": "USD", "as_of": "2025-06-01", "rate": 0.5},
        {"currency": "USD", "as_of": "2025-06-02", "rate": 9.0},
    ]
    term = TERM | {"starts_on": "2025-05-01", "currency": "usd"}
    made = timeline(
        snapshots(con, ("a", "2025-06-02")), tables(con, subscriptions=[term], rates=rates), AS_OF, 365, "EUR"
    )
    assert [row["number"] for row in made.to_pyarrow().to_pylist()] == [25.0]
