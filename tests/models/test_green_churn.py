from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.green_churn import post_mortem
from models.watermelon_inside import inside

MONDAY = pd.Timestamp("2024-01-01")


def history() -> pd.DataFrame:
    """Two green departures, one caught; one account that was red when it left; one that stays."""
    lines = [
        ("caught", 0, 0.5, "green", 60.0, True), ("caught", 1, 0.1, "green", 53.0, False),
        ("missed", 0, 0.1, "green", 50.0, False), ("missed", 1, 0.2, "green", 43.0, False),
        ("red", 0, 0.9, "green", 30.0, True), ("red", 1, 0.9, "red", 23.0, False),
        ("stays", 1, 0.6, "green", np.nan, True),
    ]  # fmt: skip
    columns = ["account_id", "week", "churn_probability", "health_band", "days_to_churn", "watermelon"]
    frame = pd.DataFrame(lines, columns=columns)
    frame["as_of"] = MONDAY + pd.to_timedelta(7 * frame.pop("week"), unit="D")
    frame["churned"] = frame["days_to_churn"].notna().astype("float64")
    return frame.assign(health_score=80.0, health_usage=90.0, watermelon_threshold=0.4, mrr=10.0)


def explained() -> pd.DataFrame:
    frame = history()[["account_id", "as_of"]]
    return frame.assign(shap_usage=-0.3, shap_tickets=0.5, push_1="tickets__open__now", push_2="", push_3="")


def test_every_departure_that_was_green_to_the_end_is_examined_on_its_last_date() -> None:
    found = post_mortem(history(), explained()).set_index("account_id")
    assert set(found.index) == {"caught", "missed"}
    assert found["as_of"].eq(MONDAY + pd.Timedelta(days=7)).all()
    assert found["caught"].to_dict() == {"caught": True, "missed": False}
    assert found.loc["caught", "flagged_days_ahead"] == 60
    assert found.loc["missed", "highest_probability"] == 0.2
    assert found.loc["missed", "nearest_flagged"] == "stays"
    assert found.loc["missed", "told_family"] == "tickets"


def test_without_explanations_nothing_has_told() -> None:
    found = post_mortem(history(), pd.DataFrame())
    assert found["told_family"].tolist() == ["", ""]
    none = post_mortem(history().assign(churned=0.0), explained())
    assert len(none) == 0


def test_the_inside_stands_beside_the_rest_of_its_segment_and_past_accounts_like_it() -> None:
    past = pd.DataFrame(
        {
            "account_id": [f"a{i}" for i in range(100)], "as_of": MONDAY, "health_band": "green",
            "churn_probability": np.linspace(0, 0.99, 100), "churned": (np.arange(100) >= 90).astype(float),
        }
    )  # fmt: skip
    now = pd.DataFrame(
        {"churn_probability": [0.97, 0.1, 0.3], "health_band": ["green", "green", "red"], "segment": ["x", "x", None]}
    )
    found = inside(now, past, 0.05)
    assert found["segment_risk"].tolist()[:2] == pytest.approx([0.1, 0.97])
    assert np.isnan(found.loc[2, "segment_risk"])
    assert found.loc[0, "times_segment"] == pytest.approx(9.7)
    assert found.loc[0, "times_base"] == pytest.approx(0.97 / 0.05)
    assert found.loc[0, "alike_left"] == 1.0
    assert found.loc[1, "alike_left"] == 0.0
    assert np.isnan(found.loc[2, "alike_left"])
