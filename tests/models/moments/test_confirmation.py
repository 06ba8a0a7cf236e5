from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from moment_company import OUTCOME, company

from rind.models.moments.candidates import landmarks
from rind.models.moments.confirmation import doubly_robust


def test_what_happens_before_day_d_does_not_count_as_outcome() -> None:
    """Accounts that do nothing and leave in the first month say nothing for a moment of the first month."""
    early, accounts = company(5, accounts=600)
    quiet = ~accounts["account_id"].isin(early.loc[early["behaviour"] == "events:f0", "account_id"])
    early_leaver = accounts["signed_on"] + pd.Timedelta(days=20)
    accounts["left_on"] = accounts["left_on"].where(~quiet, early_leaver)
    (landmark,) = landmarks(early, accounts, ("events:f0",), [30], OUTCOME)
    assert landmark.reached("events:f0", 1).all()


def test_the_doubly_robust_difference_is_free_of_what_both_models_know() -> None:
    rng = np.random.default_rng(0)
    size = rng.normal(size=4000)
    reached = rng.random(4000) < 1 / (1 + np.exp(-size))
    kept = (rng.random(4000) < np.clip(0.5 + 0.15 * size + 0.1 * reached, 0, 1)).astype("float64")
    naive = kept[reached].mean() - kept[~reached].mean()
    effect, error = doubly_robust(np.column_stack([np.ones(4000), size]), reached, kept)
    assert naive > 0.18
    assert effect == pytest.approx(0.1, abs=3 * error)
    assert 0.01 < error < 0.03
