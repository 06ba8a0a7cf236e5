from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.promotion import FEWEST_CHURNED, judge


def backtest(skill: float, accounts: int = 300, seed: int = 0, as_of: str = "2024-01-01") -> pd.DataFrame:
    """One row per account: whoever has a high risk leaves; the model sees it through noise."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=accounts)
    churned = (rng.random(accounts) < 1 / (1 + np.exp(2 - 2 * risk))).astype(float)
    seen = skill * risk + (1 - skill) * np.random.default_rng(seed + 1).normal(size=accounts)
    table = {"account_id": [f"a{n}" for n in range(accounts)], "as_of": pd.Timestamp(as_of), "mrr": 10.0}
    return pd.DataFrame({**table, "churned": churned, "churn_probability": 1 / (1 + np.exp(2 - seen))})


def test_the_first_model_is_the_champion() -> None:
    assert judge(backtest(0.5), None, 50, 1).promote


def test_a_model_that_is_better_beyond_noise_is_promoted_and_a_worse_one_is_not() -> None:
    better = judge(backtest(1.0), backtest(0.1), 100, 1)
    assert better.promote
    assert better.difference is not None
    assert better.difference["low"] > 0
    assert "better beyond noise" in better.words
    assert not judge(backtest(0.1), backtest(1.0), 100, 1).promote


def test_the_same_model_again_is_no_better() -> None:
    verdict = judge(backtest(0.8), backtest(0.8), 100, 1)
    assert not verdict.promote
    assert verdict.difference == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert "not better beyond noise" in verdict.words


def test_a_gain_within_noise_is_not_enough() -> None:
    verdict = judge(backtest(0.82, accounts=120), backtest(0.8, accounts=120), 100, 1)
    assert not verdict.promote


def test_few_churned_accounts_in_common_cannot_tell_two_models_apart() -> None:
    few = backtest(1.0)
    few["churned"] = (np.arange(len(few)) < FEWEST_CHURNED - 1).astype(float)
    verdict = judge(few, backtest(0.1), 50, 1)
    assert not verdict.promote
    assert f"only {FEWEST_CHURNED - 1} churned accounts" in verdict.words


def test_a_champion_of_another_company_gives_way() -> None:
    other = backtest(1.0).assign(account_id=lambda t: "b" + t["account_id"])
    assert judge(backtest(0.1), other, 50, 1).promote
    numbered = backtest(1.0).assign(account_id=range(300))
    assert judge(backtest(0.1), numbered, 50, 1).promote


def test_a_model_that_nobody_can_judge_yet_does_not_displace_a_champion() -> None:
    unknown = backtest(0.5)
    unknown.loc[0, "churned"] = np.nan  # the date has not all its outcomes
    verdict = judge(unknown, backtest(1.0), 50, 1)
    assert not verdict.promote
    assert "0 churned accounts" in verdict.words


def test_only_dates_with_all_their_outcomes_are_compared() -> None:
    first, last = backtest(1.0), backtest(0.0, seed=5, as_of="2024-02-01")
    last["churned"] = last["churned"].where(last["churned"] == 1)  # so far only those that left are known
    both = pd.concat([first, last], ignore_index=True)
    theirs = pd.concat([backtest(0.1), last.assign(churn_probability=0.99)], ignore_index=True)
    assert judge(both, theirs, 60, 1).difference == judge(first, backtest(0.1), 60, 1).difference


@pytest.mark.parametrize("trend", [0.1, 0.9])
def test_outcomes_are_the_challengers_which_saw_more(trend: float) -> None:
    champion = backtest(trend).assign(churned=np.nan)
    assert judge(backtest(1.0), champion, 60, 1).difference == judge(backtest(1.0), backtest(trend), 60, 1).difference
