"""What CSMs commit to, as the pages show it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from rind.common.facts.commitments import Category
from rind.serving.feedback.acts import Act
from rind.serving.feedback.book_state import BookFeedback
from rind.serving.feedback.hit_rate import HitRate
from rind.serving.views.commitments import committed_accounts, committed_sums, record_of

WEEK, QUARTER = date(2026, 6, 29), date(2026, 7, 1)


def row(account: str, ends: str | None = "2026-09-30", mrr: float | None = 100.0) -> dict[str, Any]:
    ends_on = None if ends is None else pd.Timestamp(ends)
    return {"account_id": account, "term_ends_on": ends_on, "mrr": mrr, "mrr_at_risk": mrr and mrr / 4}


def answers(quarter: date = QUARTER, **categories: Category) -> BookFeedback:
    committed = {
        account: {quarter: Act("ana", account, WEEK, "commitment", category=category, quarter=quarter)}
        for account, category in categories.items()
    }
    return BookFeedback(WEEK, 1, {}, frozenset(), {}, HitRate(), committed)


def test_each_account_stands_in_one_category_or_among_those_without_a_commitment() -> None:
    rows = [row("A1"), row("A2", mrr=None), row("A3"), row("A4", "2026-10-01"), row("A5", None)]
    sums = committed_sums(rows, QUARTER, answers(A1="commit", A2="at_risk"))
    assert [(one.accounts, one.mrr, one.mrr_at_risk) for one in sums] == [
        (1, 100.0, 25.0), (0, 0.0, 0.0), (1, 0.0, 0.0), (1, 100.0, 25.0), (2, 200.0, 50.0)
    ]  # fmt: skip
    assert [one.title for one in sums][3:] == [
        "No commitment, renews by the end of the quarter", "No commitment, renews later"
    ]  # fmt: skip


def test_a_commitment_for_another_quarter_or_of_an_account_that_is_not_shown_is_none() -> None:
    assert committed_sums([row("A1")], QUARTER, answers(date(2026, 10, 1), A1="commit")) == []
    assert committed_sums([row("A1")], QUARTER, answers(A9="commit")) == []
    assert committed_sums([], QUARTER, answers(A9="commit")) == []


def test_those_at_risk_come_first_and_then_the_largest() -> None:
    rows = [row("A1", mrr=10.0), row("A2", mrr=20.0), row("A3", mrr=None), row("A4")]
    listed = committed_accounts(rows, QUARTER, answers(A1="commit", A2="commit", A3="at_risk"))
    assert [one.row["account_id"] for one in listed] == ["A3", "A2", "A1"]


def test_the_record_is_that_of_the_csm_whatever_a_run_has_left_of_it() -> None:
    whole = {"quarter": "2026-01-01", "csm": "all", "category": "commit"}
    document = {"commitments": [whole, whole | {"csm": "Ana"}, {"csm": "all"}, {"csm": "all", "quarter": None}]}
    (one,) = record_of(document, "all")
    assert (one["quarter"], one["title"]) == (date(2026, 1, 1), "Commit")
    assert record_of(None, "all") == record_of({"commitments": None}, "all") == record_of({}, "Ben") == []
