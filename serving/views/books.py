"""The books of the customer success managers: what each is worth, what renews when, and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from rind.common.bands import AMBER, RED
from rind.serving.feedback.book_state import BookFeedback
from rind.serving.views.risk_list import Row

AHEAD_DAYS = 180
SOON_DAYS = 90
MOST_OPEN = 15
MOST_OF_A_MONTH = 8
NOBODY = ""
"""The book of the accounts without a CSM."""


@dataclass(frozen=True)
class Month:
    """The renewals of a month.

    Parameters
    ----------
    first
        Its first day.
    rows
        At most `MOST_OF_A_MONTH` accounts, the most mrr at risk first; all of them count in ``accounts``, ``mrr`` and
        ``mrr_at_risk``.
    """

    first: date
    accounts: int
    mrr: float
    mrr_at_risk: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Book:
    """The accounts of one CSM on a list; money a month.

    Parameters
    ----------
    red, open
        Red accounts; red and amber ones that nobody has taken care of.
    renewing_mrr
        Of the terms that end within `SOON_DAYS`.
    """

    csm: str
    accounts: int
    mrr: float
    mrr_at_risk: float
    red: int
    open: int
    snoozed: int
    renewing_mrr: float


def book_of(csm: str, rows: Sequence[Row], as_of: date, feedback: BookFeedback) -> Book:
    """The sums over the rows of one CSM."""
    return Book(
        csm=csm,
        accounts=len(rows),
        mrr=_sum(rows, "mrr"),
        mrr_at_risk=_sum(rows, "mrr_at_risk"),
        red=sum(row["risk_band"] == RED for row in rows),
        open=len(open_rows(rows, feedback)),
        snoozed=sum(row["account_id"] in feedback.snoozed for row in rows),
        renewing_mrr=_sum([row for row in rows if 0 <= _days_left(row, as_of) <= SOON_DAYS], "mrr"),
    )


def books(rows: Sequence[Row], as_of: date, feedback: BookFeedback) -> list[Book]:
    """One book per CSM, the most money at risk first; accounts without a CSM are the book of `NOBODY`."""
    by_csm: dict[str, list[Row]] = {}
    for row in rows:
        by_csm.setdefault(str(row["csm"] or NOBODY), []).append(row)
    made = [book_of(csm, own, as_of, feedback) for csm, own in by_csm.items()]
    return sorted(made, key=lambda book: (-book.mrr_at_risk, book.csm))


def open_rows(rows: Sequence[Row], feedback: BookFeedback) -> list[Row]:
    """Red and amber accounts that nobody has taken care of on this list, in its order."""
    return [row for row in rows if row["risk_band"] in (RED, AMBER) and row["account_id"] not in feedback.worked]


def renewals(rows: Sequence[Row], as_of: date) -> list[Month]:
    """The terms that end within `AHEAD_DAYS` after the list, month by month."""
    months: dict[date, list[Row]] = {}
    for row in rows:
        if 0 <= _days_left(row, as_of) <= AHEAD_DAYS:
            months.setdefault(pd.Timestamp(row["term_ends_on"]).date().replace(day=1), []).append(row)
    return [_month(first, months[first]) for first in sorted(months)]


def _month(first: date, rows: list[Row]) -> Month:
    by_money = sorted(rows, key=lambda row: -(row["mrr_at_risk"] or 0.0))
    shown = tuple(by_money[:MOST_OF_A_MONTH])
    return Month(first, len(rows), _sum(rows, "mrr"), _sum(rows, "mrr_at_risk"), shown)


def _days_left(row: Row, as_of: date) -> float:
    ends = row["term_ends_on"]
    return float("inf") if ends is None or pd.isna(ends) else float((pd.Timestamp(ends).date() - as_of).days)


def _sum(rows: Sequence[Row], name: str) -> float:
    return float(sum(row[name] or 0.0 for row in rows))


def shares(months: Sequence[Month]) -> dict[date, Any]:
    """Each month's mrr as a share of the largest, for its bar; 0 where nothing renews."""
    largest = max((month.mrr for month in months), default=0.0)
    return {month.first: month.mrr / largest if largest else 0.0 for month in months}
