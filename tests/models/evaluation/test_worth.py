"""Orders of the list by hand: what each sorts by, whom a CSM has time for, and what it would have kept."""

from __future__ import annotations

import pandas as pd
import pytest

from rind.models.evaluation.settings import WorthSettings
from rind.models.evaluation.worth import ORDERS, expected_value, kept_by_order, order_keys, within_capacity

WORTH = WorthSettings(margin_share=0.8, success_share=0.25, kept_months=12, offer_cost=100.0)
DAY = pd.Timestamp("2024-06-03")


def test_the_expected_value_is_probability_times_money_kept_less_the_offer() -> None:
    value = expected_value(pd.Series([0.5, 0.5]), pd.Series([1000.0, None]), WORTH)
    assert value[0] == pytest.approx(0.5 * 1000 * 0.8 * 0.25 * 12 - 100)
    assert pd.isna(value[1])


def test_each_order_sorts_by_its_own_figure() -> None:
    keys = order_keys(pd.Series([0.9, 0.1]), pd.Series([10.0, 1000.0]), WORTH)
    assert set(keys) == set(ORDERS)
    assert {order: int(key.idxmax()) for order, key in keys.items()} == {
        "risk": 0, "mrr_at_risk": 1, "expected_value": 1,
    }  # fmt: skip


def test_each_csm_has_time_for_the_first_of_the_own_accounts_and_nobodys_are_one_pile() -> None:
    csm = pd.Series(["Ana", "Ben", "Ana", None, "Ana", None, None])
    assert within_capacity(csm, 2).tolist() == [True, True, True, True, False, True, False]


def past(**more: object) -> pd.DataFrame:
    """Two accounts of one CSM on one day: a likely small one that leaves, an unlikely large one that leaves too."""
    rows = {"account_id": ["a", "b"], "as_of": DAY, "churned": [1.0, 1.0], "churn_probability": [0.9, 0.5],
            "mrr": [10.0, 1000.0], "csm": "Ana"}  # fmt: skip
    return pd.DataFrame({**rows, **more})


def test_with_time_for_one_account_an_order_keeps_the_money_of_the_one_that_it_puts_first() -> None:
    kept = kept_by_order(past(), WORTH, 1, 50, 7)
    assert kept["risk"]["value"] == pytest.approx(10 * 2.4 - 100)
    assert kept["expected_value"]["value"] == pytest.approx(1000 * 2.4 - 100)
    assert kept["expected_value_minus_risk"]["value"] == pytest.approx(990 * 2.4)


def test_with_time_for_all_every_order_keeps_the_same() -> None:
    kept = kept_by_order(past(), WORTH, 2, 50, 7)
    assert len({figure["value"] for name, figure in kept.items() if name in ORDERS}) == 1
    assert kept["expected_value_minus_risk"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_accounts_that_stay_and_unknown_money_keep_nothing_and_the_offer_is_spent() -> None:
    kept = kept_by_order(past(churned=[0.0, 0.0], mrr=[None, 1000.0]), WORTH, 2, 50, 7)
    assert kept["risk"]["value"] == pytest.approx(-200)


def test_without_a_known_past_there_is_no_figure() -> None:
    assert kept_by_order(past().iloc[:0], WORTH, 1, 50, 7)["risk"] == {"value": None, "low": None, "high": None}
