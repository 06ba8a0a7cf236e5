from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.models.watermelons.curves import lead_times, recall_within, trade_off
from rind.reports.watermelon_charts import NEVER, labelled_lead_times

RECORD: dict[str, Any] = {
    "precision": 0.5, "recall": 0.5, "flagged_rows": 2, "green_rows": 20, "recall_within_30_days": 0.4,
    "recall_within_90_days": None, "intervals": {"recall_within_30_days": {"low": 0.3, "high": 0.5}},
    "baselines": {"lowest_health": {"recall_within_30_days": 0.1, "intervals": {}}},
}  # fmt: skip


def history() -> pd.DataFrame:
    """Ten green accounts on each of two dates; the two riskiest of them leave, and they look healthiest."""
    rank = np.tile(np.arange(10), 2)
    days = np.repeat(pd.to_datetime(["2024-01-01", "2024-01-08"]), 10)
    frame = pd.DataFrame({"account_id": rank, "as_of": days, "health_band": "green", "health_score": 99.0 - rank})
    return frame.assign(churn_probability=0.9 - rank / 20, churned=(rank < 2).astype(float))


def test_recall_stands_beside_the_rules_and_what_was_not_measured_is_left_out() -> None:
    found = recall_within(RECORD)
    assert found[["rule", "within_days", "recall"]].values.tolist() == [
        ["watermelon", 30, 0.4], ["lowest_health", 30, 0.1],
    ]  # fmt: skip
    assert (found["low"][0], found["high"][0]) == (0.3, 0.5)
    assert recall_within({"precision": None}).empty


@pytest.mark.parametrize(("ahead", "row"), [(1, -2), (15, -2), (16, -3), (61, 1), (60, 2), (90, 0), (np.nan, -1)])
def test_a_first_flag_falls_into_its_fortnight_and_who_had_none_is_counted_apart(ahead: float, row: int) -> None:
    found = lead_times(pd.DataFrame({"flagged_days_ahead": [ahead]}), 90)
    assert found["accounts"].sum() == 1
    assert found["accounts"].iloc[row] == 1
    assert found[["from_days", "to_days"]].iloc[-1].isna().all()


def test_a_horizon_that_is_no_multiple_of_the_step_ends_at_the_horizon() -> None:
    found = lead_times(pd.DataFrame({"flagged_days_ahead": [20.0]}), 20)
    assert found[["from_days", "to_days"]].head(2).values.tolist() == [[16, 20], [1, 15]]
    words = labelled_lead_times(found)["days_ahead"].tolist()
    assert words == ["16 to 20 days before", "1 to 15 days before", NEVER]


def test_flagging_more_finds_more_at_a_lower_precision_and_a_lot_has_the_base_rate() -> None:
    found = trade_off(history(), RECORD, draws=20, seed=0).set_index(["rule", "share"])
    assert found.loc[("riskiest", 0.1), ["recall", "precision"]].tolist() == [0.5, 1.0]
    assert found.loc[("riskiest", 0.2), ["recall", "precision"]].tolist() == [1.0, 1.0]
    assert found.loc[("riskiest", 0.4), "precision"] == 0.5
    assert found.loc[("lowest_health", 0.5), "recall"] == 0.0
    assert found.loc[("random_green", 0.3), ["recall", "precision"]].tolist() == pytest.approx([0.3, 0.2])
    assert found.loc[("watermelon", 0.1), ["recall", "precision"]].tolist() == [0.5, 0.5]


def test_dates_with_unknown_outcomes_and_a_past_without_churn_draw_nothing() -> None:
    open_ = history()
    open_.loc[open_["as_of"] == open_["as_of"].max(), "churned"] = np.nan
    assert trade_off(open_, RECORD, 5, 0).set_index(["rule", "share"]).loc[("riskiest", 0.1), "recall"] == 0.5
    assert trade_off(history().assign(churned=0.0), RECORD, 5, 0).empty
