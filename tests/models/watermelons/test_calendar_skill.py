from __future__ import annotations

import numpy as np
import pandas as pd
from flag_histories import measure, rule, week
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.models.watermelons.flags import flag_history


def calendar_company(seed: int, skill: float, accounts: int = 400, weeks: int = 60) -> pd.DataFrame:
    """Accounts leave at their yearly renewal only, some by ``skill`` more likely; the model knows both."""
    rng = np.random.default_rng(seed)
    risk, renewal = rng.normal(size=accounts), rng.integers(0, 52, accounts)
    goes = rng.random(accounts) < 1 / (1 + np.exp(1.6 - skill * risk))
    parts = []
    for number in range(weeks):
        ahead = np.where(renewal >= number, renewal - number, renewal + 52 - number) * 7 + 1
        first = renewal >= number
        here = first | ~goes
        near = ahead <= 90
        part = pd.DataFrame({"account_id": np.arange(accounts), "as_of": week(number), "calendar": ahead // 15})
        part["churn_probability"] = np.where(near, 0.2, 0.01) / (1 + np.exp(-skill * risk))
        part["churned"] = (goes & first & near).astype("float64")
        part["days_to_churn"] = np.where(goes & first & near, ahead, np.nan)
        parts.append(part[here])
    history = pd.concat(parts, ignore_index=True)
    noise = rng.normal(0, 1e-6, len(history))  # no two alike
    return history.assign(
        health_band="green", health_score=80.0, churn_probability=history["churn_probability"] + noise, mrr=1.0
    )


def test_who_only_knows_the_calendar_flags_nobody_once_enough_have_left_and_claims_nothing() -> None:
    flagged = flag_history(calendar_company(0, 0.0), rule(fewest_departed=20, horizon_days=90, grace_days=30))
    late = flagged["as_of"] >= week(40)
    assert flagged.loc[late, "watermelon_candidate"].any()
    assert flagged.loc[late, "watermelon_withheld"].all()
    assert not flagged.loc[late, "watermelon"].any()
    figures = measure(flagged, draws=100)
    assert not figures["skill"]
    assert figures["withheld_dates"] > 0


def test_who_knows_more_than_the_calendar_goes_on_flagging() -> None:
    flagged = flag_history(calendar_company(0, 3.0), rule(fewest_departed=20))
    assert not flagged["watermelon_withheld"].any()
    figures = measure(flagged, draws=100)
    assert figures["skill"]
    assert figures["base_rate"] < figures["calendar_rate"] < figures["precision"]


def test_flags_of_the_calendar_alone_beat_the_base_rate_but_not_the_calendar() -> None:
    """Why the base rate is not enough: the riskiest are those whose term ends."""
    figures = measure(flag_history(calendar_company(1, 0.0), rule(fewest_departed=10**6)), draws=100)
    assert figures["intervals"]["gain"]["low"] > 0
    assert figures["intervals"]["gain_beyond_calendar"]["low"] <= 0
    assert not figures["skill"]


@settings(deadline=None, max_examples=8)
@given(st.integers(30, 59), st.integers(0, 10))
def test_whether_flags_are_withheld_is_decided_by_outcomes_known_before(number: int, seed: int) -> None:
    history = calendar_company(2, 0.5, accounts=120)
    unknown = history["as_of"] + pd.Timedelta(days=120) >= week(number)
    rng = np.random.default_rng(seed)
    other = history.assign(churned=history["churned"].where(~unknown, rng.integers(0, 2, len(history)).astype(float)))
    few = rule(fewest_departed=5)
    now = history["as_of"] == week(number)
    before, after = flag_history(history, few), flag_history(other, few)
    assert (before.loc[now, "watermelon"] == after.loc[now, "watermelon"]).all()
