from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from moment_company import OUTCOME, company

from rind.models.moments.candidates import grid, landmarks, thresholds


@pytest.mark.parametrize(("lived", "compared"), [(29, False), (30, True), (None, True)])
def test_only_accounts_still_alive_at_day_d_are_compared_at_day_d(lived: int | None, compared: bool) -> None:
    signed = pd.Timestamp("2023-01-01")
    left = signed + pd.Timedelta(days=lived) if lived else pd.NaT
    account: dict[str, Any] = {"account_id": "x", "signed_on": signed, "segment": "a", "followed_days": 500}
    accounts = pd.DataFrame([{**account, "left_on": left}])
    early = pd.DataFrame({"account_id": ["x"], "behaviour": ["t"], "within_days": [30], "count": [4]})
    (landmark,) = landmarks(early, accounts, ("t",), [30], OUTCOME)
    assert landmark.counts.tolist() == ([[4.0]] if compared else [])


def test_an_account_that_has_not_been_followed_for_d_days_is_not_compared_at_day_d() -> None:
    early, accounts = company(0, accounts=50)
    young = accounts.assign(followed_days=29)
    assert [len(x.rows) for x in landmarks(early, young, ("events:f0",), [7, 30], OUTCOME)] == [50, 0]


def test_thresholds_that_too_few_reach_or_miss_are_not_tried() -> None:
    values = np.array([0] * 10 + [1] * 10 + [2] * 10 + [9] * 3, dtype="float64")
    assert thresholds(values, min_side=5) == [1, 2]
    assert thresholds(values, min_side=11) == [2]


def test_summed_quantities_that_are_the_events_again_are_no_candidates() -> None:
    early, accounts = company(3, accounts=200)
    copy = early.assign(behaviour=early["behaviour"].str.replace("events", "uses"))
    behaviours = ("events:f0", "uses:f0")
    (both,) = landmarks(pd.concat([early, copy]), accounts, behaviours, [7], OUTCOME)
    assert set(grid(both, 20).columns) == {0}
    (dearer,) = landmarks(pd.concat([early, copy.assign(count=copy["count"] * 2)]), accounts, behaviours, [7], OUTCOME)
    assert set(grid(dearer, 20).columns) == {0, 1}
