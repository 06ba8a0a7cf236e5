from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from rind.models.common.survival import Followed, follow
from rind.pipelines.params import load

RETAINED = load().true_north

SIGNED = pd.Timestamp("2023-01-02")


def followed(duration: list[float], failed: list[int], horizon: float = 365) -> Followed:
    return Followed(np.array(duration, dtype="float64"), np.array(failed, dtype=bool), horizon)


def account(lived: float | None, known_days: int, **more: Any) -> pd.DataFrame:
    left = SIGNED + pd.Timedelta(days=lived) if lived is not None else pd.NaT
    row = {"signed_on": SIGNED, "left_on": left, "followed_days": known_days, "term_days": 365, "mrr": 10.0}
    return pd.DataFrame([row | {"mrr_later": np.nan, "used_later": None} | more])


def test_without_censoring_a_pseudo_value_is_the_outcome_itself() -> None:
    found = followed([30, 365, 400, 800], [1, 1, 1, 0])
    assert found.pseudo_values() == pytest.approx([0, 0, 1, 1])
    assert found.retention() == pytest.approx(0.5)


def test_an_account_that_has_not_been_followed_to_the_end_counts_for_what_was_seen_of_it() -> None:
    values = followed([100, 200, 500, 500], [1, 0, 1, 0]).pseudo_values()
    assert values[0] == pytest.approx(0)
    assert values[1] == pytest.approx(1)  # all others that it outlived tell nothing against it
    assert followed([100, 50, 500, 500], [1, 0, 1, 0]).pseudo_values()[1] < 1


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=2, max_size=40),
    horizon=st.integers(2, 19),
)
@example(rows=[(1, False), (2, True)], horizon=2)  # the last one at risk fails: the curve ends at 0
def test_the_mean_of_the_pseudo_values_is_the_kaplan_meier_estimate(rows: list[tuple[int, bool]], horizon: int) -> None:
    duration, failed = (np.array(x) for x in zip(*rows, strict=True))
    found = followed(list(duration), list(failed), horizon)
    curve = KaplanMeierFitter().fit(duration, failed).predict(horizon)
    assert found.retention() == pytest.approx(float(curve), abs=1e-9)


def test_residuals_are_the_failures_expected_less_those_seen_and_sum_to_zero() -> None:
    found = followed([1, 2, 3], [1, 0, 1])
    assert found.residuals() == pytest.approx([1 / 3 - 1, 1 / 3, 1 / 3 + 1 - 1])
    assert found.residuals().sum() == pytest.approx(0)


@pytest.mark.parametrize(
    ("lived", "known_days", "known", "failed"),
    [
        (366, 800, True, True),  # a year's term that ends in a leap year is a term that was not renewed
        (395, 800, True, True),
        (396, 800, True, False),
        (None, 395, True, False),
        (None, 394, False, False),
        (20, 30, True, True),
    ],
)
def test_retention_is_decided_decision_days_after_the_retention_days(
    lived: float | None, known_days: int, known: bool, failed: bool
) -> None:
    followed = follow(account(lived, known_days), RETAINED)
    assert followed.known.tolist() == [known]
    assert (followed.failed & (followed.duration <= followed.horizon)).tolist() == [failed]


@pytest.mark.parametrize(
    ("kind", "lived", "known_days", "more", "expected"),
    [
        ("renewed", 186, 800, {"term_days": 181}, 0.0),
        ("renewed", 230, 800, {"term_days": 181}, 1.0),
        ("renewed", None, 211, {"term_days": 181}, 1.0),
        ("renewed", None, 210, {"term_days": 181}, None),
        ("expanded", None, 800, {"mrr_later": 10.5}, 1.0),
        ("expanded", None, 800, {"mrr_later": 10.0}, 0.0),
        ("expanded", 300, 800, {"mrr_later": 0.0}, 0.0),
        ("expanded", None, 300, {}, None),
    ],
)
def test_other_outcomes(kind: str, lived: float | None, known_days: int, more: dict[str, Any], expected: Any) -> None:
    followed = follow(account(lived, known_days, **more), RETAINED.model_copy(update={"outcome": kind}))
    assert followed.known.tolist() == [expected is not None]
    if expected is not None:
        assert followed.pseudo_values().tolist() == [expected]


@pytest.mark.parametrize(("used", "expected"), [(True, 1.0), (False, 0.0)])
def test_lasting_use_asks_for_use_beside_the_contract(used: bool, expected: float) -> None:
    lasting = RETAINED.model_copy(update={"lasting_use": True})
    assert follow(account(None, 800, used_later=used), lasting).pseudo_values().tolist() == [expected]
    assert follow(account(None, 300), lasting).known.tolist() == [False]


@pytest.mark.parametrize("kind", ["retained", "renewed", "expanded"])
def test_what_is_not_known_yet_is_censored_and_no_failure(kind: str) -> None:
    """A month's term is decided after two months; whether the product was used then may not be known yet."""
    more = {"term_days": 30, "mrr_later": 11.0, "used_later": None}
    followed = follow(
        account(None, 100 if kind == "renewed" else 800, **more),
        RETAINED.model_copy(update={"outcome": kind, "lasting_use": True}),
    )
    assert not followed.failed.any()
    assert followed.known.tolist() == [False]
