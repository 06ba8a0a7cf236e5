"""What is at stake in a book of accounts, and what happened in it since the week before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Any

import pandas as pd

from rind.reports.ledger import EMPTY, NOT_BETTER, awake, by_kind, change_split, departures, of_book
from rind.reports.risk_list import Changes, changes
from rind.reports.summary import totals
from rind.reports.tables import records
from rind.serving.store.load_throttle import breathe
from rind.serving.store.protocols import Week
from rind.serving.views.filters import ListFilter
from rind.serving.views.risk_list import IndexedList, Positions
from rind.serving.views.visibility import Visibility

MOST_SHOWN = 5
WATCHED = 50
"""How long the top of the list is, where the run did not write ``risk.watch_top`` down."""
MOVES = ("new", "gone", "movers", "movers_by_money")


def ledger_of(week: Week) -> Mapping[str, Any]:
    """The week's ledger.json; `reports.ledger.EMPTY` stands in for a file, or a part of it, that is null or absent."""
    record = week.document("ledger")
    return {**EMPTY, **{name: value for name, value in (record or {}).items() if value is not None}}


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
        top = int(((run.get("parameters") or {}).get("risk") or {}).get("watch_top") or WATCHED)
        self.ledger = ledger_of(week)
        happened = departures(self.ledger)
        self.changes: Changes = changes(week.risk_list, self.listed, top, len(week.risk_list), happened)

    @cached_property
    def indexed(self) -> IndexedList | None:
        """The list before, to be filtered as today's is."""
        if self.listed is None or self.as_of is None:
            return None
        return IndexedList.of(self.listed.reset_index(drop=True), self.as_of)


@dataclass(frozen=True)
class BookSummary:
    """The sums and moves of one book: the accounts of a segment and a CSM.

    Parameters
    ----------
    totals, previous_totals
        Sums now and in the week before (None: there is no list before), as `reports.summary.totals`.
    moved
        Each of `MOVES` -> at most `MOST_SHOWN` rows.
    counts
        new, gone -> how many there are.
    first_run
        Whether there is no earlier list to compare with.
    top
        How many accounts count as the top of the list.
    since
        The date of the list before.
    ledger, save_or_close
        Of `reports.ledger.by_kind`, and the lines of the accounts that gave notice and are still there.
    split
        Of `reports.ledger.change_split`; empty where the sums are of other filters than segment and CSM.
    """

    totals: dict[str, float]
    previous_totals: dict[str, float] | None
    moved: dict[str, list[dict[str, Any]]]
    counts: dict[str, int]
    first_run: bool
    top: int
    since: date | None
    ledger: list[dict[str, Any]] = field(default_factory=list)
    save_or_close: list[dict[str, Any]] = field(default_factory=list)
    split: list[dict[str, Any]] = field(default_factory=list)

    def awake(self, snoozed: Collection[str]) -> BookSummary:
        """The same without the newly red accounts that are snoozed."""
        return replace(self, ledger=awake(self.ledger, snoozed)) if snoozed else self

    def own_change(self, name: str) -> float:
        """The change of a sum without the accounts that gave notice or left: their going makes nothing better."""
        return float(sum(part[name] for part in self.split if part["part"] not in NOT_BETTER))


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

    def filtered(self, chosen: ListFilter, visibility: Visibility, positions: Positions) -> BookSummary:
        """The summary of a page: what happened in the book, and the sums of the rows that pass all filters.

        The sums before are those of the accounts that passed the same filters then; there are none where only accounts
        that nobody has taken care of are chosen, since every week begins with all of them, or only those within the
        capacity, which the list before does not tell.

        Parameters
        ----------
        positions
            The rows of this week's list that pass.
        """
        summary = self.of(chosen.segment, visibility.only or chosen.csm)
        of_a_book = {"segment", "csm", "sort", "order", "page"}
        whole_book = not any(value for name, value in chosen.model_dump().items() if name not in of_a_book)
        if whole_book and not visibility.assigned:
            return summary
        before = None if chosen.not_worked or chosen.within_capacity else self._previous.indexed
        then = None if before is None else totals(before.frame.iloc[before.select(chosen, visibility)])
        now = totals(self._week.risk_list.iloc[positions])
        return replace(summary, totals=now, previous_totals=then, split=[])

    def _summary(self, segment: str | None, csm: str | None) -> BookSummary:
        previous, moved = self._previous.listed, self._previous.changes
        books = {name: book(getattr(moved, name), segment, csm) for name in MOVES}
        now = book(self._week.risk_list, segment, csm)
        before = None if previous is None else book(previous, segment, csm)
        mine = of_book(self._previous.ledger, segment, csm)
        return BookSummary(
            totals=totals(now),
            previous_totals=None if before is None else totals(before),
            moved={name: records(rows.head(MOST_SHOWN)) for name, rows in books.items()},
            counts={name: len(books[name]) for name in ("new", "gone")},
            first_run=moved.first_run,
            top=moved.top,
            since=self._previous.as_of,
            ledger=by_kind(mine),
            save_or_close=mine["save_or_close"],
            split=[] if before is None else change_split(now, before, mine),
        )


def book(listed: pd.DataFrame, segment: str | None = None, csm: str | None = None) -> pd.DataFrame:
    """The rows of a segment and a CSM; None: all."""
    for column, value in (("segment", segment), ("csm", csm)):
        if value is not None:
            listed = listed[listed[column] == value]
    return listed
