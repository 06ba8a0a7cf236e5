"""The list of one week, filtered and sorted."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from rind.serving.views.filters import ListFilter, ListOrder
from rind.serving.views.risk_list import IndexedList
from rind.serving.views.visibility import Visibility

ALL = Visibility()


@pytest.fixture
def indexed() -> IndexedList:
    """Four accounts on 2026-03-02; c has neither name, CSM, segment, renewal nor health score."""
    ends = pd.to_datetime(pd.Series(["2026-03-02", "2026-04-01", None, "2026-03-01"]))
    frame = pd.DataFrame(
        {
            "account_id": list("abcd"), "rank": [1, 2, 3, 4], "name": ["Zeta", "alpha", None, "Beta_1"],
            "segment": ["big", "small", None, "big"], "csm": ["Ana", "Ben", None, "Ana"],
            "risk_band": ["red", "red", "amber", "green"], "term_ends_on": ends,
            "watermelon": pd.array([True, False, None, False], dtype="boolean"),
            "health_score": [70.0, 70.0, None, 10.0],
        }
    )  # fmt: skip
    week: Any = SimpleNamespace(risk_list=frame, as_of=date(2026, 3, 2))
    return IndexedList(week)


@pytest.mark.parametrize(("chosen", "ids"), [
    ({}, "abcd"), ({"segment": "big"}, "ad"), ({"csm": "Ben"}, "b"), ({"band": "red", "csm": "Ana"}, "a"),
    ({"renewal_within_days": 0}, "a"), ({"renewal_within_days": 29}, "a"), ({"renewal_within_days": 30}, "ab"),
    ({"watermelons": True}, "a"), ({"q": "ETA"}, "ad"), ({"q": "c"}, "c"), ({"segment": "none such"}, ""),
])  # fmt: skip
def test_a_filter_selects_what_it_says(indexed: IndexedList, chosen: dict[str, Any], ids: str) -> None:
    positions = indexed.select(ListFilter(**chosen), ALL)
    assert "".join(indexed.records[n]["account_id"] for n in positions) == ids


@pytest.mark.parametrize(("sort", "order", "ids"), [
    ("name", "asc", "bdac"), ("name", "desc", "adbc"), ("health_score", "asc", "dabc"),
    ("term_ends_on", "desc", "badc"),
])  # fmt: skip
def test_empty_cells_come_last_in_both_orders_and_ties_keep_their_rank(
    indexed: IndexedList, sort: Any, order: Any, ids: str
) -> None:
    positions = indexed.ordered(ListOrder(sort=sort, order=order), ALL)
    assert "".join(indexed.records[n]["account_id"] for n in positions) == ids


def test_a_reader_who_is_confined_sees_no_other_csms_row(indexed: IndexedList) -> None:
    confined = Visibility(only="Ana", first="Ana")
    assert indexed.select(ListFilter(csm="Ben"), confined).tolist() == []
    assert indexed.row("b", confined) is None
    assert indexed.row("c", confined) is None
    assert (indexed.row("a", confined) or {})["name"] == "Zeta"
    assert indexed.row("nobody", ALL) is None


def test_the_accounts_within_the_capacity_are_those_that_the_list_says(indexed: IndexedList) -> None:
    assert len(indexed.select(ListFilter(within_capacity=True), ALL)) == 0  # a list of an older run does not tell
    flags = [True, None, *[False] * (len(indexed.frame) - 2)]
    made = IndexedList.of(indexed.frame.assign(within_capacity=flags), date(2026, 3, 2))
    assert list(made.select(ListFilter(within_capacity=True), ALL)) == [0]


def test_a_median_is_that_of_the_accounts_that_have_a_value(indexed: IndexedList) -> None:
    assert indexed.median("health_score") == 70
    assert indexed.median("renewal_probability") is None
