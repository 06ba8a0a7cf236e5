from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.common.resampling import wilson
from rind.models.watermelons.green_churn import post_mortem
from rind.models.watermelons.risk_context import inside

MONDAY = pd.Timestamp("2024-01-01")
ALIKE = ["alike_left", "alike_low", "alike_high", "alike_accounts"]


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
    found = post_mortem(history(), explained(), 0.1).set_index("account_id")
    assert set(found.index) == {"caught", "missed"}
    assert found["as_of"].eq(MONDAY + pd.Timedelta(days=7)).all()
    assert found["caught"].to_dict() == {"caught": True, "missed": False}
    assert found.loc["caught", "flagged_days_ahead"] == 60
    assert found.loc["missed", "highest_probability"] == 0.2
    assert found.loc["missed", "nearest_flagged"] == "stays"
    assert found.loc["missed", "told_family"] == "tickets"


def test_a_flag_before_an_earlier_departure_caught_no_later_one_of_the_same_account() -> None:
    lines = [("back", 0, 0.9, "green", 10.0, True), ("back", 20, 0.1, "green", 10.0, False)]
    columns = ["account_id", "week", "churn_probability", "health_band", "days_to_churn", "watermelon"]
    frame = pd.DataFrame(lines, columns=columns).assign(churned=1.0, health_score=80.0, watermelon_threshold=0.4)
    frame["as_of"] = MONDAY + pd.to_timedelta(7 * frame.pop("week"), unit="D")
    latest, first = post_mortem(frame, pd.DataFrame(), 0.1).to_dict("records")
    assert (latest["caught"], first["caught"]) == (False, True)
    assert np.isnan(latest["flagged_days_ahead"])
    assert first["flagged_days_ahead"] == 10


@pytest.mark.parametrize(("told_from", "family"), [(0.5, "tickets"), (0.51, "")])
def test_a_family_has_told_from_so_many_log_odds_on(told_from: float, family: str) -> None:
    assert set(post_mortem(history(), explained(), told_from)["told_family"]) == {family}


def test_without_explanations_nothing_has_told() -> None:
    found = post_mortem(history(), pd.DataFrame(), 0.1)
    assert found["told_family"].tolist() == ["", ""]
    none = post_mortem(history().assign(churned=0.0), explained(), 0.1)
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
    found = inside(now, past, 0.05, fewest_accounts=2)
    assert found["segment_risk"].tolist()[:2] == pytest.approx([0.1, 0.97])
    assert np.isnan(found.loc[2, "segment_risk"])
    assert found.loc[0, "times_segment"] == pytest.approx(9.7)
    assert found.loc[0, "times_base"] == pytest.approx(0.97 / 0.05)
    assert found.loc[0, "alike_left"] == 1.0
    assert found.loc[1, "alike_left"] == 0.0
    assert np.isnan(found.loc[2, "alike_left"])


def test_past_accounts_alike_are_green_ones_of_dates_whose_outcomes_are_all_known() -> None:
    """On the last dates only those that left are known: to count them alone would make everybody leave."""
    green = {"health_band": "green", "churn_probability": 0.3}
    past = pd.DataFrame([{"account_id": n, "as_of": MONDAY, "churned": 0.0, **green} for n in range(20)])
    recent = past.assign(as_of=MONDAY + pd.Timedelta(days=7), churned=np.where(past["account_id"] < 5, 1.0, np.nan))
    red = past.assign(account_id=past["account_id"] + 100, health_band="red", churned=1.0)
    now = pd.DataFrame({"churn_probability": [0.3], "health_band": ["green"], "segment": ["x"]})
    found = inside(now, pd.concat([past, recent, red], ignore_index=True), 0.05, fewest_accounts=20).iloc[0]
    assert (found["alike_left"], found["alike_accounts"]) == (0.0, 20)


@pytest.mark.parametrize(("accounts", "said"), [(19, False), (20, True)])
def test_what_became_of_few_past_accounts_is_not_said_and_no_interval_has_zero_width(accounts: int, said: bool) -> None:
    """On ten weeks each, and none of them left: rows are not accounts."""
    past = pd.DataFrame({"account_id": np.repeat(np.arange(accounts), 10), "week": np.tile(np.arange(10), accounts)})
    past["as_of"] = MONDAY + pd.to_timedelta(7 * past["week"], unit="D")
    past = past.assign(health_band="green", churn_probability=0.3, churned=0.0)
    now = pd.DataFrame({"churn_probability": [0.3], "health_band": ["green"], "segment": ["x"]})
    found = inside(now, past, 0.05, fewest_accounts=20).iloc[0]
    assert found["alike_accounts"] == accounts if said else found[ALIKE].isna().all()
    if said:
        assert (found["alike_left"], found["alike_low"]) == pytest.approx((0.0, 0.0))
        assert found["alike_high"] == pytest.approx(0.161, abs=5e-4)  # Wilson, 0 of 20


def test_one_account_with_most_of_the_rows_widens_the_interval() -> None:
    accounts = np.append(np.arange(20), np.zeros(200, dtype=int))
    past = pd.DataFrame({"account_id": accounts, "as_of": MONDAY, "health_band": "green"})
    past = past.assign(churn_probability=0.3, churned=0.0)
    now = pd.DataFrame({"churn_probability": [0.3], "health_band": ["green"], "segment": ["x"]})
    assert inside(now, past, 0.05, fewest_accounts=20)["alike_high"].iloc[0] > 0.7


def test_wilson_by_hand() -> None:
    assert wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(1.0, 1) == pytest.approx((0.2065, 1.0), abs=1e-4)
