"""Sentences of what a change did."""

from __future__ import annotations

from typing import Any

import pytest
from experiment_examples import document, outcome

from rind.reports.experiment_text import experiment_sentences, verdict_of


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "it rose; the interval holds what was expected"),
        ({"direction": "down", "against_expected": "less"}, "it fell; less than was expected"),
        ({"direction": "none_shown"}, "no effect shown; the interval holds none and what was expected: more accounts "
         "would tell them apart"),
        ({"direction": "none_shown", "expected": None, "against_expected": ""}, "no effect shown"),
        ({"direction": "cannot_tell", "why_not": "placebo_fails"}, "cannot be told: the placebo test fails: those "
         "compared moved apart before the change already"),
        ({"direction": "not_yet", "not_before": "2026-08-05"}, "not before 2026-08-05"),
    ],
)  # fmt: skip
def test_the_answer_says_what_is_shown_or_why_nothing_is(changed: dict[str, Any], words: str) -> None:
    assert verdict_of(outcome(**changed)) == words


def test_sentences_say_who_is_compared_what_came_and_what_it_is_worth() -> None:
    mrr = outcome(outcome="mrr", effect=0.028, low=0.001, high=0.055, expected=None, against_expected="")
    who, left_out, nps, money, worth = experiment_sentences(document(outcome(), mrr))
    assert who == "67 accounts got the change on 2026-01-12; 240 other customers of that day did not."
    assert left_out == "Of 70 named accounts 1 is in no result of this run, 2 are no customers that day."
    assert nps.startswith(
        "NPS of those that answered: +5.0 points (+1.0 to +9.0) against 240 comparable accounts; it rose"
    )
    assert money.startswith("Revenue (mrr), departures counted: +2.8 % (+0.1 to +5.5)")
    assert worth.endswith("(+600 to +1,800); it cost 1,000.")


def test_money_is_told_only_where_an_effect_on_it_is_shown() -> None:
    mrr = outcome(outcome="mrr", direction="none_shown")
    assert not any("a year" in sentence for sentence in experiment_sentences(document(mrr)))
