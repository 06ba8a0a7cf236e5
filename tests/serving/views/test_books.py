"""The books of the customer success managers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from rind.serving.feedback.book_state import BookFeedback
from rind.serving.feedback.hit_rate import HitRate
from rind.serving.views.books import Month, book_of, books, open_rows, renewals, shares

AS_OF = date(2026, 6, 29)
ANSWERS = BookFeedback(AS_OF, 1, {}, frozenset({"A2"}), {}, HitRate())


def row(
    account: str, band: str = "red", days: int | None = 10, mrr: float | None = 100.0, csm: str | None = "Ana"
) -> Any:
    ends = None if days is None else pd.Timestamp(AS_OF + timedelta(days=days))
    at_risk = None if mrr is None else mrr / 2
    return {
        "account_id": account,
        "risk_band": band,
        "term_ends_on": ends,
        "mrr": mrr,
        "mrr_at_risk": at_risk,
        "csm": csm,
    }


def test_open_is_red_or_amber_and_not_worked() -> None:
    rows = [row("A1"), row("A2"), row("A3", "amber"), row("A4", "green")]
    assert [one["account_id"] for one in open_rows(rows, ANSWERS)] == ["A1", "A3"]


def test_a_book_sums_what_is_known() -> None:
    book = book_of(
        "Ana", [row("A1"), row("A2", mrr=None, days=None), row("A3", "green", 90), row("A4", days=91)], AS_OF, ANSWERS
    )
    assert (book.accounts, book.mrr, book.mrr_at_risk, book.red, book.open) == (4, 300.0, 150.0, 3, 2)
    assert book.renewing_mrr == 200.0


def test_the_book_with_the_most_at_risk_comes_first_and_nobody_has_one_too() -> None:
    listed = books([row("A1", csm=None), row("A2"), row("A3", csm="Ben", mrr=900.0)], AS_OF, ANSWERS)
    assert [book.csm for book in listed] == ["Ben", "", "Ana"]


@pytest.mark.parametrize(("days", "there"), [(-1, False), (0, True), (180, True), (181, False), (None, False)])
def test_renewals_are_those_of_the_next_180_days(days: int | None, there: bool) -> None:
    assert bool(renewals([row("A1", days=days)], AS_OF)) is there


def test_months_come_in_order_and_their_accounts_by_money_at_risk() -> None:
    months = renewals([row("A1", days=40), row("A2", days=3), row("A3", days=4, mrr=500.0)], AS_OF)
    assert [month.first for month in months] == [date(2026, 7, 1), date(2026, 8, 1)]
    assert [one["account_id"] for one in months[0].rows] == ["A3", "A2"]
    assert shares(months) == {date(2026, 7, 1): 1.0, date(2026, 8, 1): pytest.approx(100 / 600)}
    assert shares([Month(AS_OF, 0, 0.0, 0.0, ())]) == {AS_OF: 0.0}
