"""The numbers of customer success: each by hand on a few accounts, and the laws."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from builders import on_engine, tables

from rind.features.book.kpis import Book, ages, kpis, money_cells, whole_months
from rind.features.customers import prepared

AS_OF, MAY = date(2025, 7, 1), date(2025, 5, 1)
MONTHS = [date(2025, 4, 1), MAY, date(2025, 6, 1)]
WHO = {"a": ("big", "Ann"), "b": ("big", "Bo"), "c": ("small", None), "d": ("small", "Bo")}
TERMS = [
    ("a", "2024-01-01", None, 100), ("b", "2024-01-01", "2025-05-10", 200), ("b", "2025-05-10", None, 260),
    ("c", "2024-02-01", "2025-05-20", 40), ("d", "2025-05-05", None, 60),
]  # fmt: skip


def company(con: Any, **more: Any) -> dict[str, Any]:
    accounts = [
        {"account_id": name, "name": name, "signed_on": "2024-01-01", "segment": segment, "csm": csm}
        for name, (segment, csm) in WHO.items()
    ]
    terms = [
        {"subscription_id": f"s{n}", "account_id": name, "starts_on": start, "ended_on": end, "mrr": mrr, "plan": "x"}
        for n, (name, start, end, mrr) in enumerate(TERMS)
    ]
    return prepared(tables(con, accounts=accounts, subscriptions=terms, **more))


def health(con: Any, *rows: tuple[str, date, str]) -> Any:
    schema = pa.schema([("account_id", pa.string()), ("as_of", pa.date32()), ("health_band", pa.string())])
    named = [dict(zip(schema.names, row, strict=True)) for row in rows]
    return on_engine(con, pa.Table.from_pylist(named, schema))


def measured(con: Any, bands: Any = (), **more: Any) -> dict[tuple[Any, ...], dict[str, Any]]:
    """(month, segment, csm, plan, metric) -> row."""
    book = Book(company(con, **more), AS_OF, MONTHS, 30, "")
    rows = kpis(book, health(con, *bands), "costs" in more).to_pyarrow().to_pylist()
    return {tuple(row[name] for name in ("month", "segment", "csm", "plan", "metric")): row for row in rows}


def value(rows: Any, metric: str, segment: str = "all", csm: str = "all", month: date = MAY) -> Any:
    row = rows.get((month, segment, csm, "all", metric))
    return None if row is None else row["value"]


def test_revenue_and_retention_of_a_month_by_hand(con: Any) -> None:
    """340 at first; b grows by 60, c leaves with 40, d comes with 60: 420."""
    rows = measured(con)
    by_hand = {
        "mrr_start": 340, "mrr_new": 60, "mrr_expansion": 60, "mrr_churned": 40, "mrr_contraction": 0,
        "mrr_reactivated": 0, "mrr_end": 420, "arr": 5040, "accounts": 3, "new_accounts": 1, "logo_churn": 1 / 3,
        "gross_mrr_churn": 40 / 340, "net_mrr_churn": -20 / 340, "grr": 300 / 340, "nrr": 360 / 340,
    }  # fmt: skip
    assert {name: value(rows, name) for name in by_hand} == pytest.approx(by_hand)
    assert value(rows, "logo_churn", csm="") == 1.0
    assert value(rows, "nrr", "big", "Bo") == pytest.approx(260 / 200)
    assert rows[MAY, "small", "all", "x", "mrr_churned"]["value"] == 40


def test_net_retention_is_gross_retention_plus_expansion(duckdb_engine: Any) -> None:
    rows = measured(duckdb_engine)
    for (*key, metric), row in rows.items():
        if metric == "nrr":
            grown = rows[*key, "mrr_expansion"]["value"] / rows[*key, "mrr_start"]["value"]
            assert row["value"] == pytest.approx(rows[*key, "grr"]["value"] + grown)


def test_segments_csms_and_plans_add_up_to_the_whole(duckdb_engine: Any) -> None:
    rows = measured(duckdb_engine)
    for place in (1, 2, 3):
        for metric in ("mrr_start", "mrr_end", "mrr_new", "logo_churn"):
            whole = rows[MAY, "all", "all", "all", metric]
            others = [n for n in (1, 2, 3) if n != place]
            parts = [
                row for key, row in rows.items()
                if key[0] == MAY and key[4] == metric and key[place] != "all"
                and all(key[n] == "all" for n in others)
            ]  # fmt: skip
            assert sum(row["numerator"] for row in parts) == pytest.approx(whole["numerator"])


def answer(number: int, account: str, kind: str, score: float, day: str = "2025-05-12") -> dict[str, Any]:
    return {"response_id": f"r{number}", "account_id": account, "kind": kind, "score": score, "sent_at": "2025-05-01",
            "responded_at": day}  # fmt: skip


def test_answers_count_in_the_month_in_which_they_came(duckdb_engine: Any) -> None:
    scores = [("nps", 9), ("nps", 8), ("nps", 6), ("nps", 0), ("csat", 4), ("csat", 3), ("ces", 2), ("ces", 5),
              ("essential", 3), ("essential", 3), ("essential", 2), ("essential", 1)]  # fmt: skip
    surveys = [answer(n, "a", kind, score) for n, (kind, score) in enumerate(scores)]
    surveys += [answer(90, "a", "nps", 0, "2025-07-01"), answer(91, "a", "csat", 1, "2025-06-02")]
    early = [answer(92, "d", "nps", 0, "2025-04-03"), answer(93, "a", "nps", 9, "2025-04-01")]
    rows = measured(duckdb_engine, surveys=[*surveys, *(one | {"sent_at": "2025-04-01"} for one in early)])
    by_hand = {"nps": -25, "csat": 0.5, "ces": 3.5, "essential": 0.5, "nice_to_have": 0.25, "not_needed": 0.25}
    assert {name: value(rows, name) for name in by_hand} == pytest.approx(by_hand)
    assert value(rows, "csat", month=date(2025, 6, 1)) == 0
    assert value(rows, "nps", month=date(2025, 4, 1)) == 100  # d was no customer yet


def test_nps_stands_for_essential_where_nobody_was_asked(duckdb_engine: Any) -> None:
    answers = [answer(n, "a", "nps", score, "2025-06-05") for n, score in enumerate((10, 7, 8, 3))]
    rows = measured(duckdb_engine, surveys=[*answers, answer(9, "a", "nps", 5, "2025-05-01")])
    june = date(2025, 6, 1)
    assert [value(rows, name, month=june) for name in ("essential", "nice_to_have", "not_needed")] == [0.25, 0.5, 0.25]


def ticket(number: int, touches: float | None, reopened: str | None = None) -> dict[str, Any]:
    return {"ticket_id": f"t{number}", "account_id": "a", "opened_at": "2025-04-01", "touches": touches,
            "resolved_at": "2025-05-02", "reopened_at": reopened}  # fmt: skip


def test_a_ticket_is_solved_at_first_contact_with_one_reply_and_never_opened_again(duckdb_engine: Any) -> None:
    first = ticket(0, 1) | {"resolved_at": "2025-04-01T12:00"}
    tickets = [first, ticket(1, 1), ticket(2, 2), ticket(3, 1, "2025-05-04"), ticket(4, None)]
    assert value(measured(duckdb_engine, tickets=tickets), "first_contact_resolution") == pytest.approx(1 / 3)


def test_what_is_known_later_changes_no_month(duckdb_engine: Any) -> None:
    """A ticket that is opened again on as_of, and the first answer of its kind on that day."""
    nps = [answer(n, "a", "nps", score, "2025-05-12") for n, score in enumerate((10, 3))]
    nps.append(answer(5, "a", "nps", 7, "2025-04-01"))  # April is covered from its first day on
    nps[-1]["sent_at"] = "2025-04-01"
    first = ticket(0, 1) | {"resolved_at": "2025-04-01T12:00"}
    before = measured(duckdb_engine, surveys=nps, tickets=[first, ticket(1, 1)])
    later = [*nps, answer(9, "a", "essential", 3, "2025-07-01")]
    again = measured(duckdb_engine, surveys=later, tickets=[first, ticket(1, 1, "2025-07-01")])
    assert (value(before, "essential"), value(before, "first_contact_resolution")) == (0.5, 1)
    assert again == before


def test_health_bands_are_those_of_the_last_date_of_the_month(duckdb_engine: Any) -> None:
    bands = [("a", date(2025, 5, 19), "red"), ("a", date(2025, 5, 26), "green"), ("b", date(2025, 5, 26), "red"),
             ("d", date(2025, 5, 26), "unknown")]  # fmt: skip
    rows = measured(duckdb_engine, bands)
    assert [value(rows, f"health_{band}") for band in ("green", "amber", "red")] == [0.5, 0, 0.5]


def test_costs_are_divided_by_the_accounts_that_they_were_spent_on(duckdb_engine: Any) -> None:
    costs = [
        {"month": "2025-05-01", "kind": "acquisition", "segment": "small", "csm": None, "amount": 300},
        {"month": "2025-05-17", "kind": "success", "segment": "big", "csm": "Bo", "amount": 50},
        {"month": "2025-05-01", "kind": "support", "segment": None, "csm": None, "amount": 40},
    ]
    rows = measured(duckdb_engine, costs=costs)
    assert value(rows, "cac") == value(rows, "cac", "small") == 300
    assert (value(rows, "crc"), value(rows, "cost_to_serve")) == pytest.approx((50 / 3, 90 / 3))
    assert value(rows, "crc", "big", "Bo") == 50
    assert value(rows, "cost_to_serve", "small") is None  # nothing was spent there, which is not the same as 0


def test_costs_that_name_nobody_are_not_divided_by_the_accounts_of_nobody(duckdb_engine: Any) -> None:
    """c has no CSM: what was spent on all customers of small was not spent on it alone."""
    costs = [
        {"month": "2025-05-01", "kind": "success", "segment": "small", "csm": None, "amount": 40},
        {"month": "2025-05-01", "kind": "success", "segment": None, "csm": None, "amount": 20},
    ]
    rows = measured(duckdb_engine, costs=costs)
    assert (value(rows, "crc"), value(rows, "crc", "small")) == (20, 40)
    assert not [key for key in rows if key[4] == "crc" and "" in key[1:4]]


def test_a_year_back_is_compared_with_the_same_accounts(duckdb_engine: Any) -> None:
    book = Book(company(duckdb_engine), AS_OF, [date(2024, 5, 1), *MONTHS], 30, "")
    rows = {row["account_id"]: row for row in money_cells(book, back=12).to_pyarrow().to_pylist()
            if row["month"] == MAY}  # fmt: skip
    assert {name: (row["mrr_start"], row["mrr_end"]) for name, row in rows.items()} == {
        "a": (100, 100), "b": (200, 260), "c": (40, 0), "d": (0, 60)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data_end", "as_of", "last"),
    [("2025-06-29", "2025-07-01", 5), ("2025-06-30", "2025-07-01", 6), ("2025-06-30", "2025-06-30", 5)],
)
def test_only_whole_months_that_the_contracts_cover_are_measured(
    duckdb_engine: Any, data_end: str, as_of: str, last: int
) -> None:
    made = company(duckdb_engine)
    months = whole_months(made, date.fromisoformat(data_end), date.fromisoformat(as_of), 36)
    assert (months[0], months[-1].month) == (date(2024, 1, 1), last)
    assert len(whole_months(made, date.fromisoformat(data_end), date.fromisoformat(as_of), 3)) == 3


def test_ages_count_from_the_first_paid_day(duckdb_engine: Any) -> None:
    book = Book(company(duckdb_engine), AS_OF, MONTHS, 30, "")
    rows = [row for row in ages(money_cells(book)).to_pyarrow().to_pylist() if row["month"] == MAY]
    small = [row for row in rows if row["segment"] == "small"]
    assert [(row["age"], row["at_risk"], row["churned"], row["mrr"]) for row in small] == [(14, 1, 1, 40)]
    assert sum(row["at_risk"] for row in rows if row["segment"] == "all") == 3
