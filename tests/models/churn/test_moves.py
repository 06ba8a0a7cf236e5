from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rind.models.churn.moves import points_moved

MARGINS = st.floats(-6, 6)


def explained(*margins: tuple[float, float], names: str = "ab") -> pd.DataFrame:
    """Two features whose values are the two parts of the margin."""
    rows = pd.DataFrame(
        margins, columns=["usage__events__28d", "tickets__open__now"], index=list(names)[: len(margins)]
    )
    margin = rows.sum(axis=1)
    return rows.assign(margin=margin, churn_probability=1 / (1 + np.exp(-margin)))


def test_a_feature_that_alone_moved_has_all_the_points() -> None:
    moved = points_moved(explained((1.0, 0.0)), explained((0.0, 0.0)))
    assert moved.loc["a"].tolist() == [pytest.approx(100 * (1 / (1 + np.e**-1) - 0.5)), 0.0]


def test_an_account_that_was_not_scored_before_has_no_points() -> None:
    moved = points_moved(explained((1.0, 0.0), (2.0, 0.0)), explained((0.5, 0.0)))
    assert moved.loc["b"].isna().all()
    assert moved.loc["a"].notna().all()


def test_two_moves_that_cancel_are_both_told() -> None:
    moved = points_moved(explained((1.0, -1.0)), explained((0.0, 0.0)))
    assert moved.loc["a"].tolist() == [pytest.approx(25.0), pytest.approx(-25.0)]


@given(MARGINS, MARGINS, MARGINS, MARGINS)
def test_the_points_sum_to_the_move(a: float, b: float, c: float, d: float) -> None:
    now, before = explained((a, b)), explained((c, d))
    move = 100 * (now["churn_probability"] - before["churn_probability"])
    assert points_moved(now, before).sum(axis=1)["a"] == pytest.approx(move["a"], abs=1e-6)
