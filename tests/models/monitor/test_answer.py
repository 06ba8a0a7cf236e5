"""One answer: hold, look or retrain."""

from __future__ import annotations

from typing import Any

import pytest

from rind.common.facts.figures import Figure
from rind.models.monitor.answer import answer_of, signs
from rind.models.monitor.settings import MonitorSettings
from rind.reports.monitor_text import reasons, rules_sentence

SETTINGS = MonitorSettings(
    recent_days=91, reference_days=364, large_psi=0.25, share_of_shap=0.1, times_expected=1.5, fewest_churned=20
)
MOVED: dict[str, Any] = {"usage": {"psi": 0.4, "moved": 3, "features": 9, "share_of_shap": 0.3}}


def figure(value: float, by: float = 0.02) -> Figure:
    return {"value": value, "low": value - by, "high": value + by}


def given(**changed: Any) -> dict[str, Any]:
    measured = {
        "drift": {}, "scores_psi": 0.0, "promised": figure(0.8), "seen": figure(0.8), "base_rate": figure(0.05),
        "base_rate_before": figure(0.05),
        "rules_changed": False,
        "departures": {"seen": 10.0, "expected": 10.0, "times": figure(1.0), "accounts": 40},
    }  # fmt: skip
    return measured | changed


def departed(times: float, accounts: int = 40) -> dict[str, Any]:
    return {"seen": 10 * times, "expected": 10.0, "times": figure(times, 0.2), "accounts": accounts}


@pytest.mark.parametrize(
    ("changed", "answer", "word"),
    [
        ({}, "hold", "as they were"),
        ({"seen": figure(0.7)}, "retrain", "ranked"),
        ({"seen": figure(0.78)}, "hold", "as they were"),
        ({"departures": departed(1.6)}, "retrain", "more than"),
        ({"departures": departed(0.5)}, "retrain", "fewer than"),
        ({"departures": departed(1.4)}, "hold", "as they were"),
        ({"departures": departed(1.6, accounts=19)}, "hold", "too few"),
        ({"drift": MOVED}, "look", "Usage lies elsewhere"),
        ({"drift": {"usage": MOVED["usage"] | {"share_of_shap": 0.05}}}, "hold", "as they were"),
        ({"scores_psi": 0.3}, "look", "Today's scores"),
        ({"scores_psi": None}, "hold", "as they were"),
        ({"base_rate": figure(0.15)}, "look", "15.0 %"),
        ({"rules_changed": True}, "retrain", "other facts"),
    ],
)
def test_the_answer_and_its_reason(changed: dict[str, Any], answer: str, word: str) -> None:
    measured = given(**changed)
    found = signs(**measured, settings=SETTINGS)
    assert answer_of(found) == answer
    record: Any = (
        measured
        | {"rules": {"fired": True, "words": "other facts"}}
        | {"promised_auc": measured["promised"], "seen_auc": measured["seen"]}
    )
    assert word in " ".join(reasons(found, record))


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({}, ""),
        ({"p_value": None, "churned_accounts": 12, "fired": False}, "Too few accounts left (12) to tell"),
        ({"p_value": None, "fired": None}, "Too few accounts left (0) to tell"),
        (
            {"p_value": 0.41, "recent_from": "2026-01-05", "recent_until": "2026-03-30"},
            "No change of the rules is shown",
        ),
        ({"p_value": 0.001, "fired": True, "words": "The rules have changed: why."}, "The rules have changed: why."),
    ],
)
def test_the_page_says_whether_the_rules_have_changed_or_that_it_cannot_tell(
    rules: dict[str, Any], sentence: str
) -> None:
    assert rules_sentence(rules).startswith(sentence)
    assert bool(rules_sentence(rules)) == bool(sentence)
