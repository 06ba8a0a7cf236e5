"""The numbers of customer success of one week, ready to be looked up by segment, CSM and plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from rind.reports.kpi_text import GROUPS, METRICS, Metric
from rind.serving.store.protocols import Week
from rind.serving.views.documents import mapping_or_nothing
from rind.serving.views.week_cache import WeekCache

ALL = "all"
YEAR = 12
SHOWN = 25
"""Months of a small picture: two years, and the month before them."""
OF_DEPARTURES = {metric.name for group in GROUPS if group.of_departures for metric in group.metrics}
"""The numbers that a departure moves: those of a young month are preliminary."""
MOVEMENTS = ("mrr_start", "mrr_new", "mrr_expansion", "mrr_reactivated", "mrr_contraction", "mrr_churned", "mrr_end")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Series:
    """One number through the months, None where it is not known.

    Parameters
    ----------
    latest
        That of the last month with a value; ``month`` is its first day.
    year_ago, mean
        That of the same month a year before, and the mean of the twelve months before the latest one.
    """

    metric: Metric
    values: tuple[float | None, ...]
    month: date
    latest: float
    year_ago: float | None
    mean: float | None
    is_partial: bool


class Numbers:
    """kpis.parquet of a week."""

    def __init__(self, week: Week) -> None:
        frame, notes = week.table("kpis"), week.document("kpi_notes")
        self.notes = mapping_or_nothing(notes)
        self.months: list[date] = []
        self._values: dict[Key, dict[str, dict[date, float]]] = {}
        if frame is None or frame.empty or "metric" not in frame:
            return
        months = pd.to_datetime(frame["month"]).dt.date
        self.months = sorted(set(months))
        rows = zip(frame["segment"], frame["csm"], frame["plan"], frame["metric"], months, frame["value"], strict=True)
        for segment, csm, plan, metric, month, value in rows:
            self._values.setdefault((segment, csm, plan), {}).setdefault(metric, {})[month] = value

    def names(self, dimension: int) -> list[str]:
        """The segments (0), CSMs (1) or plans (2) that have numbers, "" for accounts without one left out."""
        return sorted({key[dimension] for key in self._values} - {ALL, ""})

    def has(self, key: Key) -> bool:
        return key in self._values

    def groups(self, key: Key) -> list[tuple[str, list[Series]]]:
        """Title of a group -> its numbers that are known of these accounts."""
        made = [(group.title, [self._series(key, metric) for metric in group.metrics]) for group in GROUPS]
        known = [(title, [series for series in listed if series is not None]) for title, listed in made]
        return [(title, listed) for title, listed in known if listed]

    def series(self, key: Key, metric: str) -> Series | None:
        """One number; None where nothing is known of it."""
        return self._series(key, METRICS[metric])

    def _series(self, key: Key, metric: Metric) -> Series | None:
        known = self._values.get(key, {}).get(metric.name, {})
        months = [month for month in self.months if month in known]
        if not months:
            return None
        last = months[-1]
        place = self.months.index(last)
        before = [known[month] for month in self.months[max(place - YEAR, 0) : place] if month in known]
        return Series(
            metric,
            tuple(known.get(month) for month in self.months[-SHOWN:]),
            last,
            known[last],
            known.get(last.replace(year=last.year - 1)),
            sum(before) / len(before) if len(before) >= YEAR // 2 else None,
            self.is_partial(last) and metric.name in OF_DEPARTURES,
        )

    def is_partial(self, month: date) -> bool:
        """Whether departures of this month may still be taken back."""
        begin = self.notes.get("partial_from")
        return bool(begin) and str(month) >= str(begin)

    def movements(self, key: Key, count: int) -> list[tuple[date, dict[str, float]]]:
        """The last months, the newest first: revenue a month by movement; those without any are left out."""
        known = self._values.get(key, {})
        rows = [(month, {name: known.get(name, {}).get(month, 0.0) for name in MOVEMENTS}) for month in self.months]
        return [(month, row) for month, row in rows if any(row.values())][::-1][:count]

    def churn_by_csm(self, only: str = "") -> list[dict[str, Any]]:
        """Each CSM's churn beside the expectation, by name; of one CSM where others may not be seen."""
        rows: Sequence[dict[str, Any]] = self.notes.get("churn_by_csm") or ()
        return [row for row in rows if not only or row.get("csm") == only]


_CACHE = WeekCache(Numbers)


def numbers_of(week: Week) -> Numbers:
    """The numbers of a week."""
    return _CACHE.of(week)
