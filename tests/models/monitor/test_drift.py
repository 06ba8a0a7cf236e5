"""Drift by family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.common.calendar import DAYS_TO_TERM_END
from rind.models.monitor.drift import family_drift, score_drift


def features(shift: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "usage__a__now": rng.normal(shift, 1, 800), "usage__b__now": rng.normal(0, 1, 800),
            "tickets__c__now": rng.normal(0, 1, 800), DAYS_TO_TERM_END: rng.normal(shift * 9, 1, 800),
        }
    )  # fmt: skip


SHAP = pd.DataFrame({"feature": ["usage__a__now", "tickets__c__now"], "shap_value": [-0.3, 0.1]})


def test_a_family_that_moved_comes_first_and_the_calendar_is_no_drift() -> None:
    drift = family_drift(features(0.0, 1), features(2.0, 2), SHAP)
    assert list(drift) == ["usage", "tickets"]
    assert drift["usage"]["psi"] > 0.25
    assert (drift["usage"]["moved"], drift["usage"]["features"]) == (1, 2)
    assert drift["usage"]["share_of_shap"] == pytest.approx(0.75)
    assert drift["tickets"]["psi"] < 0.1


def test_chance_in_a_small_cohort_is_no_drift() -> None:
    small = family_drift(features(0.0, 1), features(0.0, 2).head(40), SHAP)
    assert small["usage"]["psi"] < 0.25


def test_without_a_past_there_is_no_drift() -> None:
    assert family_drift(features(0, 1).iloc[:0], features(0, 2), SHAP) == {}
    assert score_drift(pd.Series(dtype=float), pd.Series([0.1])) is None
    assert score_drift(pd.Series(np.linspace(0, 1, 500)), pd.Series(np.linspace(0, 1, 500))) == pytest.approx(
        0, abs=0.01
    )
