from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.common.errors import ParamsError
from rind.common.families import FAMILIES
from rind.models.health.fit import blended, fit_weights
from rind.models.health.fit import strengths as fitted_strengths

USAGE_HEAVY = {"usage": 60, "tickets": 10, "contacts": 10, "surveys": 10, "engagement": 5, "commercial": 5}

strengths = st.lists(st.floats(0, 10), min_size=6, max_size=6).filter(lambda x: max(x) > 0)
limits = st.lists(st.tuples(st.integers(0, 16), st.integers(17, 100)), min_size=6, max_size=6)


@settings(deadline=None, max_examples=60)
@given(strengths, limits)
def test_weights_are_whole_within_bounds_and_add_up_to_100(strength: list[float], limit: list[tuple[int, int]]) -> None:
    bounds = dict(zip(FAMILIES, limit, strict=True))
    weights = fit_weights(dict(zip(FAMILIES, strength, strict=True)), USAGE_HEAVY, bounds)
    assert sum(weights.values()) == 100
    assert all(bounds[f][0] <= weights[f] <= bounds[f][1] for f in FAMILIES)


def test_weights_are_proportional_to_the_strengths_with_the_largest_remainder_rounded_up() -> None:
    current = {"usage": 50, "tickets": 25, "surveys": 25}
    assert fit_weights({"usage": 4, "tickets": 2, "surveys": 1}, current, {}) == {
        "usage": 57, "tickets": 29, "surveys": 14,
    }  # fmt: skip


def test_bounds_that_cannot_add_up_to_100_are_refused() -> None:
    with pytest.raises(ParamsError, match="add up to 100"):
        fit_weights({"usage": 1, "tickets": 1}, {"usage": 50, "tickets": 50}, {"usage": (0, 40), "tickets": (0, 40)})


def test_no_family_helps_an_account_by_lacking_points() -> None:
    """Accounts with good usage left: its coefficient would be negative, and is held at 0."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"health_usage": rng.uniform(0, 100, 2000), "health_tickets": rng.uniform(0, 100, 2000)})
    odds = (rows["health_usage"] - rows["health_tickets"]) / 25 - 2
    rows["churned"] = (rng.random(2000) < 1 / (1 + np.exp(-odds))).astype(float)
    strengths = fitted_strengths(rows, {"usage": 50, "tickets": 50}, None, 0.0)
    assert strengths["usage"] == pytest.approx(0, abs=1e-3)
    assert strengths["tickets"] > 1


def test_shap_takes_its_share_of_the_blend_and_none_where_it_has_nothing_to_say() -> None:
    assert blended({"usage": 3, "tickets": 1}, {"usage": 0.5, "tickets": 0.5, "calendar": 9}, 0.1) == pytest.approx(
        {"usage": 0.9 * 0.75 + 0.1 * 0.5, "tickets": 0.9 * 0.25 + 0.1 * 0.5}
    )
    assert blended({"usage": 3, "tickets": 1}, {}, 0.1) == {"usage": 0.75, "tickets": 0.25}
