"""The curve of leaving over a year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.models.churn.horizons import (
    CURVE_DAYS,
    STEP_DAYS,
    STEPS,
    Curves,
    columns_of,
    curve_of,
    fit_curves,
    left_within,
    renewal_days,
    steps_of,
)
from rind.models.common.calendar import DAYS_TO_TERM_END, TERM_DAYS

HORIZON = 90


def rows(probability: list[float], ends: list[float], length: float = 365.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": [f"a{n}" for n in range(len(probability))],
            "as_of": pd.Timestamp("2026-01-05"),
            "churn_probability": probability,
            DAYS_TO_TERM_END: ends,
            TERM_DAYS: length,
        }
    )


@pytest.fixture(scope="module")
def company() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """4,000 scores of yearly terms: who leaves, leaves at the term's end, the more so the higher the score."""
    rng = np.random.default_rng(0)
    ends = rng.integers(1, 365, 4000).astype(float)
    bad = rng.uniform(0, 0.6, 4000)
    past = rows(list(np.where(ends <= HORIZON, bad, 0.01)), list(ends))
    left = pd.Series(np.where(rng.uniform(size=4000) < np.where(ends <= HORIZON, bad, 0.3), ends, np.nan))
    return past, left, pd.Series(400.0, index=past.index)


@pytest.fixture(scope="module")
def curves(company: tuple[pd.DataFrame, pd.Series, pd.Series]) -> Curves:
    fitted = fit_curves(*company, HORIZON, fewest=20, seed=1)
    assert fitted is not None
    return fitted


@given(
    probability=st.lists(st.floats(0, 1), min_size=1, max_size=5),
    end=st.one_of(st.none(), st.floats(-400, 800)),
    length=st.one_of(st.none(), st.floats(0, 800)),
)
@settings(max_examples=25, deadline=None)
def test_a_curve_never_falls_and_goes_through_the_score(
    curves: Curves, probability: list[float], end: float | None, length: float | None
) -> None:
    asked = rows(probability, [np.nan if end is None else end] * len(probability), np.nan if length is None else length)
    days = np.tile(np.arange(0, STEPS * STEP_DAYS + 1, 15), (len(probability), 1))
    left = curves.left_by(asked, days)
    assert (np.diff(left, axis=1) >= -1e-12).all()
    assert ((left >= 0) & (left <= 1)).all()
    assert left[:, 0] == pytest.approx(0)
    assert left[:, HORIZON // 15] == pytest.approx(np.clip(probability, 1e-6, 1 - 1e-6), abs=1e-9)


def test_leaving_is_expected_when_the_term_ends(curves: Curves) -> None:
    late = curves.left_by(rows([0.01], [200.0]), np.array([[180, 210]]))[0]
    assert late[0] < 0.1
    assert late[1] - late[0] > 0.15


def test_the_parts_of_a_curve_agree_with_what_happened(
    curves: Curves, company: tuple[pd.DataFrame, pd.Series, pd.Series]
) -> None:
    past, left, _ = company
    expected = columns_of(curves, past)["probability_365d"].mean()
    assert expected == pytest.approx((left <= 365).mean(), abs=0.04)


def test_too_few_departures_give_no_curve_and_empty_columns(
    company: tuple[pd.DataFrame, pd.Series, pd.Series],
) -> None:
    past, _, followed = company
    assert fit_curves(past, pd.Series(np.nan, index=past.index), followed, HORIZON, 20, seed=1) is None
    assert fit_curves(past.iloc[:0], pd.Series(dtype=float), pd.Series(dtype=float), HORIZON, 20, seed=1) is None
    assert columns_of(None, past).isna().all().all()


def test_a_departure_teaches_only_once_it_is_known(company: tuple[pd.DataFrame, pd.Series, pd.Series]) -> None:
    """Steps beyond what is followed teach nothing: who is followed for 90 days shows no step after the third."""
    past, left, _ = company
    short = fit_curves(past, left.where(left <= 90), pd.Series(90.0, index=past.index), HORIZON, 20, seed=1)
    assert short is not None
    whole = rows([0.01], [200.0])
    assert short.left_by(whole, np.array([[210]]))[0, 0] < 0.15


def test_an_end_that_has_passed_is_followed_by_the_next_one() -> None:
    spans = steps_of(rows([0.1], [10.0], 30.0))
    assert spans["days_to_end"].tolist()[:3] == [10.0, 10.0, 10.0]
    assert spans["ends_in_step"].all()
    yearly = steps_of(rows([0.1], [45.0]))
    assert yearly["ends_in_step"].tolist() == [0.0, 1.0, *[0.0] * 11]
    assert steps_of(rows([0.1], [-5.0]))["days_to_end"].iloc[0] == -5.0


@pytest.mark.parametrize(
    ("ahead", "until"),
    [(0, 30), (1, 30), (30, 30), (31, 60), (390, 390), (391, np.nan), (-1, np.nan), (np.nan, np.nan)],
)
def test_a_renewal_is_judged_at_the_end_of_its_step(ahead: float, until: float) -> None:
    assert renewal_days(rows([0.1], [ahead]))[0] == pytest.approx(until, nan_ok=True)


@pytest.mark.parametrize(
    ("left_after", "followed", "outcome"),
    [(90, 90, 1), (91, 91, 0), (np.nan, 90, 0), (np.nan, 89, np.nan), (30, 40, 1)],
)
def test_an_outcome_is_unknown_until_its_last_day_is_followed(
    left_after: float, followed: float, outcome: float
) -> None:
    got = left_within(np.array([left_after]), np.array([float(followed)]), np.array([90.0]))
    assert got[0] == pytest.approx(outcome, nan_ok=True)


def test_the_curve_goes_through_the_score_and_never_falls(curves: Curves) -> None:
    some = rows([0.05, 0.3, 0.9], [20.0, 200.0, 89.0])
    curve = curve_of(curves, some)
    assert list(curve) == list(CURVE_DAYS)
    assert curve[f"left_by_{HORIZON}d"].to_numpy() == pytest.approx(some["churn_probability"].to_numpy())
    assert (np.diff(curve.to_numpy(), axis=1) >= 0).all()
    assert curve_of(None, some).isna().all(axis=None)
