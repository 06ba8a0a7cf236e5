"""From which day to which a table reaches: what a stray date may not move."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validating import shipped

from rind.features.coverage import Coverage, coverage

STRAYS, SILENCE = shipped().strays, shipped().silence
DAILY = [(date(2024, 1, 1) + timedelta(days=n), 10) for n in range(365)]  # 3,650 rows to 2024-12-30
TODAY = date(2026, 1, 1)


def reach(*more: tuple[date, int], until: date = TODAY) -> tuple[date | None, date | None]:
    covered = coverage([*DAILY, *more], until, STRAYS)
    return covered.first, covered.last


@pytest.mark.parametrize(
    ("day", "rows", "begins"),
    [
        (date(2000, 1, 1), 1, False),
        (date(2000, 1, 1), 900, False),  # however many: this day stands for unknown
        (date(2003, 5, 17), 3, False),  # 3 of 3,653 rows are less than 0.1 %
        (date(2003, 5, 17), 4, True),  # 4 are more
        (date(2022, 1, 1), 1, False),  # 730 days before the rest
        (date(2022, 1, 2), 1, True),  # 729
    ],
)
def test_a_few_rows_years_before_the_rest_do_not_begin_a_table(day: date, rows: int, begins: bool) -> None:
    assert reach((day, rows)) == (day if begins else date(2024, 1, 1), date(2024, 12, 30))


@pytest.mark.parametrize(
    ("days_after", "rows", "ends"), [(27, 1, True), (28, 1, False), (28, 3, False), (28, 4, True), (300, 1, False)]
)
def test_a_few_rows_weeks_after_the_rest_do_not_end_it(days_after: int, rows: int, ends: bool) -> None:
    day = date(2024, 12, 30) + timedelta(days=days_after)
    assert reach((day, rows)) == (date(2024, 1, 1), day if ends else date(2024, 12, 30))


def test_days_after_today_are_plans() -> None:
    assert reach((date(2024, 12, 31), 10), until=date(2024, 12, 30)) == (date(2024, 1, 1), date(2024, 12, 30))


def test_of_two_rows_ten_years_apart_neither_is_a_stray() -> None:
    covered = coverage([(date(2010, 1, 1), 1), (date(2020, 1, 1), 1)], TODAY, STRAYS)
    assert (covered.first, covered.last, covered.longest_silence) == (date(2010, 1, 1), date(2020, 1, 1), None)


def test_a_table_without_rows_covers_nothing() -> None:
    assert coverage([], TODAY, STRAYS) == Coverage()


@pytest.mark.parametrize(("gap", "days_before_the_end", "silent"), [(1, 14, 0), (1, 15, 15), (30, 45, 0), (30, 46, 46)])
def test_a_feed_has_died_when_it_is_silent_for_longer_than_it_ever_was(
    gap: int, days_before_the_end: int, silent: int
) -> None:
    days = [(date(2024, 1, 1) + timedelta(days=gap * n), 5) for n in range(12)]
    covered = coverage(days, TODAY, STRAYS)
    assert covered.last is not None
    assert covered.silent_days(covered.last + timedelta(days=days_before_the_end), SILENCE) == silent


def test_a_table_with_few_days_has_no_rhythm_to_break() -> None:
    days = [(date(2024, 1, 1) + timedelta(days=n), 5) for n in range(9)]
    assert coverage(days, TODAY, STRAYS).silent_days(TODAY, SILENCE) == 0


@given(st.dictionaries(st.dates(date(1970, 1, 1), date(2025, 12, 31)), st.integers(1, 5000), min_size=1, max_size=40))
def test_a_coverage_lies_on_days_with_rows_and_leaves_few_of_them_out(rows: dict[date, int]) -> None:
    covered = coverage(rows.items(), TODAY, STRAYS)
    assert covered.first in rows
    assert covered.last in rows
    assert covered.first <= covered.last
    known = {day: n for day, n in rows.items() if day not in (date(1970, 1, 1), date(2000, 1, 1))}
    outside = sum(n for day, n in known.items() if not covered.first <= day <= covered.last)
    assert outside <= 2 * max(STRAYS.rows_share * sum(rows.values()), 1)
