"""What accounts have under contract on a day, as it was known on it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import tables

from rind.features.catalogue import Settings
from rind.features.contracts import contracts

MONDAY, SUNDAY = date(2024, 3, 4), date(2024, 3, 3)
RATES = [
    {"currency": "USD", "as_of": "2024-03-01", "rate": 0.9},
    {"currency": "USD", "as_of": "2024-03-03", "rate": 0.8},
]


def rows(con: Any, *days: date, **term: Any) -> list[dict[str, Any]]:
    account = {"account_id": "a", "name": "Acme", "segment": "enterprise", "csm": "Li Na", "signed_on": "2023-01-01"}
    whole = {"subscription_id": "s", "account_id": "a", "plan": "pro", "mrr": 100.0, "starts_on": "2023-04-01",
             "term_ends_on": "2024-04-01"}  # fmt: skip
    late = ["subscriptions"] if "recorded_at" in term else []
    there = tables(con, late, accounts=[account], subscriptions=[whole | term], rates=RATES)
    return contracts(there, days or (MONDAY,), Settings(currency="EUR")).to_pyarrow().to_pylist()


@pytest.mark.parametrize(("notice", "given"), [("2024-03-03", True), ("2024-03-04", False), (None, False)])
def test_a_notice_counts_from_the_day_after_it_and_the_account_stays_until_its_term_ends(
    con: Any, notice: str | None, given: bool
) -> None:
    (row,) = rows(con, notice_on=notice)
    assert (row["mrr_under_notice"] == 100.0) is given
    assert (row["notice_on"] is not None) is given
    assert row["contract_ends_on"] == date(2024, 4, 1)


@pytest.mark.parametrize(("ended", "there"), [("2024-03-04", False), ("2024-03-05", True), (None, True)])
def test_the_day_of_the_end_is_the_first_without_a_contract(con: Any, ended: str | None, there: bool) -> None:
    assert bool(rows(con, ended_on=ended)) is there


def test_a_term_that_was_recorded_later_was_not_known_on_the_day(con: Any) -> None:
    both = rows(con, SUNDAY, MONDAY, recorded_at="2024-03-03T12:00")
    assert [row["as_of"] for row in both] == [MONDAY]


def test_a_rate_that_moves_is_no_change_of_what_an_account_pays(con: Any) -> None:
    assert [row["mrr"] for row in rows(con, SUNDAY, MONDAY, currency="USD")] == [80.0, 80.0]


@pytest.mark.parametrize(
    ("ended", "told"),
    [("2024-03-04", date(2024, 3, 4)), ("2024-03-05", date(2024, 4, 1)), (None, date(2024, 4, 1))],
)
def test_the_end_of_a_contract_is_the_agreed_one_until_the_real_one_has_come(
    con: Any, ended: str | None, told: date
) -> None:
    before = next(row for row in rows(con, SUNDAY, MONDAY, ended_on=ended) if row["as_of"] == SUNDAY)
    assert before["contract_ends_on"] == told
