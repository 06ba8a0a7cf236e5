"""What is at stake in a book of accounts and what moved in it since the week before; made once a week and book."""

from __future__ import annotations

from datetime import date
from threading import Lock
from typing import Any

import pandas as pd

from rind.reports.risk_list import Changes, changes
from rind.reports.summary import totals
from rind.reports.tables import records
from rind.serving.store.load_throttle import breathe
from rind.serving.store.protocols import Week

FEW = 5
TOP = 50


class Before:
    """The week before, and what moved since.

    The lists are compared whole, and a reader is shown those of the own accounts: an account that another CSM has now
    is with that CSM's, and no "gone" account of the one who had it.
    """

    def __init__(self, week: Week) -> None:
        run, listed = week.document("run") or {}, week.table("previous_list")
        self.listed = None if listed is None or listed.empty else listed
        said = run.get("previous_as_of")
        self.since = None if self.listed is None or not said else date.fromisoformat(str(said))
        top = int((run.get("parameters") or {}).get("risk", {}).get("watch_top") or TOP)
        self.moved: Changes = changes(week.risk_list, self.listed, top, movers=len(week.risk_list))


class Stakes:
    """The sums and moves of a week, by segment and CSM."""

    def __init__(self, week: Week) -> None:
        self._week = week
        self._before = Before(week)
        self._made: dict[tuple[str | None, str | None], dict[str, Any]] = {}
        self._lock = Lock()
        listed = week.risk_list
        self._segments = {None, *(str(name) for name in listed["segment"].dropna())}
        self._csms = {None, *(str(name) for name in listed["csm"].dropna())}
        for segment, csm in [*((name, None) for name in self._segments), *((None, name) for name in self._csms)]:
            self.of(segment, csm)
            breathe()

    @property
    def first(self) -> bool:
        """Whether there is no earlier list to compare with."""
        return self._before.listed is None

    def of(self, segment: str | None, csm: str | None) -> dict[str, Any]:
        """Sums over the accounts of a segment and a CSM (None: all), those of the week before, and what moved."""
        if segment not in self._segments or csm not in self._csms:  # anybody can ask for anything: not kept
            return self._make(segment, csm)
        found = self._made.get((segment, csm))
        if found is None:
            with self._lock:
                found = self._made.setdefault((segment, csm), self._make(segment, csm))
        return found

    def _make(self, segment: str | None, csm: str | None) -> dict[str, Any]:
        was, moved = self._before.listed, self._before.moved
        mine = {name: book(getattr(moved, name), segment, csm) for name in ("new", "gone", "movers")}
        return {
            "totals": totals(book(self._week.risk_list, segment, csm)),
            "was": None if was is None else totals(book(was, segment, csm)),
            "moved": {name: records(rows.head(FEW)) for name, rows in mine.items()},
            "counts": {name: len(mine[name]) for name in ("new", "gone")},
            "first_run": moved.first_run,
            "top": moved.top,
            "since": self._before.since,
        }


def book(listed: pd.DataFrame, segment: str | None = None, csm: str | None = None) -> pd.DataFrame:
    """The rows of a segment and a CSM; None: all."""
    for column, wanted in (("segment", segment), ("csm", csm)):
        if wanted is not None:
            listed = listed[listed[column] == wanted]
    return listed
