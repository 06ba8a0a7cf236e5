"""The forecasts of one week, ready to be looked up by segment and CSM."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from rind.serving.store.protocols import Week
from rind.serving.views.documents import mapping_or_nothing
from rind.serving.views.week_cache import WeekCache

ALL = "all"
Row = dict[str, Any]
Key = tuple[str, str]


class Forecasts:
    """forecast.parquet of a week.

    Parameters
    ----------
    week
        Its scoring date tells today's forecasts from those of the past.
    """

    def __init__(self, week: Week) -> None:
        frame, record = week.table("forecast"), week.document("forecast_record")
        self.record = mapping_or_nothing(record)
        self._rows: dict[Key, list[Row]] = {}
        self._as_of = week.as_of
        if frame is None or frame.empty or "arr_expected" not in frame:
            return
        days = {name: pd.to_datetime(frame[name]).dt.date for name in ("made_on", "quarter")}
        for row in frame.assign(**days).sort_values(["quarter", "made_on"]).to_dict("records"):
            plain: Row = {str(k): None if isinstance(v, float) and pd.isna(v) else v for k, v in row.items()}
            self._rows.setdefault((plain["segment"], plain["csm"]), []).append(plain)

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

    def by(self, dimension: int, quarter: date, only: str = "") -> list[Row]:
        """Today's forecast of a quarter, segment by segment (0) or CSM by CSM (1); one CSM where others are hidden."""
        keys = [(name, ALL) if dimension == 0 else (ALL, name) for name in self.names(dimension)]
        if only and dimension == 1:
            keys = [(ALL, only)]
        return [row for key in keys for row in self.coming(key) if row["quarter"] == quarter]


_CACHE = WeekCache(Forecasts)


def forecasts_of(week: Week) -> Forecasts:
    """The forecasts of a week."""
    return _CACHE.of(week)
