"""What each order of the list would have kept in the past, as the model page shows it."""

from __future__ import annotations

from typing import Any, NamedTuple

from rind.reports.facts import Interval
from rind.reports.formats import NOTHING, Format
from rind.reports.worth_text import TITLES, assumption_sentences, gain_sentence
from rind.serving.store.protocols import Week
from rind.serving.views.documents import mapping_of
from rind.serving.views.run_facts import capacity, list_order, run_parameters

GAIN = "expected_value_minus_risk"


class OrderFigure(NamedTuple):
    """An order of the list: the money that it would have kept in an average week, and its 95 % interval in words."""

    title: str
    kept: str
    between: str
    is_own: bool


def orders_of(week: Week, fmt: Format) -> dict[str, Any]:
    """The table of the orders, and the sentences around it; no rows where nothing was measured."""
    measured = mapping_of(week.document("metrics"), "orders")
    figures = {name: Interval.of(measured.get(name)) for name in (*TITLES, GAIN)}
    rows = [
        OrderFigure(title, fmt.money(figure.value), _between(figure, fmt), name == list_order(week))
        for name, title in TITLES.items()
        if (figure := figures[name]) is not None
    ]
    worth = run_parameters(week).get("worth") or {}
    return {
        "rows": rows,
        "gain": gain_sentence(figures[GAIN], fmt.money),
        "assumptions": assumption_sentences(worth, capacity(week), fmt.money),
    }


def _between(figure: Interval, fmt: Format) -> str:
    if figure.low is None or figure.high is None:
        return NOTHING
    return f"{fmt.money(figure.low)} to {fmt.money(figure.high)}"
