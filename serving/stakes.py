"""What is at stake in a book of accounts and what moved in it since the week before; made once a week and book."""

from __future__ import annotations

from threading import Lock
from typing import Any

import pandas as pd

from reports.risk_list import changes
from reports.summary import totals
from serving.lists import records
from serving.pace import breathe
from serving.store import Week

FEW = 5
TOP = 50


class Stakes:
    """The sums and moves of a week, by segment and CSM."""

    def __init__(self, week: Week) -> None:
        self._week = week
        run = week.document("run") or {}
        self._watched = int((run.get("parameters") or {}).get("risk", {}).get("watch_top", TOP))
        self._since = run.get("previous_as_of")
        before = week.table("previous_list")
        self._before = None if before is None or before.empty else before
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
        return self._before is None

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
        frame = _book(self._week.risk_list, segment, csm)
        before = None if self._before is None else _book(self._before, segment, csm)
        moved = changes(frame, before, self._watched, movers=FEW)
        return {
            "totals": totals(frame),
            "was": None if before is None else totals(before),
            "moved": {name: records(getattr(moved, name).head(FEW)) for name in ("new", "gone", "movers")},
            "counts": {name: len(getattr(moved, name)) for name in ("new", "gone")},
            "first_run": moved.first_run,
            "top": moved.top,
            "since": self._since,
        }


def _book(listed: pd.DataFrame, segment: str | None, csm: str | None) -> pd.DataFrame:
    for column, wanted in (("segment", segment), ("csm", csm)):
        if wanted is not None:
            listed = listed[listed[column] == wanted]
    return listed
