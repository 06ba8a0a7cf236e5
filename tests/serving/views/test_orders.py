"""What each order of the list would have kept."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rind.reports.formats import HOUSE
from rind.serving.views.orders import orders_of

KEPT = {"value": 5200.4, "low": 4000.0, "high": 6600.0}


def week(orders: Any, **parameters: Any) -> Any:
    documents = {"metrics": {"orders": orders}, "run": {"parameters": parameters}}
    return SimpleNamespace(document=documents.get)


def test_each_order_has_its_money_and_the_lists_own_is_marked() -> None:
    made = orders_of(week({"risk": KEPT, "mrr_at_risk": KEPT | {"low": None}}, risk={"order": "mrr_at_risk"}), HOUSE)
    assert [(row.kept, row.between, row.is_own) for row in made["rows"]] == [
        ("5,200", "4,000 to 6,600", False), ("5,200", "\u2013", True)
    ]  # fmt: skip
    assert (made["gain"], made["assumptions"]) == ("", [])


def test_a_run_that_measured_nothing_shows_no_table() -> None:
    nothing = {"value": None, "low": None, "high": None}
    for orders in (None, {}, "x", {"risk": None}, {"risk": nothing, "expected_value_minus_risk": nothing}):
        assert orders_of(week(orders), HOUSE) == {"rows": [], "gain": "", "assumptions": []}
