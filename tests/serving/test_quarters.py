"""The quarters that readers look at and commit to."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rind.common.quarters import end_of, quarter_of
from rind.serving.quarters import quarter_in_view, quarter_name, quarters_ahead

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def test_a_quarter_is_named_by_its_number_and_year() -> None:
    assert quarter_name(date(2026, 10, 1)) == "Q4 2026"


@given(day=DAYS)
def test_each_day_lies_in_the_first_of_the_quarters_ahead(day: date) -> None:
    first, second, *later = quarters_ahead(day)
    assert first == quarter_of(day) <= day < end_of(first) == second
    assert len(later) == 2
    assert quarter_in_view(day) in (first, second)


def test_in_its_last_days_a_quarter_makes_room_for_the_next_one() -> None:
    first, second = date(2026, 4, 1), date(2026, 7, 1)
    assert quarter_in_view(second - timedelta(days=30)) == first
    assert quarter_in_view(second - timedelta(days=29)) == second
