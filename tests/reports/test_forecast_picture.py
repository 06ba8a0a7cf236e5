"""Quarters side by side."""

from __future__ import annotations

import re

from rind.reports.forecast_picture import quarters_picture, shares

ROW = {"arr": 100.0, "low": 90.0, "high": 98.0, "arr_expected": 94.0, "arr_naive": 92.0, "arr_actual": 95.0}
TICKS = {0.9: "90 %", 1.0: "100 %"}


def test_amounts_are_shares_of_what_was_there() -> None:
    assert shares(ROW) == {"low": 0.9, "high": 0.98, "arr_expected": 0.94, "arr_naive": 0.92, "arr_actual": 0.95}
    assert shares(ROW | {"arr_actual": None, "arr": 0.0}) == {}


def test_what_is_not_known_is_not_drawn() -> None:
    picture = quarters_picture([("Q1", ROW), ("Q2", ROW | {"arr_actual": None, "arr_naive": None})], "quarters", TICKS)
    assert [picture.count(f'class="{name}"') for name in ("range", "expected", "naive", "actual")] == [2, 2, 1, 1]


def test_more_lies_higher() -> None:
    picture = quarters_picture([("Q1", ROW)], "quarters", TICKS)
    expected = float(re.findall(r'class="expected"[^>]* y1="([\d.]+)"', picture)[0])
    actual = float(re.findall(r'class="actual"[^>]* cy="([\d.]+)"', picture)[0])
    assert actual < expected


def test_a_book_without_revenue_has_no_picture() -> None:
    assert quarters_picture([("Q1", ROW | {"arr": 0.0})], "quarters", TICKS) == ""
