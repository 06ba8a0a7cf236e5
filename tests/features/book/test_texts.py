"""Texts as they were known on a day: boundaries by hand."""

from __future__ import annotations

from typing import Any

from builders import snapshots, tables

from rind.features.book.texts import departures, texts

DAY = "2025-07-01"


def said(con: Any, **rows: Any) -> list[tuple[str, str, str]]:
    recorded = ("departures",) if any("recorded_at" in row for row in rows.get("departures", ())) else ()
    table = texts(snapshots(con, ("a", DAY), ("b", DAY)), tables(con, recorded, **rows), 100)
    return sorted((r["account_id"], r["source"], r["text"]) for r in table.to_pyarrow().to_pylist())


def comment(name: str, answered: str | None, text: str | None) -> dict[str, Any]:
    return {"response_id": name, "account_id": "a", "kind": "nps", "sent_at": "2025-01-02", "responded_at": answered,
            "score": 5 if answered else None, "comment": text}  # fmt: skip


def test_a_comment_counts_by_the_day_of_the_answer(con: Any) -> None:
    surveys = [
        comment("1", "2025-06-30", "last day"), comment("2", "2025-07-01", "too late"),
        comment("3", "2025-03-23", " first day "), comment("4", "2025-03-22", "too old"), comment("5", None, None),
        comment("6", "2025-06-01", "  "), comment("7", "2025-06-01", None),
    ]  # fmt: skip
    assert said(con, surveys=surveys) == [("a", "survey", "first day"), ("a", "survey", "last day")]


def test_a_departure_counts_once_it_was_recorded_with_reason_and_comment(con: Any) -> None:
    rows = [
        {"account_id": "a", "left_on": "2025-06-01", "reason": "price", "recorded_at": "2025-06-30"},
        {"account_id": "b", "left_on": "2025-06-01", "reason": "price", "comment": "dear", "recorded_at": "2025-07-01"},
        {"account_id": "b", "left_on": "2025-05-01", "reason": "bugs", "comment": "many", "recorded_at": "2025-05-03"},
    ]
    assert said(con, departures=rows) == [("a", "departure", "price."), ("b", "departure", "bugs. many")]


def test_a_wish_counts_while_it_is_open(con: Any) -> None:
    rows = [
        {"request_id": "1", "account_id": "a", "topic": "map", "asked_on": "2025-06-30"},
        {"request_id": "2", "account_id": "a", "topic": "late", "asked_on": "2025-07-01"},
        {"request_id": "3", "account_id": "b", "topic": "done", "asked_on": "2025-06-01", "closed_on": "2025-06-30"},
        {"request_id": "4", "account_id": "b", "topic": "open", "asked_on": "2025-06-01", "closed_on": "2025-07-01"},
    ]
    assert said(con, requests=rows) == [("a", "request", "map"), ("b", "request", "open")]


def test_departures_are_those_known_on_the_day(con: Any) -> None:
    rows = [
        {"account_id": "a", "left_on": "2025-06-30", "reason": "price"},
        {"account_id": "b", "left_on": "2025-07-01", "reason": "price"},
    ]
    made = departures(snapshots(con, ("a", DAY), ("b", DAY)), tables(con, departures=rows)).to_pyarrow().to_pylist()
    assert [row["account_id"] for row in made] == ["a"]
