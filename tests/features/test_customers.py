"""Which accounts are looked at, and who is one."""

from __future__ import annotations

from typing import Any

import pytest
from builders import tables

from rind.features.customers import prepared


def account(name: str, parent: str | None = None, excluded: bool | None = None, **more: Any) -> dict[str, Any]:
    row = {"account_id": name, "name": name, "signed_on": "2024-01-01", "parent_id": parent, "excluded": excluded}
    return row | more


def use(name: str) -> dict[str, Any]:
    return {"account_id": name, "feature": "f", "occurred_at": "2024-02-01T00:00"}


def seen(con: Any, unit: Any, *accounts: dict[str, Any], **rows: Any) -> dict[str, list[dict[str, Any]]]:
    names = [row["account_id"] for row in accounts]
    there = tables(con, accounts=accounts, usage=[use(name) for name in names], **rows)
    return {name: table.to_pyarrow().to_pylist() for name, table in prepared(there, unit).items()}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["account_id"] for row in rows)


@pytest.mark.parametrize("unit", ["account", "parent"])
def test_an_excluded_account_is_in_no_table(con: Any, unit: str) -> None:
    product = [{"feature": "f"}]
    tables_of = seen(
        con, unit, account("a"), account("t", excluded=True), account("b", excluded=False), product_features=product
    )
    assert ids(tables_of["accounts"]) == ids(tables_of["usage"]) == ["a", "b"]
    assert len(tables_of["product_features"]) == 1


def test_by_account_each_stands_alone(con: Any) -> None:
    tables_of = seen(con, "account", account("p"), account("c", "p"))
    assert ids(tables_of["accounts"]) == ids(tables_of["usage"]) == ["c", "p"]


def test_by_parent_all_rows_belong_to_the_top_of_the_chain(con: Any) -> None:
    health = [{"account_id": name, "as_of": "2024-02-01", "score": 50} for name in ("p", "c")]
    tables_of = seen(
        con, "parent", account("p"), account("c", "p"), account("g", "c"), account("z"), health_scores=health
    )
    assert ids(tables_of["accounts"]) == ["p", "z"]
    assert ids(tables_of["usage"]) == ["p", "p", "p", "z"]
    assert ids(tables_of["health_scores"]) == ["p"]


def test_the_contract_of_a_child_never_closes_that_of_another_child(con: Any) -> None:
    running = {"subscription_id": "s1", "account_id": "c1", "plan": "pro", "mrr": 1000.0, "starts_on": "2023-01-01",
               "term_ends_on": "2024-01-01"}  # fmt: skip
    other = running | {"subscription_id": "s2", "account_id": "c2", "starts_on": "2024-01-04", "mrr": 10.0,
                       "term_ends_on": "2025-01-04"}  # fmt: skip
    children = [account("p"), account("c1", "p"), account("c2", "p")]
    for unit in ("account", "parent"):
        terms = seen(con, unit, *children, subscriptions=[running, other])["subscriptions"]
        assert [row["ended_on"] for row in terms] == [None, None]


def test_a_parent_that_is_not_there_and_parents_in_a_circle_leave_accounts_alone(con: Any) -> None:
    circle = [account("x", "y"), account("y", "x"), account("i", "j"), account("j", "k"), account("k", "i")]
    tables_of = seen(con, "parent", account("a", "gone"), account("s", "s"), *circle)
    assert ids(tables_of["accounts"]) == ids(tables_of["usage"]) == ["a", "i", "j", "k", "s", "x", "y"]
