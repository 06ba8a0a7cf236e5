from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd

from rind.reports import shap_pictures
from rind.reports.review import attributions_of

CATALOGUE = pd.DataFrame({"name": ["usage__a__now", "usage__b__now"], "description": ["Uses", "Users"]})
ROWS = pd.DataFrame({"account_id": ["x", "y"], "usage__a__now": [1.0, np.nan], "usage__b__now": ["low", "high"]})
SHAP = pd.DataFrame({"usage__a__now": [0.1, 0.5], "usage__b__now": [-0.2, 0.4]})


def test_the_riskiest_account_comes_first_and_the_values_add_up_to_its_margin() -> None:
    attributions = attributions_of(SHAP, -2.0, ROWS, CATALOGUE)
    assert list(attributions.accounts) == ["y", "x"]
    assert attributions.names == ["Uses", "Users"]
    np.testing.assert_allclose(attributions.values.sum(axis=1) + attributions.base_values, [-1.1, -2.1])
    np.testing.assert_array_equal(attributions.data, [[np.nan, 0.0], [1.0, 0.0]])


def test_an_explanation_is_shaps_own(tmp_path: Path) -> None:
    before = matplotlib.get_backend()
    attributions = attributions_of(SHAP, -2.0, ROWS, CATALOGUE)
    assert type(shap_pictures.explanation(attributions)).__name__ == "Explanation"
    drawn = shap_pictures.draw(attributions, tmp_path)
    assert [path.name for path in drawn] == ["shap_beeswarm.png", "shap_waterfall.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
    assert matplotlib.get_backend() == before


def test_of_no_accounts_nothing_is_drawn(tmp_path: Path) -> None:
    assert shap_pictures.draw(attributions_of(SHAP[:0], 0.0, ROWS[:0], CATALOGUE), tmp_path) == []
