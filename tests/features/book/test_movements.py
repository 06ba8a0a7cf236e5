"""Revenue by movement: by hand on a few accounts, and the laws."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pytest
from builders import tables
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.book.movements import known_terms, month_after, month_spans, movements
from rind.features.customers import prepared
from rind.features.sources import open_source

AS_OF = date(2025, 7, 1)
REAL = Path(__file__).parents[4] / "shared" / "real"
MAY = date(2025, 5, 1)


def term(name: str, starts: str, ends: str | None, mrr: float = 100, **more: Any) -> dict[str, Any]:
    return {"subscription_id": name, "account_id": name[0], "mrr": mrr, "starts_on": starts, "ended_on": ends, **more}


def moved(con: Any, *terms: dict[str, Any], month: date = MAY, rates: Any = (), back: int = 1) -> dict[str, Any]:
    """Account -> what it did in the month, the amounts that are not 0."""
    names = sorted({row["account_id"] for row in terms})
    accounts = [{"account_id": name, "name": name, "signed_on": "2024-01-01"} for name in names]
    made = prepared(tables(con, accounts=accounts, subscriptions=terms, rates=rates))
    known = known_terms(made["subscriptions"], AS_OF, 30)
    rows = movements(known, month_spans([month], back), made["rates"], "EUR").to_pyarrow().to_pylist()
    return {row["account_id"]: {k[4:]: v for k, v in row.items() if k.startswith("mrr_") and v} for row in rows}


def test_each_movement_is_told_once_and_by_its_own_name(con: Any) -> None:
    made = moved(
        con,
        term("a1", "2025-05-02", None),
        term("b1", "2024-01-01", "2025-05-10"), term("b2", "2025-05-10", None, 150),
        term("c1", "2024-01-01", "2025-05-10"), term("c2", "2025-05-10", None, 80),
        term("d1", "2024-01-01", "2025-05-31"),
        term("e1", "2024-01-01", "2024-06-01"), term("e2", "2025-05-03", None, 70),
        term("f1", "2024-01-01", None),
    )  # fmt: skip
    assert made == {
        "a": {"new": 100, "end": 100},
        "b": {"start": 100, "end": 150, "expansion": 50, "kept": 100},
        "c": {"start": 100, "end": 80, "contraction": 20, "kept": 80},
        "d": {"start": 100, "churned": 100},
        "e": {"reactivated": 70, "end": 70},
        "f": {"start": 100, "end": 100, "kept": 100},
    }


@pytest.mark.parametrize(
    ("ended", "left"), [("2025-05-01", True), ("2025-05-31", True), ("2025-06-01", False), ("2025-06-02", False)]
)
def test_a_month_ends_with_its_last_day_and_begins_with_that_of_the_month_before(
    con: Any, ended: str, left: bool
) -> None:
    """A term that ended on 1 May ran on 30 April still."""
    assert ("churned" in moved(con, term("a1", "2024-01-01", ended))["a"]) is left


@pytest.mark.parametrize(("back", "left"), [("2025-06-19", False), ("2025-06-20", True)])
def test_a_gap_of_up_to_the_grace_is_no_departure(con: Any, back: str, left: bool) -> None:
    terms = term("a1", "2024-01-01", "2025-05-20"), term("a2", back, None)
    assert ("churned" in moved(con, *terms)["a"]) is left


def test_a_trial_is_no_revenue_and_paying_after_it_is_new(con: Any) -> None:
    assert moved(con, term("a1", "2025-03-01", "2025-05-04", kind="trial"), term("a2", "2025-05-04", None)) == {
        "a": {"new": 100, "end": 100}
    }


def test_a_rate_that_moves_is_no_expansion(con: Any) -> None:
    rates = [
        {"currency": "USD", "as_of": "2025-01-01", "rate": 0.5},
        {"currency": "USD", "as_of": "2025-05-15", "rate": 2.0},
    ]
    assert moved(con, term("a1", "2024-01-01", None, currency="USD"), rates=rates) == {
        "a": {"start": 200, "end": 200, "kept": 200}
    }


def test_what_was_recorded_later_is_not_known(con: Any) -> None:
    known = [term("a1", "2024-01-01", None) | {"recorded_at": "2025-06-30T10:00"}]
    late = [term("b1", "2024-01-01", None) | {"recorded_at": "2025-07-01T00:00"}]
    accounts = [{"account_id": name, "name": name, "signed_on": "2024-01-01"} for name in "ab"]
    made = tables(con, recorded=["subscriptions"], accounts=accounts, subscriptions=[*known, *late])
    rows = movements(known_terms(made["subscriptions"], AS_OF, 30), month_spans([MAY]), made["rates"], "")
    assert rows.account_id.to_pyarrow().to_pylist() == ["a"]


def test_the_plan_is_that_of_the_begin_and_of_a_new_account_that_of_the_end(con: Any) -> None:
    terms = [
        term("a1", "2024-01-01", "2025-05-10", plan="gold"), term("a2", "2025-05-10", None, plan="free ride"),
        term("b1", "2025-05-10", None, plan="silver"),
    ]  # fmt: skip
    accounts = [{"account_id": name, "name": name, "signed_on": "2024-01-01"} for name in "ab"]
    made = prepared(tables(con, accounts=accounts, subscriptions=terms))
    rows = movements(known_terms(made["subscriptions"], AS_OF, 30), month_spans([MAY]), None, "")
    plans = {row["account_id"]: row["plan"] for row in rows.to_pyarrow().to_pylist()}
    assert plans == {"a": "gold", "b": "silver"}


def test_months_are_counted_over_the_years() -> None:
    assert month_after(date(2025, 11, 1), 2) == date(2026, 1, 1)
    assert month_after(date(2025, 1, 1), -1) == date(2024, 12, 1)
    [span] = month_spans([date(2025, 3, 1)], back=12)
    assert (span.first, span.last) == (date(2024, 3, 31), date(2025, 3, 31))


days = st.integers(0, 540).map(lambda n: date(2024, 1, 1) + timedelta(days=n))
histories = st.lists(
    st.tuples(st.sampled_from("abcdefghij"), days, st.integers(1, 400), st.integers(0, 3), st.booleans()),
    min_size=20,
    max_size=40,
)


@settings(max_examples=4, deadline=None)
@given(histories)
def test_the_movements_add_up_to_the_change_and_months_follow_each_other(rows: Any) -> None:
    con = ibis.duckdb.connect()
    terms = [
        term(f"{name}{n}", str(start), None if is_open else str(start + timedelta(days=length)), 50.0 * mrr)
        for n, (name, start, length, mrr, is_open) in enumerate(rows)
    ]
    accounts = [{"account_id": name, "name": name, "signed_on": "2024-01-01"} for name in "abcdefghij"]
    made = prepared(tables(con, accounts=accounts, subscriptions=terms))
    spans = month_spans([month_after(date(2024, 2, 1), n) for n in range(17)])
    known = known_terms(made["subscriptions"], AS_OF, 30)
    months = movements(known, spans, None, "").to_pyarrow().to_pylist()
    ends = {(row["account_id"], row["month"]): row["mrr_end"] for row in months}
    for row in months:
        gained = row["mrr_new"] + row["mrr_expansion"] + row["mrr_reactivated"]
        assert row["mrr_start"] + gained - row["mrr_contraction"] - row["mrr_churned"] == pytest.approx(row["mrr_end"])
        assert (
            sum(row[f"mrr_{kind}"] > 0 for kind in ("new", "reactivated", "expansion", "contraction", "churned")) <= 1
        )
        if row["month"] > date(2024, 2, 1):
            assert ends.get((row["account_id"], month_after(row["month"], -1)), 0.0) == row["mrr_start"]


@pytest.mark.parametrize("company", ["learning365", "wholesale"])
def test_the_movements_of_real_companies_add_up(company: str) -> None:
    if not (REAL / company).exists():
        pytest.skip("the real companies lie beside the project")
    made = prepared(open_source(REAL / company).tables)
    terms = made["subscriptions"]
    first, last = (day.to_pyarrow().as_py() for day in (terms.starts_on.min(), terms.starts_on.max()))
    months = [
        month_after(first.replace(day=1), n) for n in range(1, 30) if month_after(first.replace(day=1), n) <= last
    ]
    rows = movements(known_terms(terms, last, 30), month_spans(months), None, "")
    gains, losses = rows.mrr_new + rows.mrr_expansion + rows.mrr_reactivated, rows.mrr_contraction + rows.mrr_churned
    change = (rows.mrr_start + gains - losses - rows.mrr_end).abs()
    summary = (
        rows.aggregate(rows=rows.count(), off=change.max(), churned=rows.mrr_churned.sum()).to_pyarrow().to_pylist()
    )
    assert summary[0]["rows"] > 1000
    assert summary[0]["churned"] > 0
    assert summary[0]["off"] < 1e-6
