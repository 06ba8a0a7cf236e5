"""Filters from a query string."""

from __future__ import annotations

import pytest

from rind.serving.problems import ProblemError
from rind.serving.views.filters import ListOrder, ListPage, parsed


def test_the_empty_fields_of_a_form_filter_nothing() -> None:
    query = {"segment": "", "csm": "all", "band": " ", "renewal_within_days": "", "order": "", "q": ""}
    assert parsed(ListPage, query) == ListPage()


@pytest.mark.parametrize(("sort", "order", "descending"), [
    ("rank", "", False), ("mrr", "", True), ("mrr", "asc", False), ("name", "desc", True),
])  # fmt: skip
def test_money_and_risk_come_largest_first_unless_asked_otherwise(sort: str, order: str, descending: bool) -> None:
    assert parsed(ListOrder, {"sort": sort, "order": order}).descending == descending


@pytest.mark.parametrize(
    ("order", "sort", "descending"), [("money", "mrr_at_risk", True), ("risk", "churn_probability", True)]
)
def test_an_order_by_money_or_risk_chooses_the_column_too(order: str, sort: str, descending: bool) -> None:
    chosen = parsed(ListOrder, {"order": order, "sort": "name"})
    assert (chosen.sort, chosen.descending) == (sort, descending)


@pytest.mark.parametrize("query", [{"page": "0"}, {"band": "pink"}, {"renewal_within_days": "-1"}, {"colour": "red"}])
def test_a_wrong_field_is_named(query: dict[str, str]) -> None:
    with pytest.raises(ProblemError) as raised:
        parsed(ListPage, query)
    assert raised.value.status == 422
    assert [error["where"] for error in raised.value.errors or []] == list(query)
