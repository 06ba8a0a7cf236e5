from __future__ import annotations

from datetime import date
from typing import Any

import builders
import pytest

from rind.features.catalogue import Settings
from rind.features.families.terms import known_terms, terms


def terms_of(con: Any, as_of: str, *subscriptions: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [{"subscription_id": str(i), "account_id": "a"} | row for i, row in enumerate(subscriptions)]
    subscriptions_there = builders.on_engine(con, builders.arrow_table("subscriptions", rows))
    known = known_terms(builders.snapshots(con, ("a", as_of)), subscriptions_there, None, Settings())
    return terms(known, Settings()).to_pyarrow().to_pylist()


@pytest.mark.parametrize(("starts_on", "counted"), [("2025-01-05", 1), ("2025-01-06", 0)])
def test_a_subscription_counts_from_the_day_after_its_start(con: Any, starts_on: str, counted: int) -> None:
    assert len(terms_of(con, "2025-01-06", {"mrr": 10, "starts_on": starts_on})) == counted


@pytest.mark.parametrize(("ended_on", "counted"), [("2025-01-05", 0), ("2025-01-06", 1), ("2025-02-01", 1)])
def test_an_end_counts_once_its_day_has_passed(con: Any, ended_on: str, counted: int) -> None:
    row = {"mrr": 10, "starts_on": "2024-01-01", "ended_on": ended_on}
    assert len(terms_of(con, "2025-01-06", row)) == counted


def test_several_subscriptions_add_up_and_the_end_of_the_main_one_counts(con: Any) -> None:
    main = {"mrr": 10, "seats": 3, "starts_on": "2024-01-01", "term_ends_on": "2025-02-01"}
    other = {"mrr": 5, "starts_on": "2024-06-01", "term_ends_on": "2025-06-01"}
    [row] = terms_of(con, "2025-01-06", main, other)
    assert (row["seats"], row["mrr"], row["term_ends_on"]) == (3, 15, date(2025, 2, 1))


def test_seats_are_those_of_paid_terms_and_an_add_on_or_a_trial_brings_none(con: Any) -> None:
    main = {"mrr": 10, "seats": 3, "starts_on": "2024-01-01"}
    others = [{"mrr": 5, "seats": 7, "starts_on": "2024-01-01", "kind": kind} for kind in ("addon", "trial")]
    [row] = terms_of(con, "2025-01-06", main, *others)
    assert (row["seats"], row["mrr"]) == (3, 15)
    [row] = terms_of(con, "2025-01-06", *others)
    assert (row["seats"], row["mrr"]) == (14, 5)


@pytest.mark.parametrize(("notice", "money"), [("2025-01-05", 10), ("2025-01-06", 0), (None, 0)])
def test_money_is_under_notice_from_the_day_after_the_notice(con: Any, notice: str | None, money: float) -> None:
    [row] = terms_of(con, "2025-01-06", {"mrr": 10, "starts_on": "2024-01-01", "notice_on": notice})
    assert row["mrr_under_notice"] == money


@pytest.mark.parametrize(
    ("ends", "money"), [("2025-01-06", 0), ("2025-01-07", 10), ("2025-04-06", 10), ("2025-04-07", 0)]
)
def test_money_comes_up_for_renewal_where_its_term_ends_within_the_horizon(con: Any, ends: str, money: float) -> None:
    [row] = terms_of(con, "2025-01-06", {"mrr": 10, "starts_on": "2024-01-01", "term_ends_on": ends})
    assert row["mrr_up_for_renewal"] == money


def test_a_change_of_plan_leaves_one_subscription_on_its_day_and_after(con: Any) -> None:
    old = {"mrr": 10, "seats": 3, "starts_on": "2024-01-01", "ended_on": "2025-01-06"}
    new = {"mrr": 20, "seats": 6, "starts_on": "2025-01-06"}
    assert [row["mrr"] for row in terms_of(con, "2025-01-06", old, new)] == [10]
    assert [row["mrr"] for row in terms_of(con, "2025-01-07", old, new)] == [20]
