"""Playbooks of made companies whose effect is known: found, not invented, and nothing said where nothing compares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.effects import EffectRecord
from rind.models.effects.judge import MRR, PLACEBO, effects
from rind.models.effects.settings import EffectSettings

SETTINGS = EffectSettings(
    fewest_accounts=30, fewest_left=20, comparable_per_start=10, folds=4, most_likely=0.9, fewest_alike=10,
    most_dropped=0.5, error_rate=0.05, least_placebo_p=0.01,
)  # fmt: skip


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def made(seed: int, shift: float, accounts: int = 4000, past: float = 0.0, select: float = 1.5) -> pd.DataFrame:
    """One row an account; `risk` decides who is treated (`select`) and who leaves, the playbook shifts its log-odds."""
    rng = np.random.default_rng(seed)
    risk, friction = rng.normal(size=(2, accounts))
    treated = rng.random(accounts) < sigmoid(-2.2 + select * risk)
    odds = -2.2 + risk + 0.5 * friction
    left = rng.random(accounts) < sigmoid(odds + shift * treated)
    return pd.DataFrame(
        {
            "account_id": [f"A{n}" for n in range(accounts)],
            "as_of": pd.Timestamp("2024-01-01") + pd.to_timedelta(7 * rng.integers(0, 3, accounts), unit="D"),
            "playbook": np.where(treated, "sprint", ""),
            "churned": left.astype(float),
            "cost": np.where(treated, 100.0, np.nan),
            "interventions_before": 0,
            "churn_probability": sigmoid(-2.2 + 0.8 * risk),
            "usage__risk__28d": risk,
            "tickets__friction__91d": friction,
            MRR: 50.0,
            PLACEBO: past * treated + 0.1 * rng.normal(size=accounts),
        }
    ).assign(truth=(sigmoid(odds + shift) - sigmoid(odds)))


def one(rows: pd.DataFrame, **changed: Any) -> EffectRecord:
    [record] = effects(rows, SETTINGS.model_copy(update=changed), threads=1, seed=1)
    return record


@pytest.mark.parametrize(("shift", "verdict"), [(-1.2, "helps"), (0.9, "harms"), (0.0, "none_shown")])
def test_a_known_effect_is_found_although_accounts_at_risk_get_the_playbook(shift: float, verdict: str) -> None:
    rows = made(3, shift)
    found, truth = one(rows), float(rows.loc[rows["playbook"] != "", "truth"].mean())
    assert found["low"] < truth < found["high"]  # type: ignore[operator]
    assert found["verdict"] == verdict
    assert found["raw"] > truth + 0.05  # type: ignore[operator]  # the raw comparison misleads


def test_the_money_saved_is_the_mrr_of_the_starts_times_the_effect_and_roi_counts_a_year() -> None:
    found = one(made(3, -1.2))
    assert found["mrr_saved"] == pytest.approx(-found["effect"] * 50 * found["starts"])  # type: ignore[operator]
    assert found["cost"] == 100 * found["starts"]
    assert found["roi"] == pytest.approx((12 * found["mrr_saved"] - found["cost"]) / found["cost"])  # type: ignore[operator]


def test_nothing_is_claimed_in_most_companies_without_an_effect_and_the_interval_holds_none() -> None:
    found = [one(made(seed, 0.0, accounts=1500)) for seed in range(8)]
    assert sum(record["low"] < 0 < record["high"] for record in found) >= 6  # type: ignore[operator]


def _only_the_worst(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(playbook=np.where(rows["usage__risk__28d"] > 0.5, "sprint", ""))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows.drop(rows.index[rows["playbook"] != ""][29:]), "too_few"),
        (lambda rows: rows.assign(playbook="sprint"), "too_few"),
        (lambda rows: rows.drop(rows.index[rows["playbook"] == ""][1:]), "too_few"),
        (_only_the_worst, "no_overlap"),
        (lambda rows: rows.assign(**{PLACEBO: np.nan}), "no_placebo"),
        (lambda rows: rows.drop(columns=PLACEBO), "no_placebo"),
        (lambda rows: rows.assign(**{PLACEBO: rows[PLACEBO] + 0.1 * (rows["playbook"] != "")}), "placebo_fails"),
    ],
)  # fmt: skip
def test_it_cannot_be_told(change: Callable[[pd.DataFrame], pd.DataFrame], reason: str) -> None:
    found = one(change(made(3, -1.2)))
    assert (found["verdict"], found["reason"]) == ("cannot_tell", reason)


def test_without_interventions_there_are_no_effects() -> None:
    assert effects(made(3, 0.0).query("playbook == ''"), SETTINGS, 1, 1) == []


def test_rows_of_one_account_count_once_for_the_interval() -> None:
    rows = made(3, -1.2, accounts=1500)
    single, thrice = one(rows), one(pd.concat([rows] * 3, ignore_index=True))
    assert thrice["high"] - thrice["low"] > 0.85 * (single["high"] - single["low"])  # type: ignore[operator]
