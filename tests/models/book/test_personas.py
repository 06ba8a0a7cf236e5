"""Planted traits are found and confirmed; where there are none, none stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rind.models.book.personas import find_personas
from rind.models.book.qualify import qualified
from rind.models.book.traits import Condition, conditions, from_records, holds, rules
from rind.models.book.voice_settings import PersonaSettings
from rind.reports.persona_text import rule_words

SETTINGS = PersonaSettings(
    days=365, search_share=0.6, fewest_accounts=20, alpha=0.05, most_rules=3, permutations=99
)  # fmt: skip


def company(seed: int, planted: bool, count: int = 900) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    traits = pd.DataFrame(
        {"industry": rng.choice(["media", "retail", "health"], count), "employees": rng.lognormal(4, 1, count).round()},
        index=[f"a{n}" for n in range(count)],
    )
    rate = np.where((traits["industry"] == "media") & planted, 0.5, 0.12)
    signed = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 900, count), unit="D")
    churned = pd.array(rng.random(count) < rate, dtype="boolean")
    return pd.DataFrame({"signed_on": signed, "churned": churned}, index=traits.index), traits


def found(seed: int, planted: bool) -> list[dict[str, Any]]:
    accounts, traits = company(seed, planted)
    made = find_personas(accounts, {"signing": traits}, ("churned",), SETTINGS, 7)
    return [row for row in made["personas"] if row["confirmed"]]


def test_a_planted_trait_stands_with_its_rate_and_interval() -> None:
    first = found(1, planted=True)[0]
    assert first["conditions"] == [{"trait": "industry", "kind": "is", "value": "media"}]
    assert first["low"] < 0.5 < first["high"]
    assert first["elsewhere"] < 0.2


def test_without_a_trait_none_stands() -> None:
    assert sum(bool(found(seed, planted=False)) for seed in range(10)) <= 1


def test_an_account_of_which_the_group_is_unknown_takes_no_part() -> None:
    accounts, traits = company(1, planted=True)
    accounts.loc[accounts.index[:400], "churned"] = pd.NA
    made = find_personas(accounts, {"signing": traits}, ("churned",), SETTINGS, 7)["groups"][0]
    assert made["searched"] + made["confirmed_on"] == 500


def test_nobody_has_no_rule() -> None:
    accounts, traits = company(1, planted=True)
    made = find_personas(accounts.iloc[:0], {"signing": traits}, ("churned",), SETTINGS, 7)
    assert made["personas"] == []
    assert made["groups"][0]["searched"] == 0


def test_a_condition_holds_nowhere_where_the_trait_is_unknown() -> None:
    traits = pd.DataFrame({"size": [1.0, 2.0, None], "kind": ["a", None, "b"]})
    assert list(Condition("size", "at_least", 2.0).holds(traits)) == [False, True, False]
    assert list(Condition("size", "below", 2.0).holds(traits)) == [True, False, False]
    assert list(Condition("kind", "is", "a").holds(traits)) == [True, False, False]
    assert not Condition("other", "is", "a").holds(traits).any()


def test_rules_have_at_most_two_conditions_on_two_traits() -> None:
    _, traits = company(1, planted=True)
    tried = rules(traits, 20)
    assert all(len({condition.trait for condition in rule}) == len(rule) <= 2 for rule in tried)
    assert all(holds(rule, traits).sum() >= 20 for rule in tried)
    assert set(conditions(traits, 20)) == {rule[0] for rule in tried if len(rule) == 1}


def test_prospects_are_scored_by_the_confirmed_rules_that_fit() -> None:
    rule = [{"trait": "industry", "kind": "is", "value": "media"}]
    other = [{"trait": "employees", "kind": "below", "value": 40}]
    both = {"group": "churned", "known": "signing"}
    personas = [
        both | {"conditions": rule, "rule": rule_words(rule), "rate": 0.5, "confirmed": True},
        both | {"conditions": other, "rule": rule_words(other), "rate": 0.9, "confirmed": False},
    ]
    prospects = pd.DataFrame({"name": ["x", "y"], "industry": ["media", "retail"], "employees": [10, 10]})
    made = qualified(prospects, personas, ("churned", "essential"))
    assert list(made["churned_rule"]) == ["Industry is media", ""]
    assert made["churned_rate"].tolist()[0] == 0.5
    assert made["churned_rate"].isna().tolist() == [False, True]
    assert made["essential_rate"].isna().all()
    assert from_records(rule) == (Condition("industry", "is", "media"),)
