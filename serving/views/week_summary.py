"""What is at stake in a book of accounts, and what moved in it since the week before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import pandas as pd

from rind.reports.risk_list import Changes, changes
from rind.reports.summary import totals
from rind.reports.tables import records
from rind.serving.store.load_throttle import breathe
from rind.serving.store.protocols import Week

MOST_SHOWN = 5
WATCHED = 50
"""How long the top of the list is, where the run did not write ``risk.watch_top`` down."""


class PreviousWeek:
    """The list of the week before, and what moved since.

    The lists are compared whole, and a reader is shown the own accounts of the result: an account that moved to another
    CSM counts for that CSM, and is not "gone" for the one who had it.
    """

    def __init__(self, week: Week) -> None:
        run, previous = week.document("run") or {}, week.table("previous_list")
        self.listed = None if previous is None or previous.empty else previous
        as_of = run.get("previous_as_of")
        self.as_of = None if self.listed is None or not as_of else date.fromisoformat(str(as_of))
        top = int((run.get("parameters") or {}).get("risk", {}).get("watch_top") or WATCHED)
        self.changes: Changes = changes(week.risk_list, self.listed, top, movers=len(week.risk_list))


@dataclass(frozen=True)
class BookSummary:
    """The sums and moves of one book: the accounts of a segment and a CSM.

    Parameters
    ----------
    totals, previous_totals
        Sums now and in the week before (None: there is no list before), as `reports.summary.totals`.
    moved
        new, gone, movers -> at most `MOST_SHOWN` rows each.
    counts
        new, gone -> how many there are.
    first_run
        Whether there is no earlier list to compare with.
    top
        How many accounts count as the top of the list.
    since
        The date of the list before.
    """

    totals: dict[str, float]
    previous_totals: dict[str, float] | None
    moved: dict[str, list[dict[str, Any]]]
    counts: dict[str, int]
    first_run: bool
    top: int
    since: date | None


class WeekSummary:
    """The summaries of a week, by segment and CSM; each is computed once."""

    def __init__(self, week: Week) -> None:
        self._week = week
        self._previous = PreviousWeek(week)
        self._summaries: dict[tuple[str | None, str | None], BookSummary] = {}
        self._lock = Lock()
        listed = week.risk_list
        self._segments = {None, *(str(name) for name in listed["segment"].dropna())}
        self._csms = {None, *(str(name) for name in listed["csm"].dropna())}
        for segment, csm in [*((name, None) for name in self._segments), *((None, name) for name in self._csms)]:
            self.of(segment, csm)
            breathe()

    @property
    def first_run(self) -> bool:
        """Whether there is no earlier list to compare with."""
        return self._previous.listed is None

    def of(self, segment: str | None, csm: str | None) -> BookSummary:
        """The summary of a segment and a CSM; None: all."""
        if segment not in self._segments or csm not in self._csms:  # any text can come in a query: such is not kept
            return self._summary(segment, csm)
        summary = self._summaries.get((segment, csm))
        if summary is None:
            with self._lock:
                summary = self._summaries.setdefault((segment, csm), self._summary(segment, csm))
        return summary

    def _summary(self, segment: str | None, csm: str | None) -> BookSummary:
        previous, moved = self._previous.listed, self._previous.changes
        books = {name: book(getattr(moved, name), segment, csm) for name in ("new", "gone", "movers")}
        return BookSummary(
            totals=totals(book(self._week.risk_list, segment, csm)),
            previous_totals=None if previous is None else totals(book(previous, segment, csm)),
            moved={name: records(rows.head(MOST_SHOWN)) for name, rows in books.items()},
            counts={name: len(books[name]) for name in ("new", "gone")},
            first_run=moved.first_run,
            top=moved.top,
            since=self._previous.as_of,
        )


def book(listed: pd.DataFrame, segment: str | None = None, csm: str | None = None) -> pd.DataFrame:
    """The rows of a segment and a CSM; None: all."""
    for column, value in (("segment", segment), ("csm", csm)):
        if value is not None:
            listed = listed[listed[column] == value]
    return listed
