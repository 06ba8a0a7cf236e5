"""Outcomes beside churn: what counts, when it is known, and that the future changes nothing known before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import ibis
import pytest
from builders import arrow_table, on_engine, snapshots, tables
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from rind.features.checks.time_travel import cut
from rind.features.customers import prepared
from rind.features.outcome_settings import OutcomeSpec
from rind.features.outcomes import known_outcomes

END = date(2024, 12, 31)
HORIZON, GRACE = 40, 10
AS_OF = date(2024, 6, 3)
FALLS = OutcomeSpec(when="mrr_falls", share=0.1)
RISES = OutcomeSpec(when="mrr_rises", share=0.1)
UNPAID = OutcomeSpec(when="leaves_unpaid")
Answer = tuple[str, str, int, float | None]


def term(starts: str, ends: str | None = None, mrr: float = 100.0, **more: Any) -> dict[str, Any]:
    return {"subscription_id": f"{starts}{mrr}", "account_id": "a", "mrr": mrr, "starts_on": starts,
            "ended_on": ends, **more}  # fmt: skip


def answers(con: Any, spec: OutcomeSpec, *terms: dict[str, Any], **more: Any) -> list[Answer]:
    source = tables(con, recorded=["subscriptions", "invoices"], subscriptions=terms, **more)
    source |= {"subscriptions": prepared(source)["subscriptions"]}
    found = known_outcomes(snapshots(con, ("a", str(AS_OF))), source, spec, END, HORIZON, GRACE)
    return [
        (str(r["known_from"]), str(r["known_until"]), r["happened"], r["mrr_change"] and round(r["mrr_change"], 6))
        for r in found.order_by("known_from").to_pyarrow().to_pylist()
    ]


@pytest.mark.parametrize(("mrr", "happened", "change"), [(90.0, 1, -0.1), (90.01, 0, None), (110.0, 0, None)])
def test_mrr_falls_when_it_is_lower_by_the_share_or_more(con: Any, mrr: float, happened: int, change: Any) -> None:
    found = answers(con, FALLS, term("2024-01-01", "2024-06-20"), term("2024-06-20", mrr=mrr))
    assert found == [("2024-07-24", "None", happened, change)]


@pytest.mark.parametrize(("mrr", "happened", "change"), [(110.0, 1, 0.1), (109.99, 0, None), (90.0, 0, None)])
def test_mrr_rises_when_it_is_higher_by_the_share_or_more(con: Any, mrr: float, happened: int, change: Any) -> None:
    found = answers(con, RISES, term("2024-01-01", "2024-06-20"), term("2024-06-20", mrr=mrr))
    assert found == [("2024-07-24", "None", happened, change)]


@pytest.mark.parametrize(
    ("day", "happened"), [("2024-06-03", 0), ("2024-06-04", 1), ("2024-07-13", 1), ("2024-07-14", 0)]
)
def test_the_window_begins_the_day_after_the_as_of_date_and_ends_with_the_horizon(
    con: Any, day: str, happened: int
) -> None:
    found = answers(con, FALLS, term("2024-01-01", day), term(day, mrr=50.0))
    assert [a[2] for a in found] == [happened]


@pytest.mark.parametrize(("back", "happened"), [("2024-06-30", 0), ("2024-07-01", 1)])
def test_a_dip_counts_when_it_lasts_longer_than_the_grace(con: Any, back: str, happened: int) -> None:
    found = answers(con, FALLS, term("2024-01-01"), term("2024-01-01", "2024-06-20"), term(back))
    assert [a[2] for a in found] == [happened]


@pytest.mark.parametrize(("back", "happened"), [("2024-06-30", 0), ("2024-06-29", 0)])
def test_a_gap_within_the_grace_is_neither_a_departure_nor_a_contraction(con: Any, back: str, happened: int) -> None:
    assert [a[2] for a in answers(con, FALLS, term("2024-01-01", "2024-06-20"), term(back))] == [happened]


def test_who_comes_back_smaller_within_the_grace_has_shrunk(con: Any) -> None:
    found = answers(con, FALLS, term("2024-01-01", "2024-06-20"), term("2024-06-25", mrr=60.0))
    assert [a[2] for a in found] == [1]


def test_who_shrinks_and_leaves_within_the_horizon_has_left_and_that_is_known_with_the_departure(con: Any) -> None:
    found = answers(con, FALLS, term("2024-01-01", "2024-06-10"), term("2024-06-10", "2024-06-25", mrr=50.0))
    assert found == [("2024-07-06", "None", 0, None)]


def test_who_shrinks_within_the_horizon_and_leaves_after_it_has_shrunk(con: Any) -> None:
    found = answers(con, FALLS, term("2024-01-01", "2024-06-20"), term("2024-06-20", "2024-07-20", mrr=50.0))
    assert [a[2] for a in found] == [1]


@pytest.mark.parametrize(("until", "answer"), [("2024-06-30", [0]), ("2024-07-15", [0])])
def test_a_pause_is_a_gap_or_a_departure_and_never_a_contraction(con: Any, until: str, answer: list[int]) -> None:
    found = answers(con, FALLS, term("2024-01-01", paused_from="2024-06-20", paused_until=until))
    assert [a[2] for a in found] == answer


def test_a_pause_of_one_of_two_terms_is_a_contraction(con: Any) -> None:
    paused = term("2024-01-01", mrr=50.0, plan="b", paused_from="2024-06-20", paused_until="2024-08-20")
    assert [a[2] for a in answers(con, FALLS, term("2024-01-01", plan="a"), paused)] == [1]


def test_a_moving_exchange_rate_is_no_change_of_mrr(con: Any) -> None:
    rates = [
        {"currency": "USD", "as_of": "2024-01-01", "rate": 1.0},
        {"currency": "USD", "as_of": "2024-06-10", "rate": 0.5},
    ]
    terms = term("2024-01-01", "2024-06-20", currency="USD"), term("2024-06-20", currency="USD")
    assert [a[2] for a in answers(con, FALLS, *terms, rates=rates)] == [0]


def test_terms_of_two_currencies_are_added_at_the_rate_of_the_as_of_date(con: Any) -> None:
    rates = [{"currency": "USD", "as_of": "2024-01-01", "rate": 0.1}]
    terms = term("2024-01-01"), term("2024-01-01", "2024-06-20", mrr=100.0, currency="USD", plan="usd")
    assert [a[2] for a in answers(con, FALLS, *terms, rates=rates)] == [0]  # 110 to 100 is 9 %
    assert [a[2] for a in answers(con, FALLS, *terms)] == [1]


def test_a_change_recorded_late_turns_the_answer_round_from_the_day_on_which_it_is_known(con: Any) -> None:
    late = term("2024-06-20", mrr=50.0, plan="b", recorded_at="2024-09-01T09:00")
    found = answers(con, FALLS, term("2024-01-01"), term("2024-01-01", "2024-06-20", plan="c"), late)
    assert found == [("2024-07-24", "2024-09-02", 1, -0.5), ("2024-09-02", "None", 1, -0.25)]


def test_a_plan_recorded_late_takes_no_answer_back(con: Any) -> None:
    """It begins after the data end, so it does not count, on whichever day it is known."""
    plan = term("2025-01-05", mrr=50.0, plan="b", recorded_at="2025-01-09T09:00")
    known = answers(con, FALLS, term("2024-01-01", "2024-06-20"), term("2024-06-20", mrr=50.0), plan)
    assert known == [("2024-07-24", "None", 1, -0.5)]


@pytest.mark.parametrize(("end", "known"), [(date(2024, 7, 22), 0), (date(2024, 7, 23), 1)])
def test_an_outcome_is_unknown_until_the_horizon_and_the_grace_are_covered(con: Any, end: date, known: int) -> None:
    source = tables(con, subscriptions=[term("2024-01-01", "2024-06-10"), term("2024-06-10", mrr=50.0)])
    found = known_outcomes(snapshots(con, ("a", str(AS_OF))), source, FALLS, end, HORIZON, GRACE)
    assert found.count().to_pyarrow().as_py() == known


def bill(due: str, paid: str | None = None, **more: Any) -> dict[str, Any]:
    return {"invoice_id": due, "account_id": "a", "issued_on": "2024-05-01", "due_on": due, "paid_on": paid,
            "amount": 10.0, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("due", "paid", "happened"),
    [
        ("2024-06-19", None, 1),
        ("2024-06-20", None, 0),
        ("2024-06-01", "2024-06-19", 0),
        ("2024-06-01", "2024-06-20", 1),
    ],
)
def test_nonpayment_is_leaving_while_an_invoice_is_overdue(con: Any, due: str, paid: str | None, happened: int) -> None:
    found = answers(con, UNPAID, term("2024-01-01", "2024-06-20"), invoices=[bill(due, paid)])
    assert found == [("2024-07-01", "None", happened, None)]


@pytest.mark.parametrize(("first", "known"), [("2024-06-03", True), ("2024-06-04", False)])
@pytest.mark.parametrize("ended", ["2024-06-20", None])
def test_before_the_first_invoice_nonpayment_is_unknown(con: Any, first: str, known: bool, ended: str | None) -> None:
    invoices = [bill("2024-07-10", issued_on=first)]
    assert bool(answers(con, UNPAID, term("2024-01-01", ended), invoices=invoices)) is known
    assert answers(con, UNPAID, term("2024-01-01", ended)) == []


def test_who_stays_or_owes_nothing_has_no_nonpayment(con: Any) -> None:
    assert [a[2] for a in answers(con, UNPAID, term("2024-01-01"), invoices=[bill("2024-05-10")])] == [0]
    nothing = bill("2024-05-10", amount=0.0)
    assert [a[2] for a in answers(con, UNPAID, term("2024-01-01", "2024-06-20"), invoices=[nothing])] == [0]


def test_an_invoice_recorded_late_makes_it_a_nonpayment_from_then_on(con: Any) -> None:
    late = bill("2024-06-01", recorded_at="2024-08-01T10:00")
    found = answers(con, UNPAID, term("2024-01-01", "2024-06-20"), invoices=[late])
    assert found == [("2024-07-01", "2024-08-02", 0, None), ("2024-08-02", "None", 1, None)]


@pytest.mark.parametrize(
    "wrong", [{"when": "mrr_falls"}, {"when": "leaves_unpaid", "share": 0.1}, {"when": "mrr_falls", "share": 1.0}]
)
def test_a_definition_that_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="share"):
        OutcomeSpec(**wrong)


def company(random: Random) -> list[dict[str, Any]]:
    """Terms that follow each other at other prices, overlap or leave gaps; a third is recorded late."""
    rows = []
    for account in ("a", "b", "c"):
        day = date(2024, 1, 1) + timedelta(days=random.randint(0, 60))
        for number in range(random.randint(2, 6)):
            end = day + timedelta(days=random.choice((20, 45, 90)))
            recorded = datetime.combine(day, time(5)) + timedelta(days=random.choice((0, 1, 9, 40, 120)))
            rows.append(
                {"subscription_id": f"{account}{number}", "account_id": account, "starts_on": day,
                 "mrr": random.choice((100.0, 100.0, 90.0, 80.0, 120.0)), "plan": str(number),
                 "ended_on": None if random.random() < 0.2 else end,
                 "recorded_at": recorded if random.random() < 0.35 else None}
            )  # fmt: skip
            day = end + timedelta(days=random.choice((-5, 0, 0, GRACE, GRACE + 1, 50)))
    return rows


SPINE = [(account, str(AS_OF + timedelta(days=n))) for account in ("a", "b", "c") for n in range(-91, 90, 13)]


def offered(con: Any, rows: Any, spec: OutcomeSpec, at: date, end: date = END) -> Mapping[tuple[str, date], Any]:
    """The answers that are valid at a date."""
    table = rows if not isinstance(rows, list) else arrow_table("subscriptions", rows, recorded=True)
    found = known_outcomes(snapshots(con, *SPINE), {"subscriptions": on_engine(con, table)}, spec, end, HORIZON, GRACE)
    valid = found.filter(found.known_from <= at, found.known_until.isnull() | (found.known_until > at))
    listed = valid.to_pyarrow().to_pylist()
    answer = {(r["account_id"], r["as_of"]): (r["happened"], r["mrr_change"]) for r in listed}
    assert len(answer) == len(listed), "two answers at one date"
    return answer


seeds = st.integers(0, 2**32 - 1)
later_days = st.integers(0, 330).map(lambda n: date(2024, 1, 31) + timedelta(days=n))


@given(seed=seeds, at=later_days, spec=st.sampled_from((FALLS, RISES)))
@settings(deadline=None, max_examples=8)
def test_what_is_known_at_a_date_is_what_the_source_of_that_date_says(seed: int, at: date, spec: OutcomeSpec) -> None:
    con = ibis.duckdb.connect()
    rows = company(Random(seed))
    then = cut({"subscriptions": arrow_table("subscriptions", rows, recorded=True)}, at)["subscriptions"]
    assert offered(con, rows, spec, at) == offered(con, then, spec, at, at - timedelta(days=1))


@given(seed=seeds, at=later_days)
@settings(deadline=None, max_examples=5)
def test_rows_recorded_at_a_date_or_later_change_nothing_known_at_it(seed: int, at: date) -> None:
    con = ibis.duckdb.connect()
    random = Random(seed)
    rows = company(random)
    more = [
        row | {"subscription_id": f"x{n}", "recorded_at": datetime.combine(at, time()) + timedelta(hours=n)}
        for n, row in enumerate(company(random))
    ]
    assert offered(con, rows + more, FALLS, at) == offered(con, rows, FALLS, at)


def test_the_law_can_fail_since_a_day_later_the_new_rows_do_count() -> None:
    con = ibis.duckdb.connect()
    rows = [term("2024-01-01", "2024-06-20"), term("2024-06-20", mrr=50.0)]
    late = term("2024-06-20", mrr=51.0, recorded_at="2024-09-01T00:00")
    assert offered(con, rows, FALLS, date(2024, 9, 1)) == offered(con, [*rows, late], FALLS, date(2024, 9, 1))
    assert offered(con, rows, FALLS, date(2024, 9, 2)) != offered(con, [*rows, late], FALLS, date(2024, 9, 2))
