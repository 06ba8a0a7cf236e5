from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.models.evaluation.drift import psi, psi_of_features


def test_the_stability_index_by_hand() -> None:
    before, now = np.repeat([0.0, 1.0], [50, 50]), np.repeat([0.0, 1.0], [90, 10])
    assert psi(before, now) == pytest.approx((0.5 - 0.9) * np.log(0.5 / 0.9) + (0.5 - 0.1) * np.log(0.5 / 0.1))


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(-10, 10) | st.just(float("nan")), min_size=1, max_size=60))
def test_what_has_not_changed_has_not_drifted_and_nothing_drifts_below_zero(values: list[float]) -> None:
    one = np.array(values)
    assert psi(one, one[::-1]) == pytest.approx(0)
    assert psi(one, np.append(one, 99.0)) >= 0


def test_empty_values_are_a_bin_of_their_own_and_the_widest_drift_comes_first() -> None:
    before = pd.DataFrame({"same": np.arange(100.0), "gone": np.arange(100.0)})
    now = before.assign(gone=np.where(np.arange(100) < 50, np.nan, np.arange(100.0)))
    drift = psi_of_features(before, now)
    assert drift["feature"].tolist() == ["gone", "same"]
    assert drift["psi"].iloc[0] > 1 > drift["psi"].iloc[1] == 0
