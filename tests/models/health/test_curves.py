from __future__ import annotations

import numpy as np
import pandas as pd

from rind.models.health.curves import propose_curves
from rind.models.health.spec import Curve


def test_a_curve_is_moved_to_where_the_feature_tells_and_keeps_its_direction() -> None:
    rng = np.random.default_rng(0)
    value = rng.uniform(0, 100, 4000)
    rows = pd.DataFrame({"usage__what__now": value, "churned": (value < 20).astype(float)})
    up, down = Curve("usage__what__now", 0, 100), Curve("usage__what__now", 100, 0)
    (better,) = propose_curves(rows, [up], 0.1)
    assert 0 <= better.bad < better.good <= 45
    assert propose_curves(rows, [down], 0.1) == (down,)


def test_a_curve_that_would_gain_too_little_or_has_too_few_values_stays() -> None:
    rng = np.random.default_rng(0)
    value = rng.uniform(0, 100, 4000)
    rows = pd.DataFrame({"usage__what__now": value, "churned": (value < 20).astype(float)})
    today = Curve("usage__what__now", 0, 100)
    assert propose_curves(rows, [today], 0.0) != (today,)
    assert propose_curves(rows, [today], 100.0) == (today,)
    assert propose_curves(rows.head(199), [today], 0.0) == (today,)
    assert propose_curves(rows.drop(columns="usage__what__now"), [today], 0.0) == (today,)
