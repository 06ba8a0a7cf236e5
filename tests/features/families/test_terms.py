from __future__ import annotations

from datetime import date
from typing import Any

import builders
import pytest

from rind.features.families.terms import terms


def terms_of(con: Any, as_of: str, *subscriptions: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [{"subscription_id": str(i), "account_id": "a"} | row for i, row in enumerate(subscriptions)]
    subscriptions_there = builders.on_engine(con, builders.arrow_table("subscriptions", rows))
    return terms(builders.snapshots(con, ("a", as_of)), subscriptions_there).to_pyarrow().to_pylist()


@pytest.mark.parametrize(("starts_on", "counted"), [("2025-01-05", 1), ("2025-01-06", 0)])
def test_a_subscription_counts_from_the_day_after_its_start(con: Any, starts_on: str, counted: int) -> None:
    assert len(terms_of(con, "2025-01-06", {"mrr": 10, "starts_on": starts_on})) == counted


@pytest.mark.parametrize(("ended_on", "counted"), [("2025-01-05", 0), ("2025-01-06", 1), ("2025-02-01", 1)])
def test_an_end_counts_once_its_day_has_passed(con: Any, ended_on: str, counted: int) -> None:
    row = {"mrr": 10, "starts_on": "2024-01-01", "ended_on": ended_on}
    assert len(terms_of(con, "2025-01-06", row)) == counted


def test_several_subscriptions_add_up_and_the_latest_term_counts(con: Any) -> None:
    first = {"mrr": 10, "seats": 3, "starts_on": "2024-01-01", "term_ends_on": "2025-01-01"}
    second = {"mrr": 5, "starts_on": "2024-06-01", "term_ends_on": "2025-06-01"}
    [row] = terms_of(con, "2025-01-06", first, second)
    assert (row["seats"], row["mrr"], row["term_ends_on"]) == (3, 15, date(2025, 6, 1))


def test_a_change_of_plan_leaves_one_subscription_on_its_day_and_after(con: Any) -> None:
    old = {"mrr": 10, "seats": 3, "starts_on": "2024-01-01", "ended_on": "2025-01-06"}
    new = {"mrr": 20, "seats": 6, "starts_on": "2025-01-06"}
    assert [row["mrr"] for row in terms_of(con, "2025-01-06", old, new)] == [10]
    assert [row["mrr"] for row in terms_of(con, "2025-01-07", old, new)] == [20]
