"""The interval of one account's probability."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.churn.settings import HorizonSettings
from rind.models.churn.uncertainty import AGE, little_known, may_decide, probability_interval
from rind.models.common.calendar import TERM_END

SETTINGS = HorizonSettings(
    fewest_churned=20,
    unseen_sd=0.6,
    learning_sd=8.0,
    decision_sd=0.5,
    little_known_sd=1.0,
    young_days=30,
    empty_share=0.4,
)


def ends(probability: float, little: bool, churned: int, deciding: bool = False) -> tuple[float, float]:
    low, high = probability_interval(
        pd.Series([probability]), pd.Series([little]), pd.Series([deciding]), churned, SETTINGS
    )
    return float(low[0]), float(high[0])


def width(probability: float, little: bool, churned: int, deciding: bool = False) -> float:
    low, high = ends(probability, little, churned, deciding)
    assert low < probability < high
    return high - low


def test_the_interval_by_hand() -> None:
    """sqrt(.6^2 + 8^2 / 100) = 1; 1.645 deviations from log-odds 0 are .162 and .838."""
    assert ends(0.5, False, 100) == pytest.approx((0.1618, 0.8382), abs=1e-4)


def test_fewer_departures_or_little_knowledge_or_a_decision_to_come_make_it_wider() -> None:
    assert width(0.2, False, 20) > width(0.2, False, 300)
    assert width(0.2, True, 300) > width(0.2, False, 300)
    assert width(0.2, False, 300, deciding=True) > width(0.2, False, 300)


def test_an_account_may_decide_unless_its_term_is_known_to_end_later() -> None:
    assert may_decide(pd.DataFrame({TERM_END: [1.0, 0.0, np.nan]})).tolist() == [True, False, True]
    assert may_decide(pd.DataFrame({"usage__a__now": [1.0]})).tolist() == [True]


@pytest.mark.parametrize("probability", [0.0, 1.0, 1e-9])
def test_it_stays_within_0_and_1(probability: float) -> None:
    low, high = ends(probability, False, 0)
    assert 0 <= low <= high <= 1


def test_little_is_known_of_the_young_and_the_empty() -> None:
    features = pd.DataFrame(
        {AGE: [29.0, 30.0, 300.0, np.nan], "usage__a__now": [1.0, 1.0, np.nan, 1.0], "usage__b__now": [1.0] * 4}
    )
    assert little_known(features, SETTINGS).tolist() == [True, False, False, False]
    features["usage__b__now"] = np.nan
    assert little_known(features, SETTINGS).tolist() == [True, False, True, True]
