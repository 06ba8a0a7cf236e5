from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import arrow_table, on_engine, snapshots

from rind.features.account_snapshot import standing
from rind.features.early_behaviour import early_behaviour
from rind.features.signup_cohorts import OutcomeWindow, launches, past_launches

AS_OF = date(2025, 6, 2)


def company(con: Any, **rows: Any) -> dict[str, Any]:
    needed = ("accounts", "subscriptions", "usage", "product_features", "contacts", "interactions", "tickets", "rates")
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
    table = early_behaviour(company(con, **rows), as_of, (7, 30), ("links",), ("reports",)).to_pyarrow().to_pylist()
    return {(r["behaviour"], r["within_days"]): r["count"] for r in table}


@pytest.mark.parametrize(("on", "within_7"), [("2025-01-01", 1), ("2025-01-07T23:59", 1), ("2025-01-08", None)])
def test_the_first_seven_days_begin_on_the_day_of_signing(con: Any, on: str, within_7: float | None) -> None:
    found = counts(con, accounts=[account("a", "2025-01-01")], usage=[use("a", on)])
    assert found.get(("events:reports", 7)) == within_7
    assert found[("events:reports", 30)] == 1


def test_users_and_days_are_counted_once_events_by_row_and_uses_by_quantity(con: Any) -> None:
    usage = [use("a", "2025-01-02", quantity=3), use("a", "2025-01-02"), use("a", "2025-01-03", user="v")]
    found = counts(con, accounts=[account("a", "2025-01-01")], usage=usage)
    wanted = {"events:reports": 3, "uses:reports": 5, "users:reports": 2, "days:reports": 2}
    wanted |= {"active_days": 2, "active_users": 2, "features_used": 1, "value_events": 3}
    assert {name: found[(name, 7)] for name in wanted} == wanted


def test_modules_and_integrations_are_those_of_the_product(con: Any) -> None:
    product = [{"feature": "crm", "module": "links"}, {"feature": "mail", "module": "links"}]
    product += [{"feature": "reports", "module": "core"}, {"feature": "other"}]
    usage = [use("a", "2025-01-02", feature=f) for f in ("crm", "mail", "reports", "other")]
    found = counts(con, accounts=[account("a", "2025-01-01")], usage=usage, product_features=product)
    assert (found[("modules_used", 7)], found[("integrations_used", 7)], found[("features_used", 7)]) == (2, 2, 4)


def test_people_touch_points_and_solved_cases_are_candidates_too(con: Any) -> None:
    people = [{"contact_id": "c", "account_id": "a", "level": "executive", "added_on": "2025-01-02"}]
    people += [{"contact_id": "d", "account_id": "a", "level": "user", "added_on": "2025-01-20"}]
    touches = [
        {"interaction_id": str(n), "account_id": "a", "contact_id": c, "channel": channel, "occurred_at": "2025-01-05"}
        for n, (c, channel) in enumerate([("c", "training"), ("c", "qbr"), ("d", "meeting"), ("c", "email")])
    ]
    ticket = {"ticket_id": "t", "account_id": "a", "opened_at": "2025-01-02", "resolved_at": "2025-01-09"}
    found = counts(con, accounts=[account("a", "2025-01-01")], contacts=people, interactions=touches, tickets=[ticket])
    assert found == {
        ("contacts_added", 7): 1, ("contacts_added", 30): 2, ("contacts:executive", 7): 1,
        ("contacts:executive", 30): 1, ("contacts:user", 30): 1, ("trainings_held", 7): 1, ("trainings_held", 30): 1,
        ("reviews_held", 7): 1, ("reviews_held", 30): 1, ("meetings_held", 7): 1, ("meetings_held", 30): 1,
        ("executives_met", 7): 1, ("executives_met", 30): 1, ("tickets_solved", 30): 1,
    }  # fmt: skip


def test_a_case_that_is_solved_after_the_as_of_date_is_not_solved_yet(con: Any) -> None:
    ticket = {"ticket_id": "t", "account_id": "a", "opened_at": "2025-05-28", "resolved_at": "2025-06-02"}
    assert counts(con, accounts=[account("a", "2025-05-27")], tickets=[ticket]) == {}


def test_what_happens_at_or_after_the_as_of_date_is_not_counted(con: Any) -> None:
    rows = {"accounts": [account("a", "2025-05-30")], "usage": [use("a", "2025-06-01"), use("a", "2025-06-02")]}
    assert counts(con, **rows)[("events:reports", 7)] == 1


def launched(con: Any, signed: str, *terms: dict[str, Any], used: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    rows = {
        "accounts": [account("a", signed)],
        "subscriptions": list(terms),
        "usage": [use("b", "2023-12-01"), *(use("a", day) for day in used)],
    }
    table = launches(company(con, **rows), AS_OF, OutcomeWindow(365, 30, 30))
    return table.to_pyarrow().to_pylist()


def test_an_account_is_followed_to_the_last_day_whose_leavers_are_known(con: Any) -> None:
    # As of 2025-06-02 the last day seen is 06-01; who left by 05-02 is known as a leaver. 05-02 is day 3 of 04-29.
    (row,) = launched(con, "2025-04-29", term("a", "2025-04-29", "2025-05-02"))
    assert (row["followed_days"], row["left_on"]) == (4, date(2025, 5, 2))
    (row,) = launched(con, "2025-04-29", term("a", "2025-04-29", "2025-05-03"))
    assert row["left_on"] is None


@pytest.mark.parametrize(("ends", "later"), [(None, 5.0), ("2025-01-31", 0.0), ("2025-02-01", 5.0)])
def test_what_is_paid_later_is_that_of_the_day_of_the_outcome(con: Any, ends: str | None, later: float) -> None:
    (row,) = launched(con, "2024-01-02", term("a", "2024-01-02", ends))  # day 395 is 2025-01-31
    assert row["mrr_later"] == later


@pytest.mark.parametrize(("used", "lasting"), [("2025-01-02", False), ("2025-01-03", True), ("2025-01-31", False)])
def test_lasting_use_is_use_in_the_four_weeks_before_the_day_of_the_outcome(con: Any, used: str, lasting: bool) -> None:
    (row,) = launched(con, "2024-01-02", term("a", "2024-01-02"), used=(used,))
    assert row["used_later"] is lasting


def test_what_comes_later_is_unknown_of_a_recent_account_and_old_accounts_have_no_first_days(con: Any) -> None:
    (row,) = launched(con, "2025-01-02", term("a", "2025-01-02"))
    assert (row["mrr_later"], row["used_later"]) == (None, None)
    assert launched(con, "2023-11-01", term("a", "2023-11-01")) == []


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
    (row,) = launches(tables, AS_OF, OutcomeWindow(365, 30, 30)).to_pyarrow().to_pylist()
    assert (row["left_on"] is None) == stayed


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
    cohorts = [launches(tables, AS_OF, OutcomeWindow(365, 30, 30)).to_pyarrow().to_pylist() for tables in (then, since)]
    assert [row["account_id"] for row in cohorts[1]] == [row["account_id"] for row in cohorts[0]] == ["a"]


def test_who_is_met_counts_from_when_it_is_known_that_the_contact_is_senior(con: Any) -> None:
    met = {"interaction_id": "i", "account_id": "a", "contact_id": "c", "channel": "meeting"}
    met |= {"occurred_at": "2025-01-03"}
    boss = {"contact_id": "c", "account_id": "a", "level": "executive", "added_on": "2025-01-10"}
    rows = {"accounts": [account("a", "2025-01-01")], "interactions": [met], "contacts": [boss]}
    found = counts(con, **rows)
    assert (found.get(("executives_met", 7)), found[("executives_met", 30)]) == (None, 1)
    assert ("executives_met", 30) not in counts(con, as_of=date(2025, 1, 10), **rows)


def test_the_list_of_features_is_that_of_the_date(con: Any) -> None:
    rows = {"accounts": [account("a", "2025-01-01")], "usage": [use("a", "2025-01-02", feature="crm")]}
    rows["product_features"] = [{"feature": "crm", "module": "links", "released_on": "2025-01-09"}]
    assert ("integrations_used", 30) not in counts(con, as_of=date(2025, 1, 9), **rows)
    found = counts(con, **rows)
    assert (found.get(("integrations_used", 7)), found[("integrations_used", 30)]) == (None, 1)


@pytest.mark.parametrize(("recorded", "within_7"), [("2025-01-07T23:59", 1), ("2025-01-08T00:00", None)])
def test_what_is_recorded_after_a_window_is_not_counted_in_it(con: Any, recorded: str, within_7: int | None) -> None:
    tables = company(con, accounts=[account("a", "2025-01-01")])
    usage = [*late([use("a", "2025-01-02")], recorded), *late([use("a", "2025-01-02", user="v")], "2025-03-01")]
    tables["usage"] = on_engine(con, arrow_table("usage", usage, recorded=True))
    table = early_behaviour(tables, AS_OF, (7, 90)).to_pyarrow().to_pylist()
    found = {(r["behaviour"], r["within_days"]): r["count"] for r in table}
    assert found.get(("users:reports", 7)) == within_7
    assert found[("users:reports", 90)] == 2


@pytest.mark.parametrize(("used", "lasting"), [("2024-03-04", True), ("2024-03-05", False)])
def test_lasting_use_of_a_renewal_is_that_of_its_own_day(con: Any, used: str, lasting: bool) -> None:
    """A term of 33 days, decided 30 days later: on 2024-03-05."""
    terms = [{**term("a", "2024-01-02"), "term_ends_on": "2024-02-04"}]
    usage = [use("b", "2023-12-01"), use("a", used)]
    tables = company(con, accounts=[account("a", "2024-01-02")], subscriptions=terms, usage=usage)
    (row,) = launches(tables, AS_OF, OutcomeWindow(365, 30, 30, at_term_end=True)).to_pyarrow().to_pylist()
    assert (row["term_days"], row["used_later"]) == (33, lasting)


def test_the_past_says_of_each_date_what_that_date_could_know(con: Any) -> None:
    terms = [term("a", "2024-01-02", "2024-07-02"), *late([term("a", "2024-07-02")], "2025-01-15")]
    tables = company(con, accounts=[account("a", "2024-01-02")], usage=[use("b", "2023-12-01")])
    tables["subscriptions"] = on_engine(con, arrow_table("subscriptions", terms, recorded=True))
    days = [date(2024, 1, 2), date(2024, 8, 1), date(2024, 8, 2), date(2025, 1, 16)]
    cohorts = past_launches(tables, days, OutcomeWindow(365, 30, 30)).to_pyarrow().to_pylist()
    ended = date(2024, 7, 2)
    assert [(row["known_at"], row["left_on"]) for row in cohorts] == [
        (days[1], None),
        (days[2], ended),
        (days[3], None),
    ]
