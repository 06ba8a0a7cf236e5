"""What other weights of the health score would have told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from serving.weights import Past, WeightQuestion, bands_under


def history(churned: list[float]) -> pd.DataFrame:
    """Four accounts on one date whose outcomes are all known; one has no tickets."""
    return pd.DataFrame(
        {
            "account_id": list("abcd"), "as_of": pd.Timestamp("2026-01-05"), "churned": churned,
            "health_usage": [90.0, 60.0, 30.0, 80.0], "health_tickets": [90.0, np.nan, 50.0, 20.0],
        }
    )  # fmt: skip


def test_the_bands_are_those_of_the_weighted_scores() -> None:
    found = bands_under(Past(history([0, 0, 1, 1])), WeightQuestion({"usage": 50, "tickets": 50}, 45, 65))
    assert found is not None  # scores 90, 60, 40, 50: what has no data counts for nothing
    assert found.share == {"red": 0.25, "amber": 0.5, "green": 0.25}
    assert found.caught == {"red": 0.5, "amber": 0.5, "green": 0.0}
    assert found.churn_rate == {"red": 1.0, "amber": 0.5, "green": 0.0}
    assert found.auc == pytest.approx(roc_auc_score([0, 0, 1, 1], [-90, -60, -40, -50]))


def test_without_departures_there_is_nothing_to_rank() -> None:
    found = bands_under(Past(history([0, 0, 0, 0])), WeightQuestion({"usage": 1}, 45, 65))
    assert found is not None
    assert found.auc is None
    assert found.caught["red"] is None
    assert bands_under(Past(history([0, 0, 0, 1])), WeightQuestion({"usage": 0}, 45, 65)) is None
