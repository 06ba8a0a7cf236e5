from __future__ import annotations

import pytest

from rind.reports.facts import Interval
from rind.reports.formats import HOUSE
from rind.reports.worth_text import assumption_sentences, gain_sentence

WORTH = {"margin_share": 0.8, "success_share": 0.2, "kept_months": 12.0, "offer_cost": 0.0}


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        ((838, -1399, 3793), "it was 838 more a week (1,399 less to 3,793 more)."),
        ((838, 1, 3793), "is worth more than one by risk, beyond chance: 838 more a week (1 more to 3,793 more)."),
        ((-20, -30, -10), "is worth less than one by risk, beyond chance: 20 less a week (30 less to 10 less)."),
        ((0, 0, 0), "it was 0 more a week (0 more to 0 more)."),
    ],
)
def test_an_order_is_called_better_only_beyond_chance(gain: tuple[float, float, float], words: str) -> None:
    sentence = gain_sentence(Interval(*gain), HOUSE.money)
    assert sentence.endswith(words)
    assert sentence.startswith("Which order keeps the most cannot be told") is ("it was" in words)


def test_the_orders_are_compared_under_assumptions_that_are_said() -> None:
    first, guess = assumption_sentences(WORTH, 12, HOUSE.money)
    assert "the first 12 accounts" in first
    assert "20 % of those that left would then have stayed for 12 months, at a margin of 80 %." in first
    assert "moves all orders alike" in guess
    dear, guess = assumption_sentences(WORTH | {"offer_cost": 50}, 12, HOUSE.money)
    assert dear.endswith("and that working on an account costs 50.")
    assert "alike" not in guess


def test_what_was_not_written_down_or_measured_is_not_said() -> None:
    assert gain_sentence(None, HOUSE.money) == gain_sentence(Interval(838), HOUSE.money) == ""
    assert assumption_sentences({}, 12, HOUSE.money) == assumption_sentences(WORTH, None, HOUSE.money) == []
