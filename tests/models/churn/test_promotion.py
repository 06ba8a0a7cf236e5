from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.promotion import Ground, Verdict
from rind.models.churn import promotion

TODAY = date(2024, 6, 1)
FEWEST_CHURNED = 20


def judge(challenger: pd.DataFrame, champion: pd.DataFrame | None, draws: int, as_of: date = TODAY) -> Verdict:
    return promotion.judge(challenger, champion, as_of, FEWEST_CHURNED, draws, 1)


def backtest(
    skill: float, accounts: int = 300, seed: int = 0, as_of: str = "2024-01-01", trained: date = TODAY
) -> pd.DataFrame:
    """One row per account: whoever has a high risk leaves; the model sees it through noise."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=accounts)
    churned = (rng.random(accounts) < 1 / (1 + np.exp(2 - 2 * risk))).astype(float)
    signal = skill * risk + (1 - skill) * np.random.default_rng(seed + 1).normal(size=accounts)
    table = {"account_id": [f"a{n}" for n in range(accounts)], "as_of": pd.Timestamp(as_of), "mrr": 10.0}
    table["trained_as_of"] = pd.Timestamp(trained)
    return pd.DataFrame({**table, "churned": churned, "churn_probability": 1 / (1 + np.exp(2 - signal))})


def test_the_first_model_is_the_champion() -> None:
    assert judge(backtest(0.5), None, 50).promote


def test_a_model_that_is_better_beyond_noise_is_promoted_and_a_worse_one_is_not() -> None:
    better = judge(backtest(1.0), backtest(0.1), 100)
    assert better.promote
    assert better.difference is not None
    assert better.difference["low"] > 0
    assert better.ground is Ground.MEASURED
    assert not judge(backtest(0.1), backtest(1.0), 100).promote


def test_the_same_model_again_is_no_better() -> None:
    verdict = judge(backtest(0.8), backtest(0.8), 100)
    assert not verdict.promote
    assert verdict.difference == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert verdict.ground is Ground.MEASURED


def test_a_gain_within_noise_is_not_enough() -> None:
    verdict = judge(backtest(0.82, accounts=120), backtest(0.8, accounts=120), 100)
    assert not verdict.promote


def test_few_churned_accounts_in_common_cannot_tell_two_models_apart() -> None:
    few = backtest(1.0)
    few["churned"] = (np.arange(len(few)) < FEWEST_CHURNED - 1).astype(float)
    verdict = judge(few, backtest(0.1), 50)
    assert not verdict.promote
    assert (verdict.ground, verdict.churned_in_common) == (Ground.TOO_FEW_IN_COMMON, FEWEST_CHURNED - 1)


def test_a_champion_of_another_company_gives_way() -> None:
    other = backtest(1.0).assign(account_id=lambda t: "b" + t["account_id"])
    assert judge(backtest(0.1), other, 50).promote
    numbered = backtest(1.0).assign(account_id=range(300))
    assert judge(backtest(0.1), numbered, 50).promote


def test_a_run_of_a_past_date_is_no_champion_however_good_and_whatever_it_shares() -> None:
    """Today's champion knows all that it knows, and more."""
    day_before = date(2024, 5, 31)
    for past in (backtest(1.0), backtest(1.0, as_of="2022-01-01"), backtest(1.0).assign(account_id="x")):
        verdict = judge(past, backtest(0.1), 50, day_before)
        assert not verdict.promote
        assert verdict.ground is Ground.OLDER_THAN_CHAMPION
        assert (verdict.champion_trained, verdict.as_of) == (TODAY, day_before)
    assert judge(backtest(1.0), backtest(0.1), 50, TODAY).promote


def test_a_champion_older_than_all_that_was_measured_gives_way_where_enough_was() -> None:
    old = backtest(1.0, as_of="2023-01-01", trained=date(2023, 12, 31))
    new = backtest(0.1)
    verdict = judge(new, old, 50)
    assert verdict.promote
    assert (verdict.ground, verdict.champion_trained) == (Ground.CHAMPION_OUTDATED, date(2023, 12, 31))
    assert not judge(new, old.assign(trained_as_of=pd.Timestamp("2024-01-01")), 50).promote
    assert not judge(new.assign(churned=np.nan), old, 50).promote
    few = (np.arange(len(new)) < FEWEST_CHURNED - 1).astype(float)
    assert not judge(new.assign(churned=few), old, 50).promote


def test_a_model_that_nobody_can_judge_yet_does_not_displace_a_champion() -> None:
    unknown = backtest(0.5)
    unknown.loc[0, "churned"] = np.nan  # the date has not all its outcomes
    verdict = judge(unknown, backtest(1.0), 50)
    assert not verdict.promote
    assert (verdict.ground, verdict.churned_in_common) == (Ground.TOO_FEW_IN_COMMON, 0)


def test_only_dates_with_all_their_outcomes_are_compared() -> None:
    first, last = backtest(1.0), backtest(0.0, seed=5, as_of="2024-02-01")
    last["churned"] = last["churned"].where(last["churned"] == 1)  # so far only those that left are known
    both = pd.concat([first, last], ignore_index=True)
    theirs = pd.concat([backtest(0.1), last.assign(churn_probability=0.99)], ignore_index=True)
    assert judge(both, theirs, 60).difference == judge(first, backtest(0.1), 60).difference


@pytest.mark.parametrize("trend", [0.1, 0.9])
def test_outcomes_are_the_challengers_which_saw_more(trend: float) -> None:
    champion = backtest(trend).assign(churned=np.nan)
    assert judge(backtest(1.0), champion, 60).difference == judge(backtest(1.0), backtest(trend), 60).difference
