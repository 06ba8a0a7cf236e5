"""Sums over combinations of dimensions."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis

from rind.features.book.roll_up import ALL, KEPT, Measure, measured, rolled_up

MONTH = date(2025, 5, 1)


def cells(con: Any, *rows: tuple[str | None, str | None, str, float]) -> Any:
    named = [{"month": MONTH, "segment": s, "csm": c, "plan": p, "amount": a, "none": None} for s, c, p, a in rows]
    schema = {"month": "date", "segment": "string", "csm": "string", "plan": "string", "amount": "float64",
              "none": "float64"}  # fmt: skip
    return con.create_table(ibis.util.gen_name("t"), ibis.memtable(named, schema=schema).to_pyarrow(), temp=True)


def test_every_combination_is_summed_and_a_missing_name_is_one_of_its_own(con: Any) -> None:
    rows = rolled_up(cells(con, ("big", "Ann", "x", 1), (None, "Ann", "y", 2)), ["amount", "none"])
    sums = {(r["segment"], r["csm"], r["plan"]): r["amount"] for r in rows.to_pyarrow().to_pylist()}
    assert sums == {
        (ALL, ALL, ALL): 3, ("big", ALL, ALL): 1, ("", ALL, ALL): 2, (ALL, "Ann", ALL): 3, ("big", "Ann", ALL): 1,
        ("", "Ann", ALL): 2, (ALL, ALL, "x"): 1, (ALL, ALL, "y"): 2, ("big", ALL, "x"): 1, ("", ALL, "y"): 2,
    }  # fmt: skip
    assert len(KEPT) == len(set(KEPT))


def test_who_is_really_called_all_is_not_taken_for_the_sum(con: Any) -> None:
    rows = rolled_up(cells(con, ("all", "Ann", "x", 1), ("big", "Ann", "x", 2)), ["amount"]).to_pyarrow().to_pylist()
    assert sorted({row["segment"] for row in rows}) == ["all", "all ", "big"]
    assert [r["amount"] for r in rows if (r["segment"], r["csm"], r["plan"]) == (ALL, ALL, ALL)] == [3]


def test_a_quotient_by_nothing_and_a_sum_of_nothing_are_absent(con: Any) -> None:
    sums = rolled_up(cells(con, ("big", "Ann", "x", 0)), ["amount", "none"])
    measures = [Measure("share", "amount", "amount"), Measure("unknown", "none"), Measure("sum", "amount", times=2)]
    made = measured(sums, measures).to_pyarrow().to_pylist()
    assert {row["metric"] for row in made} == {"sum"}
    assert {row["value"] for row in made} == {0.0}
