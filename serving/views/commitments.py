"""What CSMs commit to for a quarter, category by category, and the record of past commitments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from rind.common.facts.commitments import CATEGORIES
from rind.common.quarters import end_of
from rind.reports.commitment_text import TITLES
from rind.serving.feedback.acts import Act
from rind.serving.feedback.book_state import BookFeedback
from rind.serving.views.documents import listed_objects
from rind.serving.views.risk_list import Row

MOST_SHOWN = 15
OPEN_TITLES = {True: "No commitment, renews by the end of the quarter", False: "No commitment, renews later"}


class CommittedSum(NamedTuple):
    """The accounts of one category; money a month."""

    title: str
    accounts: int
    mrr: float
    mrr_at_risk: float


class CommittedAccount(NamedTuple):
    """An account of the list with the commitment for it."""

    row: Row
    act: Act
    title: str


def committed_sums(rows: Sequence[Row], quarter: date, feedback: BookFeedback) -> list[CommittedSum]:
    """Each category, and the accounts without a commitment; none where nobody committed to anything for the quarter."""
    acts = [(row, _commitment(row, quarter, feedback)) for row in rows]
    if not any(act for _, act in acts):
        return []
    sums = [
        _sum(TITLES[category], [row for row, act in acts if act is not None and act.category == category])
        for category in CATEGORIES
    ]
    others = [row for row, act in acts if act is None]
    return sums + [
        _sum(title, [row for row in others if _ends_before(row, end_of(quarter)) is renews])
        for renews, title in OPEN_TITLES.items()
    ]


def committed_accounts(rows: Sequence[Row], quarter: date, feedback: BookFeedback) -> list[CommittedAccount]:
    """The accounts with a commitment for the quarter: those at risk first, then by what they pay."""
    acts = [(row, _commitment(row, quarter, feedback)) for row in sorted(rows, key=lambda row: -(row["mrr"] or 0.0))]
    return [
        CommittedAccount(row, act, TITLES[category])
        for category in reversed(CATEGORIES)
        for row, act in acts
        if act is not None and act.category == category
    ]


def record_of(document: Mapping[str, Any] | None, csm: str) -> list[dict[str, Any]]:
    """The past commitments of a CSM, or of ``all``, from forecast_record.json: the latest quarter first."""
    own = [record for record in listed_objects(document, "commitments") if record.get("csm") == csm]
    return [
        record | {"title": TITLES.get(str(record.get("category")), ""), "quarter": date.fromisoformat(day)}
        for record in own
        if (day := record.get("quarter"))
    ]


def _commitment(row: Row, quarter: date, feedback: BookFeedback) -> Act | None:
    return feedback.committed.get(row["account_id"], {}).get(quarter)


def _ends_before(row: Row, day: date) -> bool:
    ends = row["term_ends_on"]
    return False if ends is None or pd.isna(ends) else bool(pd.Timestamp(ends).date() < day)


def _sum(title: str, rows: Sequence[Row]) -> CommittedSum:
    mrr, at_risk = (float(sum(row[name] or 0.0 for row in rows)) for name in ("mrr", "mrr_at_risk"))
    return CommittedSum(title, len(rows), mrr, at_risk)
