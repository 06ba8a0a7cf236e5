from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rind.demo.clock import FAR, add_months, make_clock, to_dates, working_share


@pytest.mark.parametrize("end", [date(2026, 6, 28), date(2026, 6, 29), date(2026, 7, 1)])
def test_the_weeks_begin_on_mondays_and_the_last_one_holds_the_data_end(end: date) -> None:
    clock = make_clock(end, years=2.0)
    assert {date.fromordinal(date(1970, 1, 1).toordinal() + int(day)).weekday() for day in clock.mondays} == {0}
    assert clock.mondays[-1] <= clock.end < clock.mondays[-1] + 7
    assert clock.week_of(np.array([clock.start, clock.start + 6, clock.start + 7])).tolist() == [0, 0, 1]


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]").astype(np.int64)


def test_months_are_added_across_the_end_of_a_year_on_the_same_day() -> None:
    assert add_months(days("2025-11-28", "2024-01-15"), 3).tolist() == days("2026-02-28", "2024-04-15").tolist()


def test_a_day_that_never_comes_is_no_date() -> None:
    dates = to_dates(np.array([0, FAR]))
    assert str(dates[0])[:10] == "1970-01-01"
    assert np.isnat(dates[1])


def test_less_is_done_on_weekends_holidays_and_in_august() -> None:
    monday, saturday, august, christmas = working_share(days("2025-06-02", "2025-06-07", "2025-08-04", "2025-12-25"))
    assert monday == 1.0
    assert max(saturday, christmas) < 0.15
    assert august == pytest.approx(0.8)
