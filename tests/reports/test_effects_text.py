"""What playbooks did, in words."""

from __future__ import annotations

from typing import Any

import pytest

from rind.common.facts.effects import EffectRecord
from rind.reports.effects_text import advice_note, change_words, effect_sentences, interval, points, sentence

HELPS: Any = {
    "playbook": "support_sprint", "accounts": 1200, "effect": -0.04, "low": -0.07, "high": -0.012, "raw": 0.03,
    "rate": 0.08, "rate_expected": 0.12, "verdict": "helps", "reason": "",
}  # fmt: skip


def record(**changed: Any) -> EffectRecord:
    made: EffectRecord = {**HELPS, **changed}
    return made


@pytest.mark.parametrize(
    ("share", "words"),
    [(-0.041, "-4.1 points"), (0.123, "+12 points"), (-0.0001, "0 points"), (0.01, "+1 point"), (-0.01, "-1 point"),
     (-0.04, "-4 points"), (None, "\u2013")],
)  # fmt: skip
def test_a_difference_is_told_in_points(share: float | None, words: str) -> None:
    assert points(share) == words


def test_what_helps_is_told_with_what_was_to_be_expected_and_where_the_raw_comparison_misleads() -> None:
    assert sentence(record(), 90) == (
        "Support sprint helps: of 1,200 accounts that got it 8 % left within 90 days, fewer than the 12 % to be "
        "expected without it: -4 points (-7 to -1.2). The raw comparison says +3 points, since accounts at other risk "
        "get it."
    )


def test_what_is_shown_of_use_and_revenue_follows() -> None:
    use = {"outcome": "active_days", "effect": 0.2, "low": 0.1, "high": 0.3, "direction": "up"}
    mrr = {"outcome": "mrr", "effect": -0.0001, "low": -0.02, "high": 0.02, "direction": "none_shown"}
    words = sentence(record(verdict="none_shown", effect=0.0, low=-0.02, high=0.04, raw=None, changes=[use, mrr]), 90)
    assert words.endswith("Use rose: +0.20 days a week (+0.10 to +0.30).")
    assert change_words(mrr) == "0.0 % (-2.0 to +2.0)"
    assert change_words({"outcome": "mrr", "direction": "cannot_tell", "effect": 0.1}) == ""


def test_what_harms_is_told() -> None:
    assert "more than" in sentence(record(verdict="harms", effect=0.05, low=0.01, high=0.09), 90)


def test_where_no_effect_is_shown_the_interval_is_told() -> None:
    assert sentence(record(verdict="none_shown", effect=0.0, low=-0.02, high=0.04), 90) == (
        "Support sprint: no effect shown, 0 points (-2 to +4)."
    )


@pytest.mark.parametrize("reason", ["too_few", "no_overlap", "no_placebo", "placebo_fails", "another"])
def test_where_it_cannot_be_told_the_reason_is(reason: str) -> None:
    words = sentence(record(verdict="cannot_tell", reason=reason, effect=None, low=None, high=None), 90)
    assert words.startswith("Support sprint: cannot be told; ")
    assert words.endswith(".")


def test_only_a_shown_help_stands_behind_an_advice() -> None:
    assert advice_note(record()) == "Support sprint helped before: -4 points (-7 to -1.2)"
    assert {advice_note(record(verdict=other)) for other in ("harms", "none_shown", "cannot_tell")} == {""}


def test_nothing_measured_has_no_interval_and_no_playbook_no_sentence() -> None:
    assert interval(None, -0.07, -0.012) == interval(-0.04, None, -0.012) == interval(-0.04, -0.07, None) == ""
    assert effect_sentences([], 90) == []
