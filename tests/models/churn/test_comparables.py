from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from rind.models.churn.comparables import SEGMENT, apart
from rind.models.common.calendar import DAYS_TO_TERM_END, TERM_DAYS


def rows(segments: str, days_left: list[float]) -> pd.DataFrame:
    columns = {"as_of": "2026-06-01", SEGMENT: list(segments), DAYS_TO_TERM_END: days_left, TERM_DAYS: 365.0}
    return pd.DataFrame(columns)


def contributions(values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"usage__events__28d": values, "tickets__open__now": np.negative(values)})


def test_an_account_is_compared_with_those_of_its_calendar_and_segment() -> None:
    parts = apart(contributions([1, 3, 10, 20]), rows("aabb", [10, 20, 10, 20]), fewest=2)
    assert parts["usage__events__28d"].tolist() == [-1, 1, -5, 5]


def test_where_too_few_are_of_its_segment_all_of_its_calendar_are_compared_with() -> None:
    parts = apart(contributions([1, 3, 8]), rows("aab", [10, 20, 30]), fewest=2)
    assert parts["usage__events__28d"].tolist() == [-1, 1, 4]  # of b: 8 - (1 + 3 + 8) / 3


def test_a_month_to_the_end_of_the_term_and_a_day_more_are_not_comparable() -> None:
    parts = apart(contributions([1, 3, 10, 20]), rows("aaaa", [30, 29, 31, 32]), fewest=2)
    assert parts["usage__events__28d"].tolist() == [-1, 1, -5, 5]


def test_without_segment_and_calendar_all_of_the_date_are_comparable() -> None:
    bare = pd.DataFrame({"as_of": ["2026-06-01", "2026-06-01", "2026-06-08"]})
    assert apart(contributions([1, 3, 9]), bare, fewest=20)["usage__events__28d"].tolist() == [-1, 1, 0]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([5.0, 70.0, np.nan]), st.floats(-3, 3)), min_size=1))
def test_what_all_comparable_accounts_share_sets_nobody_apart(drawn: list[tuple[str, float, float]]) -> None:
    segments, days, values = zip(*drawn, strict=True)
    frame, given_values = rows("".join(segments), list(days)), contributions(list(values))
    shared = given_values + 7.0
    assert np.allclose(apart(given_values, frame, 3), apart(shared, frame, 3))
