"""The forecasts of a week, looked up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from rind.serving.views.forecast import Forecasts

AS_OF = date(2026, 6, 29)


class OneWeek:
    as_of = AS_OF

    def __init__(self, frame: pd.DataFrame | None, record: Any = None, months: pd.DataFrame | None = None) -> None:
        self.frame, self.record, self.months = frame, record, months

    def table(self, name: str) -> pd.DataFrame | None:
        return self.frame if name == "forecast" else self.months

    def document(self, _: str) -> Any:
        return self.record


def known_of(frame: pd.DataFrame | None, record: Any = None, months: pd.DataFrame | None = None) -> Forecasts:
    week: Any = OneWeek(frame, record, months)
    return Forecasts(week)


def forecasts(*rows: tuple[date, date, str, str, float | None]) -> Forecasts:
    columns = ["made_on", "quarter", "segment", "csm", "arr_actual"]
    frame = pd.DataFrame(rows, columns=columns).assign(arr_expected=1.0)
    return known_of(frame)


Q1, Q2, Q3 = date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)


def test_today_s_forecasts_stand_apart_from_the_first_ones_of_past_quarters() -> None:
    known = forecasts(
        (AS_OF, Q3, "all", "all", None), (AS_OF, Q2, "all", "all", None), (date(2026, 3, 30), Q2, "all", "all", None),
        (date(2025, 12, 29), Q1, "all", "all", 5.0), (date(2026, 2, 2), Q1, "all", "all", 5.0),
    )  # fmt: skip
    assert [row["quarter"] for row in known.coming(("all", "all"))] == [Q2, Q3]
    assert [(row["quarter"], row["made_on"].month) for row in known.past(("all", "all"))] == [(Q1, 12), (Q2, 3)]
    assert known.past(("all", "all"))[1]["arr_actual"] is None


def test_a_quarter_is_told_by_segment_and_by_csm_and_to_one_csm_alone() -> None:
    keys = [("big", "all"), ("small", "all"), ("all", "Ann"), ("all", "Bo"), ("all", "")]
    known = forecasts(*((AS_OF, Q3, segment, csm, None) for segment, csm in keys))
    assert [row["segment"] for row in known.by(0, Q3)] == ["big", "small"]
    assert [row["csm"] for row in known.by(1, Q3)] == ["Ann", "Bo"]
    assert [row["csm"] for row in known.by(1, Q3, "Bo")] == ["Bo"]


def test_a_week_without_forecasts_has_none() -> None:
    for frame in (None, pd.DataFrame(), pd.DataFrame({"other": [1]})):
        empty = known_of(frame, [])
        assert (empty.coming(("all", "all")), empty.past(("all", "all")), empty.record) == ([], [], {})


def test_a_month_s_own_is_what_it_adds_to_the_month_before() -> None:
    rows = [
        {"made_on": day, "month": month, "segment": "all", "csm": "all", "arr_expected": 1.0, "arr_up_for_renewal": up,
         "arr_leaving": left}
        for day, month, up, left in ((AS_OF, Q3, 30.0, 3.0), (AS_OF, date(2026, 6, 1), 10.0, 2.0),
                                     (date(2026, 3, 30), date(2026, 4, 1), 99.0, 9.0))
    ]  # fmt: skip
    known = known_of(None, None, pd.DataFrame(rows))
    months = known.months(("all", "all"))
    assert [(row["month"].month, row["in_month"]["arr_up_for_renewal"]) for row in months] == [(6, 10), (7, 20)]
    assert [row["in_month"]["arr_leaving"] for row in months] == [2, 1]
    assert known.months(("all", "Mallory")) == []
