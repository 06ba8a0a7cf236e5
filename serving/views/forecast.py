"""The forecasts of one week, ready to be looked up by segment and CSM."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from rind.serving.store.protocols import Week
from rind.serving.views.documents import mapping_or_nothing
from rind.serving.views.week_cache import WeekCache

ALL = "all"
IN_MONTH = ("arr_up_for_renewal", "arr_leaving", "arr_contraction", "arr_expansion")
"""What is counted from the day of the forecast on, so that a month's own is what it adds to the month before."""

Row = dict[str, Any]
Key = tuple[str, str]


class Forecasts:
    """forecast.parquet and forecast_months.parquet of a week.

    Parameters
    ----------
    week
        Its scoring date tells today's forecasts from those of the past.
    """

    def __init__(self, week: Week) -> None:
        self.record = mapping_or_nothing(week.document("forecast_record"))
        self._as_of = week.as_of
        self._rows = _by_key(week.table("forecast"), "quarter")
        self._months = _by_key(week.table("forecast_months"), "month")

    def names(self, dimension: int) -> list[str]:
        """The segments (0) or CSMs (1) that have a forecast."""
        return sorted({key[dimension] for key in self._rows} - {ALL, ""})

    def coming(self, key: Key) -> list[Row]:
        """Today's forecasts, the nearest quarter first."""
        return [row for row in self._rows.get(key, []) if row["made_on"] == self._as_of]

    def past(self, key: Key) -> list[Row]:
        """The first forecast of each quarter that has begun, the oldest first; arr_actual is None until it is known."""
        rows = [row for row in self._rows.get(key, []) if row["made_on"] != self._as_of]
        return list({row["quarter"]: row for row in rows[::-1]}.values())[::-1]

    def months(self, key: Key) -> list[Row]:
        """Today's forecasts of months, the nearest first; ``in_month``: of what is counted, what falls in the month."""
        rows = [row for row in self._months.get(key, []) if row["made_on"] == self._as_of]
        before: Row = {}
        months = []
        for row in rows:
            own = {name: (row.get(name) or 0.0) - (before.get(name) or 0.0) for name in IN_MONTH}
            months.append({**row, "in_month": own})
            before = row
        return months

    def by(self, dimension: int, quarter: date, only: str = "") -> list[Row]:
        """Today's forecast of a quarter, segment by segment (0) or CSM by CSM (1); one CSM where others are hidden."""
        keys = [(name, ALL) if dimension == 0 else (ALL, name) for name in self.names(dimension)]
        if only and dimension == 1:
            keys = [(ALL, only)]
        return [row for key in keys for row in self.coming(key) if row["quarter"] == quarter]


def _by_key(frame: pd.DataFrame | None, period: str) -> dict[Key, list[Row]]:
    """The rows of each segment and CSM in order of the period; what is not known is None."""
    rows: dict[Key, list[Row]] = {}
    if frame is None or frame.empty or "arr_expected" not in frame:
        return rows
    days = {name: pd.to_datetime(frame[name]).dt.date for name in ("made_on", period)}
    for row in frame.assign(**days).sort_values([period, "made_on"]).to_dict("records"):
        plain: Row = {str(k): None if isinstance(v, float) and pd.isna(v) else v for k, v in row.items()}
        rows.setdefault((plain["segment"], plain["csm"]), []).append(plain)
    return rows


_CACHE = WeekCache(Forecasts)


def forecasts_of(week: Week) -> Forecasts:
    """The forecasts of a week."""
    return _CACHE.of(week)
