"""The quarters of the calendar."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rind.common.quarters import end_of, quarter_of


def test_quarters_begin_in_january_april_july_and_october() -> None:
    assert [quarter_of(date(2025, month, 15)).month for month in (1, 3, 4, 9, 12)] == [1, 1, 4, 7, 10]


def test_quarters_end_with_the_year() -> None:
    assert end_of(date(2026, 10, 1)) == date(2027, 1, 1)
    assert end_of(date(2026, 1, 1)) == date(2026, 4, 1)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_each_day_lies_in_its_quarter_and_a_quarter_ends_where_the_next_begins(day: date) -> None:
    first = quarter_of(day)
    assert first <= day < end_of(first) == quarter_of(end_of(first))
    assert quarter_of(end_of(first) - timedelta(days=1)) == first
