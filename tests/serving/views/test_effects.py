"""The values of the page What works; each may be missing."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.made_book import made_effects
from rind.reports.formats import HOUSE, NOTHING
from rind.serving.views.effects import playbooks


class Week:
    def __init__(self, document: Any) -> None:
        self._document = document

    def document(self, name: str) -> Any:
        assert name == "effects"
        return self._document


def made(document: Any) -> Any:
    return playbooks(Week(document), HOUSE)  # type: ignore[arg-type]


def test_money_is_a_year_s_revenue_and_the_return_counts_the_cost() -> None:
    helps, unknown = made(made_effects())
    assert helps.saved == HOUSE.arr(900.0)
    assert (helps.cost, helps.roi) == (HOUSE.money(4000.0), "2.7 times the cost")
    assert (helps.use, helps.revenue) == ("+0.21 days a week (+0.05 to +0.37)", "cannot be told")
    assert helps.overlap[-1] == ("1 times and more", 200, 500)
    assert (unknown.saved, unknown.cost, unknown.roi, unknown.effect) == (NOTHING,) * 4


@pytest.mark.parametrize("document", [None, [], {}, {"effects": None}, {"effects": [None]}])
def test_without_effects_there_are_no_playbooks(document: Any) -> None:
    assert made(document) == []


def test_a_record_without_any_field_cannot_be_told() -> None:
    [one] = made({"effects": [{"playbook": None}]})
    assert (one.verdict, one.tone, one.effect) == ("cannot be told", "neutral", NOTHING)
    assert (one.use, one.revenue) == ("cannot be told",) * 2
