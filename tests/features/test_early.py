from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import arrow_table, on_engine, snapshots

from features.early import early_behaviour, young_and_old
from features.standing import standing

AS_OF = date(2025, 6, 2)


def company(con: Any, **rows: Any) -> dict[str, Any]:
    needed = ("accounts", "subscriptions", "usage", "contacts", "interactions")
    return {name: on_engine(con, arrow_table(name, rows.get(name, ()))) for name in needed}


def use(
    account: str, on: str, user: str = "u", feature: str = "reports", quantity: float | None = None
) -> dict[str, Any]:
    return {"account_id": account, "user_id": user, "feature": feature, "occurred_at": on, "quantity": quantity}


def account(name: str, signed: str) -> dict[str, Any]:
    return {"account_id": name, "name": name, "signed_on": signed, "segment": "s"}


def term(name: str, starts: str, ends: str | None = None) -> dict[str, Any]:
    return {"subscription_id": name + starts, "account_id": name, "mrr": 5.0, "starts_on": starts, "ended_on": ends}


def counts(con: Any, as_of: date = AS_OF, **rows: Any) -> dict[tuple[str, int], float]:
    table = early_behaviour(company(con, **rows), as_of, (7, 30)).to_pyarrow().to_pylist()
    return {(r["behaviour"], r["within_days"]): r["count"] for r in table}


@pytest.mark.parametrize(("on", "within_7"), [("2025-01-01", 1), ("2025-01-07T23:59", 1), ("2025-01-08", None)])
def test_the_first_seven_days_begin_on_the_day_of_signing(con: Any, on: str, within_7: float | None) -> None:
    found = counts(con, accounts=[account("a", "2025-01-01")], usage=[use("a", on)])
    assert found.get(("uses of reports", 7)) == within_7
    assert found[("uses of reports", 30)] == 1


def test_users_and_days_are_counted_once_and_uses_by_quantity(con: Any) -> None:
    usage = [use("a", "2025-01-02", quantity=3), use("a", "2025-01-02"), use("a", "2025-01-03", user="v")]
    found = counts(con, accounts=[account("a", "2025-01-01")], usage=usage)
    wanted = {"uses of reports": 5, "users of reports": 2, "active days": 2, "active users": 2, "features used": 1}
    assert {name: found[(name, 7)] for name in wanted} == wanted


def test_what_happens_at_or_after_the_as_of_date_is_not_counted(con: Any) -> None:
    rows = {"accounts": [account("a", "2025-05-30")], "usage": [use("a", "2025-06-01"), use("a", "2025-06-02")]}
    assert counts(con, **rows)[("uses of reports", 7)] == 1


@pytest.mark.parametrize(
    ("left", "stayed"), [(None, 1), ("2025-01-01", 0), ("2025-01-02", 1), ("2024-03-01", 0)]
)  # signed on 2024-01-02: day 365 is 2025-01-01
def test_an_account_stayed_when_it_is_still_there_after_the_retention_days(con: Any, left: str, stayed: int) -> None:
    rows = {
        "accounts": [account("a", "2024-01-02")],
        "subscriptions": [term("a", "2024-01-02", left)],
        "usage": [use("b", "2023-12-01")],
    }
    found = young_and_old(company(con, **rows), AS_OF, retention_days=365, grace_days=30).to_pyarrow().to_pylist()
    assert [row["stayed"] for row in found] == [stayed]


def test_whether_a_recent_account_stays_is_unknown_and_old_accounts_have_no_first_days(con: Any) -> None:
    rows = {
        "accounts": [account("young", "2025-01-02"), account("old", "2023-11-01")],
        "subscriptions": [term("young", "2025-01-02"), term("old", "2023-11-01")],
        "usage": [use("old", "2023-12-01")],
    }
    found = young_and_old(company(con, **rows), AS_OF, retention_days=365, grace_days=30).to_pyarrow().to_pylist()
    assert [(row["account_id"], row["stayed"]) for row in found] == [("young", None)]


def test_the_list_shows_the_contract_of_the_day_itself(con: Any) -> None:
    tables = company(
        con,
        accounts=[account("a", "2025-01-01")],
        subscriptions=[term("a", "2025-01-01", "2025-06-02"), term("a", "2025-06-02"), term("a", "2025-06-03")],
    )
    found = standing(snapshots(con, ("a", "2025-06-02")), tables).to_pyarrow().to_pylist()
    assert [row["mrr"] for row in found] == [5.0]


def late(rows: list[dict[str, Any]], recorded: str) -> list[dict[str, Any]]:
    return [row | {"recorded_at": recorded} for row in rows]


@pytest.mark.parametrize(("recorded", "stayed"), [("2025-06-01T23:59", 1), ("2025-06-02T00:00", 0)])
def test_a_renewal_that_is_recorded_at_the_as_of_date_or_later_saves_nobody(
    con: Any, recorded: str, stayed: int
) -> None:
    terms = [term("a", "2024-01-02", "2024-07-02"), *late([term("a", "2024-07-02")], recorded)]
    tables = company(con, accounts=[account("a", "2024-01-02")], usage=[use("b", "2023-12-01")])
    tables["subscriptions"] = on_engine(con, arrow_table("subscriptions", terms, recorded=True))
    found = young_and_old(tables, AS_OF, retention_days=365, grace_days=30).to_pyarrow().to_pylist()
    assert [row["stayed"] for row in found] == [stayed]


def test_accounts_and_a_first_use_that_are_recorded_later_change_nobody(con: Any) -> None:
    rows = {"accounts": [account("a", "2024-01-02")], "usage": [use("b", "2023-12-01")]}
    then = company(con, subscriptions=[term("a", "2024-01-02")], **rows)
    later = "2025-06-02T00:00"
    since = dict(then)
    accounts = [*rows["accounts"], *late([account("new", "2024-02-01")], later), account("old", "2021-01-01")]
    usage = [*rows["usage"], *late([use("b", "2020-01-01")], later)]
    since["usage"] = on_engine(con, arrow_table("usage", usage, recorded=True))
    since["accounts"] = on_engine(
        con, arrow_table("accounts", [*accounts, account("old", "2021-01-01")], recorded=True)
    )
    found = [young_and_old(tables, AS_OF, 365, 30).to_pyarrow().to_pylist() for tables in (then, since)]
    assert [row["account_id"] for row in found[1]] == [row["account_id"] for row in found[0]] == ["a"]
