from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rind.reports.usual import ALL, FEWEST_OF_SEGMENT, Usual, usual_values

USE, CHAMPION, CHANGE = "usage__active_days__28d", "contacts__has_champion__now", "usage__users_change__28d"
CATALOGUE: list[dict[str, Any]] = [
    {"name": USE, "unit": "count", "direction": -1},
    {"name": CHAMPION, "unit": "flag", "direction": -1},
    {"name": CHANGE, "unit": "balance", "direction": -1},
    {"name": "commercial__seats__now", "unit": "count", "direction": 0},
]


@pytest.fixture
def record() -> dict[str, dict[str, float]]:
    """Small business uses it on 4 days, three accounts of a rare segment on 20."""
    count = FEWEST_OF_SEGMENT
    values = pd.DataFrame(
        {USE: [4.0] * count + [20.0] * 3, CHAMPION: [1.0] * 8 + [0.0] * (count - 5), CHANGE: -0.2,
         "commercial__seats__now": 9.0}
    )  # fmt: skip
    segments = pd.Series(["small_business"] * count + ["rare"] * 3, values.index)
    return usual_values(pd.DataFrame(CATALOGUE), values, segments)


def test_medians_are_kept_by_segment_and_for_all_of_features_with_a_direction(
    record: dict[str, dict[str, float]],
) -> None:
    assert set(record) == {ALL, "small_business"}
    assert record["small_business"] == {USE: 4.0, CHAMPION: 0.8, CHANGE: -0.2}
    assert record[ALL][CHAMPION] == pytest.approx(8 / 13, rel=1e-5)


@pytest.mark.parametrize(
    ("feature", "value", "segment", "words"),
    [
        (USE, 1.0, "small_business", "4 is usual in small business"),
        (USE, 1.0, "rare", "4 is usual"),
        (USE, 1.0, None, "4 is usual"),
        (USE, 4.0, "small_business", ""),
        (USE, None, "small_business", ""),
        (USE, "many", "small_business", ""),
        (CHAMPION, 0.0, "small_business", "the same holds for 20 % of small business accounts"),
        (CHANGE, -0.5, "small_business", ""),  # it tells its own past
        ("usage__unknown__now", 1.0, "small_business", ""),
    ],
)
def test_what_is_usual_stands_beside_a_fact_in_words(
    record: dict[str, dict[str, float]], feature: str, value: Any, segment: str | None, words: str
) -> None:
    assert Usual(CATALOGUE, record).words(feature, value, segment) == words


def test_a_gap_is_positive_on_the_bad_side_and_nothing_where_nobody_knows(record: dict[str, dict[str, float]]) -> None:
    usual, segments = Usual(CATALOGUE, record), pd.Series(["small_business", "rare", None, None])
    assert usual.gaps(USE, pd.Series([1.0, 9.0, 9.0, "x"]), segments).tolist() == [3.0, -5.0, -5.0, 0.0]
    assert usual.gaps("commercial__seats__now", pd.Series([1.0] * 4), segments).tolist() == [0.0] * 4
    assert Usual(CATALOGUE, None).gaps(USE, pd.Series([1.0] * 4), segments).tolist() == [0.0] * 4
