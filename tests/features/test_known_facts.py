from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pytest
from builders import arrow_table

from rind.features.known_facts import NOTHING, KnownFacts, known_facts
from rind.features.sources import open_source
from rind.features.storage import load
from rind.features.storing import store
from tests.features.companies import company, write_csv, write_duckdb, write_parts, write_postgres

TICKET = {"ticket_id": "T1", "account_id": "A1", "opened_at": "2024-03-01T09:00", "priority": "high"}
USE = {"account_id": "A1", "user_id": "U1", "feature": "login", "occurred_at": "2024-03-01T10:00", "quantity": 2.0}
NEXT_DAY = date(2024, 3, 2)


def facts(name: str, *rows: Mapping[str, Any], recorded: bool = False) -> KnownFacts:
    return known_facts(ibis.memtable(arrow_table(name, rows, recorded)), name)


def reopened(one: KnownFacts, other: KnownFacts) -> date | None:
    """The first date of 2024 at which more, or something else, is known in the one than in the other."""
    days = (date(2024, 1, 1) + timedelta(days=n) for n in range(366))
    return next((day for day in days if one.before(day) != other.before(day)), None)


def test_a_row_is_known_from_the_midnight_after_it_happened() -> None:
    table = facts("usage", USE)
    assert table.before(date(2024, 3, 1)) == NOTHING
    assert table.before(NEXT_DAY)[0] == 1


def test_a_row_that_was_recorded_late_reopens_only_the_dates_after_that() -> None:
    late = USE | {"recorded_at": "2024-03-09T00:00"}
    assert reopened(facts("usage", recorded=True), facts("usage", late, recorded=True)) == date(2024, 3, 10)


@pytest.mark.parametrize(
    ("changed", "first"),
    [
        ({"resolved_at": "2024-04-05T12:00", "touches": 2.0}, date(2024, 4, 6)),
        ({"escalated_at": "2024-03-20T00:00"}, date(2024, 3, 21)),
        ({"priority": "low"}, NEXT_DAY),
        ({"opened_at": "2024-02-10T09:00"}, date(2024, 2, 11)),
        ({"touches": 2.0}, None),
    ],
    ids=["resolved later", "escalated later", "another priority", "moved to another day", "nobody knows since when"],
)
def test_a_change_reopens_the_dates_from_which_on_it_is_known(changed: dict[str, Any], first: date | None) -> None:
    assert reopened(facts("tickets", TICKET), facts("tickets", TICKET | changed)) == first


def test_two_later_fields_that_change_places_are_other_facts() -> None:
    earlier, later = "2024-03-05T09:00", "2024-03-06T09:00"
    one = facts("tickets", TICKET | {"first_response_at": earlier, "escalated_at": later})
    other = facts("tickets", TICKET | {"first_response_at": later, "escalated_at": earlier})
    assert reopened(one, other) == date(2024, 3, 6)


def test_a_deleted_row_reopens_the_dates_that_knew_it() -> None:
    other = TICKET | {"ticket_id": "T2", "opened_at": "2024-05-01T09:00"}
    assert reopened(facts("tickets", TICKET, other), facts("tickets", TICKET)) == date(2024, 5, 2)


def test_the_order_of_rows_is_nothing_and_a_second_copy_is_something() -> None:
    other = USE | {"user_id": "U2"}
    assert facts("usage", USE, other) == facts("usage", other, USE)
    assert reopened(facts("usage", USE, USE), facts("usage", other, other)) == NEXT_DAY
    assert reopened(facts("usage", USE), facts("usage", USE, USE)) == NEXT_DAY


def test_values_that_change_places_between_rows_are_seen() -> None:
    one = (USE, USE | {"user_id": "U2", "feature": "export"})
    other = (USE | {"feature": "export"}, USE | {"user_id": "U2"})
    assert reopened(facts("usage", *one), facts("usage", *other)) == NEXT_DAY


def test_what_has_no_date_was_always_known() -> None:
    table = facts("product_features", {"feature": "login"}, {"feature": "export", "released_on": "2024-03-01"})
    assert [table.before(day)[0] for day in (date(1900, 1, 1), date(2024, 3, 1), NEXT_DAY)] == [1, 1, 2]


def test_what_became_known_within_some_days_is_the_difference_of_two_dates() -> None:
    table = facts("usage", USE, USE | {"occurred_at": "2024-03-03T00:00"})
    first = (date(2024, 3, 1) - date(1970, 1, 1)).days
    assert [table.within(first, first + last)[0] for last in range(3)] == [1, 1, 2]
    assert table.within(first + 1, first + 1) == NOTHING


def test_every_kind_of_source_gives_the_same_facts(tmp_path: Path, postgres_uri: str) -> None:
    tables = company()
    sources: Iterable[Any] = (
        write_parts(tmp_path / "parts", tables),
        write_csv(tmp_path / "csv", tables),
        write_duckdb(tmp_path / "company.duckdb", tables),
        write_postgres(postgres_uri, "known_facts", tables),
    )
    counted = []
    for number, where in enumerate(sources):
        with open_source(where) as source:
            store(source, tmp_path / str(number))
        stored = load(tmp_path / str(number))
        counted.append([known_facts(stored[name], name) for name in tables])
    assert all(some == counted[0] for some in counted)
