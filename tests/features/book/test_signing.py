"""What was known at signing, and who left in the past year: boundaries by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from builders import tables

from rind.features.book.signing import essential_answers, signing_traits, year_of
from rind.features.customers import prepared

AS_OF = date(2025, 7, 1)


def company(con: Any, *terms: tuple[str, str, str | None], surveys: Any = ()) -> Any:
    rows = [
        {"subscription_id": f"{a}{n}", "account_id": a, "plan": f"p{n}", "seats": 5, "mrr": 10.0 + n,
         "starts_on": start, "term_ends_on": "2026-01-01", "ended_on": end}
        for n, (a, start, end) in enumerate(terms)
    ]  # fmt: skip
    names = sorted({a for a, *_ in terms} | {row["account_id"] for row in surveys})
    accounts = [{"account_id": a, "name": a, "signed_on": "2023-01-01", "industry": "media"} for a in names]
    return prepared(tables(con, accounts=accounts, subscriptions=rows, surveys=surveys))


def test_the_traits_are_those_of_the_first_paid_term(con: Any) -> None:
    made = company(con, ("a", "2024-01-01", "2025-01-01"), ("a", "2025-01-01", None), ("b", "2025-07-01", None))
    rows = {row["account_id"]: row for row in signing_traits(made, AS_OF).to_pyarrow().to_pylist()}
    assert set(rows) == {"a"}
    assert (rows["a"]["plan"], rows["a"]["mrr"], rows["a"]["term_days"]) == ("p0", 10.0, 731.0)


def test_who_was_a_customer_when_the_year_began_left_in_it_or_not(con: Any) -> None:
    # The year: (2025-07-01 - 31 days - 100 days, 2025-05-31] = (2025-02-20, 2025-05-31].
    made = company(
        con, ("a", "2024-01-01", "2025-05-31"), ("b", "2024-01-01", "2025-06-01"), ("c", "2024-01-01", "2025-02-20"),
        ("d", "2024-01-01", None), ("e", "2025-02-21", None), ("f", "2024-01-01", "2025-02-21"),
    )  # fmt: skip
    rows = year_of(made, AS_OF, 100, 30).to_pyarrow().to_pylist()
    assert {row["account_id"]: row["churned"] for row in rows} == {"a": True, "b": False, "d": False, "f": True}


def answer(name: str, kind: str, score: float, day: str = "2025-06-30") -> dict[str, Any]:
    return {"response_id": name, "account_id": name[0], "kind": kind, "sent_at": "2025-01-01", "responded_at": day,
            "score": score}  # fmt: skip


def test_the_latest_answer_says_how_essential_it_is_and_nps_stands_in(con: Any) -> None:
    asked = [answer("a1", "essential", 3), answer("b1", "essential", 3, "2025-05-01"), answer("b2", "essential", 2),
             answer("c1", "nps", 10), answer("d1", "essential", 3, "2025-07-01")]  # fmt: skip
    rows = essential_answers(company(con, surveys=asked), AS_OF, 365).to_pyarrow().to_pylist()
    assert {r["account_id"]: (r["essential"], r["nice_to_have"]) for r in rows} == {
        "a": (True, False),
        "b": (False, True),
    }
    nps = [answer("a1", "nps", 9), answer("b1", "nps", 7), answer("c1", "nps", 3)]
    rows = essential_answers(company(con, surveys=nps), AS_OF, 365).to_pyarrow().to_pylist()
    assert {r["account_id"]: (r["essential"], r["nice_to_have"]) for r in rows} == {
        "a": (True, False), "b": (False, True), "c": (False, False)
    }  # fmt: skip
