"""The lifetime value of a customer."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import quarter_books

from rind.models.book.lifetime import discounted_months, lifetime_values, survival, value_against_cost

SETTINGS = quarter_books.SETTINGS.model_copy(update={"lifetime_months": 3})
MONTHS = [date(2025, n, 1) for n in range(1, 13)]


def test_a_month_of_life_is_survived_by_those_that_did_not_leave_in_it() -> None:
    shares = survival(np.array([10.0, 8.0]), np.array([2.0, 4.0]), 3)
    assert shares == pytest.approx([1, 0.8, 0.4])


def test_an_age_that_nobody_reached_gets_the_rate_of_all() -> None:
    assert survival(np.array([10.0]), np.array([1.0]), 4) == pytest.approx([1, 0.9, 0.81, 0.729])
    assert survival(np.array([0.0]), np.array([0.0]), 2) == pytest.approx([1, 1])


def test_the_survival_is_that_of_kaplan_and_meier() -> None:
    from lifelines import KaplanMeierFitter

    rng = np.random.default_rng(3)
    lived, left = rng.integers(1, 9, 300), rng.random(300) < 0.6
    at_risk = np.array([(lived > age).sum() for age in range(9)], dtype="float64")
    churned = np.array([((lived == age + 1) & left).sum() for age in range(9)], dtype="float64")
    fitted = KaplanMeierFitter().fit(lived, left).predict(range(8))
    assert survival(at_risk, churned, 8) == pytest.approx(fitted.to_numpy())


def test_money_of_a_year_later_is_worth_less() -> None:
    assert discounted_months(np.ones(13), 0.1) - discounted_months(np.ones(12), 0.1) == pytest.approx(1 / 1.1)


def test_a_customer_is_worth_its_margin_as_long_as_it_stays() -> None:
    """One in ten leaves a month; 20 a month, 80 % margin, three months."""
    rows = [(month, "all", 5, 10, 1, 200.0) for month in MONTHS]
    ages = pd.DataFrame(rows, columns=["month", "segment", "age", "at_risk", "churned", "mrr"])
    [row] = lifetime_values(ages, SETTINGS).to_dict("records")
    life = 1 + 0.9 / 1.1 ** (1 / 12) + 0.81 / 1.1 ** (2 / 12)
    assert (row["month"], row["metric"], row["denominator"]) == (MONTHS[-1], "clv", 10)
    assert row["value"] == pytest.approx(20 * 0.8 * life)


def test_value_is_compared_with_a_year_of_acquisition() -> None:
    values = pd.DataFrame({"month": [MONTHS[-1]], "segment": ["all"], "value": [1200.0]})
    spent = pd.DataFrame({"month": MONTHS, "segment": "all", "spent": 100.0, "won": 1.0})
    [row] = value_against_cost(values, spent).to_dict("records")
    assert (row["value"], row["denominator"]) == (12.0, 100.0)
    assert value_against_cost(values, spent.iloc[1:]).empty
    assert value_against_cost(values, spent.assign(won=0.0)).empty


def test_what_was_spent_in_a_month_that_won_nobody_counts() -> None:
    values = pd.DataFrame({"month": [MONTHS[-1]], "segment": ["all"], "value": [1200.0]})
    spent = pd.DataFrame({"month": MONTHS, "segment": "all", "spent": 100.0, "won": [1.0, 0.0] * 6})
    assert value_against_cost(values, spent)["value"].tolist() == [6.0]
