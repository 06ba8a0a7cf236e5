"""What a subscription is, worked out by hand on a few lines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import snapshots, tables

from rind.features.account_snapshot import standing
from rind.features.catalogue import Settings
from rind.features.labels import labels, spells
from rind.features.paid_terms import as_terms, customer_since, with_renewals
from rind.features.snapshots import spine

END = date(2025, 12, 31)


def term(name: str, starts: str, ends: str | None = None, mrr: float = 100.0, **more: Any) -> dict[str, Any]:
    row = {"subscription_id": name, "account_id": "a", "mrr": mrr, "starts_on": starts, "ended_on": ends}
    return row | more


def terms(con: Any, *rows: dict[str, Any]) -> Any:
    return as_terms(tables(con, recorded=["subscriptions"], subscriptions=rows)["subscriptions"])


def listed(con: Any, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    table = terms(con, *rows).order_by("subscription_id", "starts_on").to_pyarrow().to_pylist()
    return [
        (r["subscription_id"], str(r["starts_on"]), str(r["ended_on"]) if r["ended_on"] else None, r["mrr"])
        for r in table
    ]


def cohort(con: Any, day: str, *rows: dict[str, Any]) -> list[str]:
    return [r["account_id"] for r in spine(terms(con, *rows), [date.fromisoformat(day)]).to_pyarrow().to_pylist()]


def label(con: Any, day: str, *rows: dict[str, Any]) -> tuple[int | None, int | None]:
    [row] = labels(snapshots(con, ("a", day)), terms(con, *rows), END, 90, 30).to_pyarrow().to_pylist()
    return row["churned"], row["days_to_churn"]


@pytest.mark.parametrize(
    "beside",
    [
        {"starts": "2026-01-02", "ends": "2026-01-16", "mrr": 0.0, "kind": "trial"},
        {"starts": "2026-01-01", "ends": "2026-01-01"},  # a renewal that was made void
        {"starts": "2025-12-28", "ends": "2026-02-01", "mrr": 10.0, "kind": "addon"},
    ],
)
def test_no_trial_no_void_renewal_and_no_add_on_replaces_a_contract(con: Any, beside: dict[str, Any]) -> None:
    open_end = term("1", "2025-01-01", term_ends_on="2026-01-01")
    assert listed(con, open_end, term("2", **beside))[0] == ("1", "2025-01-01", None, 100.0)
    renewal = term("2", "2026-01-01")
    assert listed(con, open_end, renewal)[0] == ("1", "2025-01-01", "2026-01-01", 100.0)


# --- kinds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mrr", "kind", "customer"),
    [(100, None, True), (100, "paid", True), (100, "addon", True), (0, None, False), (0, "paid", False),
     (100, "trial", False), (100, "free", False)],
)  # fmt: skip
def test_who_pays_is_a_customer_and_a_trial_or_a_free_plan_is_none(
    con: Any, mrr: float, kind: str | None, customer: bool
) -> None:
    assert cohort(con, "2025-03-03", term("1", "2025-01-01", mrr=mrr, kind=kind)) == (["a"] if customer else [])


def test_the_kind_that_is_not_given_is_paid_or_free_where_nothing_is_paid(con: Any) -> None:
    rows = terms(con, term("1", "2025-01-01"), term("2", "2025-01-01", mrr=0), term("3", "2025-01-01", kind="addon"))
    kinds = rows.order_by("subscription_id").to_pyarrow().to_pylist()
    assert [row["kind"] for row in kinds] == ["paid", "free", "addon"]


def test_the_end_of_a_trial_is_no_churn_and_life_as_a_customer_begins_on_the_first_paid_day(con: Any) -> None:
    trial = term("1", "2025-01-01", "2025-01-15", kind="trial")
    assert spells(terms(con, trial), END, 30).count().to_pyarrow().as_py() == 0
    paid = term("2", "2025-01-15", "2025-06-01")
    [spell] = spells(terms(con, trial, paid), END, 30).to_pyarrow().to_pylist()
    assert (str(spell["starts_on"]), str(spell["left_on"])) == ("2025-01-15", "2025-06-01")


def test_who_falls_back_to_a_free_plan_has_left(con: Any) -> None:
    assert label(con, "2025-03-03", term("1", "2025-01-01", "2025-04-01"), term("2", "2025-04-01", mrr=0)) == (1, 29)


def test_notice_for_all_that_is_paid_is_notice_although_a_free_plan_runs_on(con: Any) -> None:
    noticed, free = term("1", "2025-01-01", notice_on="2025-02-01"), term("2", "2025-01-01", mrr=0)
    assert cohort(con, "2025-03-03", noticed, free) == []
    assert cohort(con, "2025-03-03", noticed, term("2", "2025-01-01", mrr=1, kind="addon")) == ["a"]


@pytest.mark.parametrize(
    ("rows", "since"),
    [
        ([term("1", "2025-01-03")], "2025-01-01"),
        ([term("1", "2025-01-01", "2025-01-15", kind="trial"), term("2", "2025-01-15")], "2025-01-15"),
        ([term("1", "2025-01-01", "2025-01-15", kind="trial")], None),
        ([term("1", "2025-01-02", kind="trial")], "2025-01-01"),  # it came before its trial
        ([term("1", "2025-01-01", kind="trial", recorded_at="2025-01-03T00:00")], "2025-01-01"),
        ([], "2025-01-01"),
    ],
)
def test_day_0_of_an_account_is_its_first_paid_day_where_a_trial_came_before(
    con: Any, rows: list[dict[str, Any]], since: str | None
) -> None:
    given = tables(con, accounts=[{"account_id": "a", "name": "a", "signed_on": "2025-01-01"}])
    began = customer_since(given["accounts"], terms(con, *rows)).to_pyarrow().to_pylist()
    assert [str(row["signed_on"]) for row in began] == ([since] if since else [])


# --- pauses ---------------------------------------------------------------------------------------


def test_a_pause_cuts_its_term_in_three_and_pays_nothing_in_between(con: Any) -> None:
    row = term("1", "2025-01-01", "2025-12-01", paused_from="2025-03-01", paused_until="2025-05-01")
    assert listed(con, row) == [
        ("1", "2025-01-01", "2025-03-01", 100.0),
        ("1", "2025-03-01", "2025-05-01", 0.0),
        ("1", "2025-05-01", "2025-12-01", 100.0),
    ]


@pytest.mark.parametrize(
    ("paused", "until", "parts"),
    [
        ("2025-03-01", None, [("2025-01-01", "2025-03-01", 100.0), ("2025-03-01", "2025-12-01", 0.0)]),
        ("2025-01-01", "2025-03-01", [("2025-01-01", "2025-03-01", 0.0), ("2025-03-01", "2025-12-01", 100.0)]),
        ("2025-03-01", "2026-01-01", [("2025-01-01", "2025-03-01", 100.0), ("2025-03-01", "2025-12-01", 0.0)]),
        ("2025-03-01", "2025-03-01", [("2025-01-01", "2025-03-01", 100.0), ("2025-03-01", "2025-12-01", 100.0)]),
        ("2025-12-01", None, [("2025-01-01", "2025-12-01", 100.0)]),
    ],
)
def test_a_pause_at_the_edge_of_its_term_leaves_no_empty_part(
    con: Any, paused: str, until: str | None, parts: list[tuple[str, str, float]]
) -> None:
    row = term("1", "2025-01-01", "2025-12-01", paused_from=paused, paused_until=until)
    assert [part[1:] for part in listed(con, row)] == parts


@pytest.mark.parametrize(("until", "expected"), [("2025-05-01", (0, None)), ("2025-05-02", (1, 29))])
def test_a_pause_within_the_grace_is_bridged_and_a_longer_one_is_a_departure(
    con: Any, until: str, expected: tuple[int, int | None]
) -> None:
    row = term("1", "2025-01-01", paused_from="2025-04-01", paused_until=until)
    assert label(con, "2025-03-03", row) == expected
    assert cohort(con, "2025-04-07", row) == []
    assert cohort(con, "2025-05-05", row) == ["a"]


# --- terms that were left open --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "plan", "closed"),
    [("2025-05-25", "p", "2025-05-25"), ("2025-06-01", "p", "2025-06-01"), ("2025-06-08", "p", "2025-06-08"),
     ("2025-05-24", "p", None), ("2025-06-09", "p", None), ("2025-06-01", "q", None)],
)  # fmt: skip
def test_a_term_left_open_is_closed_by_one_of_its_plan_that_starts_within_seven_days_of_its_end(
    con: Any, starts: str, plan: str, closed: str | None
) -> None:
    old = term("1", "2024-06-01", plan="p", term_ends_on="2025-06-01")
    assert listed(con, old, term("2", starts, plan=plan))[0] == ("1", "2024-06-01", closed, 100.0)


def test_terms_without_a_plan_or_an_agreed_end_or_of_other_accounts(con: Any) -> None:
    old = term("1", "2024-06-01", term_ends_on="2025-06-01")
    assert listed(con, old, term("2", "2025-06-01"))[0][2] == "2025-06-01"
    assert listed(con, old | {"term_ends_on": None}, term("2", "2025-06-01"))[0][2] is None
    assert listed(con, old, term("2", "2025-06-01", account_id="b"))[0][2] is None


def test_a_successor_that_is_recorded_late_closes_the_term_from_then_on(con: Any) -> None:
    old = term("1", "2024-06-01", term_ends_on="2025-06-01")
    assert listed(con, old, term("2", "2025-06-01", recorded_at="2025-06-20T09:00"))[0][2] == "2025-06-20"


# --- renewals -------------------------------------------------------------------------------------


def renewed(con: Any, *rows: dict[str, Any]) -> str | None:
    table = with_renewals(terms(con, *rows), 30).order_by("subscription_id").to_pyarrow().to_pylist()
    return str(table[0]["renewed_on"]) if table[0]["renewed_on"] else None


@pytest.mark.parametrize(
    ("starts", "renewal"),
    [("2025-06-01", "2025-06-01"), ("2025-07-01", "2025-07-01"), ("2025-07-02", None), ("2026-06-01", None)],
)
def test_a_renewal_starts_within_the_grace_of_the_end(con: Any, starts: str, renewal: str | None) -> None:
    old = term("1", "2024-06-01", "2025-06-01", term_ends_on="2025-06-01")
    assert renewed(con, old, term("2", starts)) == renewal


def test_an_add_on_is_renewed_by_its_own_plan_and_no_contract_by_an_add_on(con: Any) -> None:
    old = term("1", "2024-06-01", "2025-06-01", term_ends_on="2025-06-01", plan="x", kind="addon")
    assert renewed(con, old, term("2", "2025-06-01", plan="main")) is None
    assert renewed(con, old, term("2", "2025-06-01", plan="x", kind="addon")) == "2025-06-01"
    assert renewed(con, old | {"kind": "paid"}, term("2", "2025-06-01", plan="x", kind="addon")) is None
    assert renewed(con, old | {"kind": "paid"}, term("2", "2025-06-01", plan="y")) == "2025-06-01"


def test_a_change_shortly_before_the_end_that_keeps_the_end_is_no_renewal(con: Any) -> None:
    old = term("1", "2024-06-01", "2025-05-30", term_ends_on="2025-06-01")
    assert renewed(con, old, term("2", "2025-05-30", "2025-06-01", term_ends_on="2025-06-01")) is None


# --- the contract of a day ------------------------------------------------------------------------


def day(con: Any, *rows: dict[str, Any], share: float = 0.5) -> dict[str, Any]:
    given = tables(con, accounts=[{"account_id": "a", "name": "a", "signed_on": "2024-01-01"}])
    given |= {"subscriptions": terms(con, *rows)}
    [row] = standing(snapshots(con, ("a", "2025-03-03")), given, Settings(main_share=share)).to_pyarrow().to_pylist()
    return row


MAIN = term("1", "2024-04-01", mrr=160, term_ends_on="2025-04-01", plan="main")


def test_the_renewal_is_that_of_the_main_contract_not_of_whichever_row_ends_last(con: Any) -> None:
    row = day(con, MAIN, term("2", "2024-04-01", mrr=1, term_ends_on="2026-04-01", kind="addon"))
    assert (row["mrr"], str(row["term_ends_on"]), row["mrr_up_for_renewal"]) == (161, "2025-04-01", 160)
    free = day(con, MAIN, term("2", "2024-04-01", mrr=0, term_ends_on="2027-04-01"))
    assert (free["mrr"], str(free["term_ends_on"]), free["mrr_up_for_renewal"]) == (160, "2025-04-01", 160)
    first = day(con, MAIN | {"term_ends_on": None}, term("2", "2024-04-01", mrr=1, term_ends_on="2025-03-05"))
    assert (first["term_ends_on"], first["mrr_up_for_renewal"]) == (None, 1)


def test_money_under_notice_is_what_was_noticed_before_the_day(con: Any) -> None:
    addon = term("2", "2024-04-01", mrr=1, kind="addon")
    assert day(con, MAIN | {"notice_on": "2025-03-02"}, addon)["mrr_under_notice"] == 160
    assert day(con, MAIN | {"notice_on": "2025-03-03"}, addon)["mrr_under_notice"] == 0


@pytest.mark.parametrize(
    ("ends", "renewal"),
    [
        ([(50, "2025-06-01"), (50, "2025-09-01")], "2025-06-01"),  # two halves: the earlier one
        ([(50, "2025-02-01"), (50, "2025-09-01")], "2025-09-01"),  # one has run out: the one to come
        ([(100, "2025-02-01")], "2025-02-01"),  # all have run out: the contract rolls on since then
        ([(40, "2025-06-01"), (30, "2025-04-01"), (30, "2025-05-01")], "2025-06-01"),  # none holds half: the largest
        ([(30, "2025-06-01"), (30, "2025-06-01"), (40, "2025-04-01")], "2025-06-01"),  # two that end together hold it
    ],
)
def test_the_next_renewal_is_the_earliest_end_that_holds_the_main_share(
    con: Any, ends: list[tuple[float, str]], renewal: str
) -> None:
    rows = [term(str(i), "2024-01-01", mrr=mrr, term_ends_on=end, plan=str(i)) for i, (mrr, end) in enumerate(ends)]
    assert str(day(con, *rows)["term_ends_on"]) == renewal


def test_a_lower_main_share_lets_smaller_contracts_be_the_renewal(con: Any) -> None:
    rows = MAIN, term("2", "2024-04-01", mrr=40, term_ends_on="2025-03-20", plan="small")
    assert str(day(con, *rows)["term_ends_on"]) == "2025-04-01"
    assert str(day(con, *rows, share=0.2)["term_ends_on"]) == "2025-03-20"
