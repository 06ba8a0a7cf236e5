from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rind.reports.benchmarks import Benchmarks
from rind.reports.sentences import Speaker

FEATURES: dict[str, tuple[str, int, str]] = {
    "engagement__answer_rate__91d": ("share", -1, "{engagement__answer_rate__91d} of our messages were answered"),
    "surveys__asked__364d": ("count", 0, "questions sent: {surveys__asked__364d}"),
    "tickets__escalated__364d": ("count", 1, "escalations in the last year: {tickets__escalated__364d}"),
    "contacts__has_champion__now": ("flag", -1, "a champion is present"),
    "usage__events_change__91d": ("balance", -1, "use went {usage__events_change__91d} against the 13 weeks before"),
    "usage__users_change__28d": ("ratio", -1, "users {change:usage__users_before__28d:usage__users__28d}"),
    "contacts__answering__91d": (
        "count", -1, "contacts who answered: {contacts__answering__91d} of {contacts__active__now}",
    ),
    "contacts__active__now": ("count", 0, ""),
    "contacts__single_threaded__now": ("flag", 1, "one person carries the relationship"),
    "commercial__seats__now": ("count", 0, ""),
    "usage__users_before__28d": ("count", 0, ""),
    "usage__users__28d": ("count", 0, ""),
}  # fmt: skip


def sentence(
    feature: str, values: list[Any], worse: bool = True, segment: str = "small_business", **more: list[Any]
) -> Any:
    """What is said of the first of ten accounts."""
    zero = {"contacts__has_champion__now": "no champion is present"}
    catalogue = pd.DataFrame(
        [
            {"name": n, "family": n.split("__")[0], "unit": u, "direction": d, "sentence": s, "description": n,
             "when_zero": zero.get(n, ""), "when_missing": ""}
            for n, (u, d, s) in FEATURES.items()
        ]
    )  # fmt: skip
    index = pd.RangeIndex(10, name="account_id")
    frame = pd.DataFrame({feature: values, **more}, index=index)
    speaker = Speaker(catalogue, frame)
    segments = pd.Series(segment, index=index)
    return Benchmarks(speaker, catalogue, frame, segments, beyond_usual=0.1).sentence(0, feature, worse)


def test_a_fact_stands_beside_the_median_of_its_segment() -> None:
    rates = [0.12, *[0.41] * 9]
    words = sentence("engagement__answer_rate__91d", rates)
    assert words == "12 % of our messages were answered; 41 % is usual in small business"
    assert sentence("engagement__answer_rate__91d", rates, segment="") == (
        "12 % of our messages were answered; 41 % is usual"
    )


def test_good_news_is_no_risk_and_bad_news_is_nothing_in_favour() -> None:
    assert sentence("engagement__answer_rate__91d", [0.8, *[0.41] * 9]) is None
    assert sentence("engagement__answer_rate__91d", [0.8, *[0.41] * 9], worse=False) is not None
    assert sentence("engagement__answer_rate__91d", [0.1, *[0.41] * 9], worse=False) is None


def test_all_of_the_few_that_there_are_is_not_too_little() -> None:
    answering, active = "contacts__answering__91d", "contacts__active__now"
    assert sentence(answering, [1, *[3] * 9], **{active: [1, *[5] * 9]}) is None
    few = sentence(answering, [1, *[3] * 9], **{active: [2, *[5] * 9]})
    assert few == "Contacts who answered: 1 of 2; 3 is usual in small business"


def test_an_account_with_one_seat_is_not_told_that_one_person_carries_the_relationship() -> None:
    alone, seats = "contacts__single_threaded__now", "commercial__seats__now"
    assert sentence(alone, [1, *[0] * 9], **{seats: [1, *[5] * 9]}) is None
    assert sentence(alone, [1, *[0] * 9], **{seats: [4, *[5] * 9]}) is not None


def test_a_difference_that_rounds_away_is_not_told() -> None:
    assert sentence("engagement__answer_rate__91d", [0.4079, *[0.4081] * 9]) is None


def test_a_fact_without_a_direction_or_a_value_is_not_told() -> None:
    assert sentence("surveys__asked__364d", [35, *[10] * 9]) is None
    assert sentence("engagement__answer_rate__91d", [None, *[0.4] * 9]) is None


def test_where_none_is_usual_the_words_say_so() -> None:
    words = sentence("tickets__escalated__364d", [2, *[0] * 9])
    assert words == "Escalations in the last year: 2; none is usual in small business"


def test_a_yes_or_no_is_told_beside_how_many_are_alike_and_only_where_few_are() -> None:
    words = sentence("contacts__has_champion__now", [0, 0, *[1] * 8])
    assert words == "No champion is present; the same holds for 20 % of small business accounts"
    assert sentence("contacts__has_champion__now", [0, *[0] * 5, *[1] * 4]) is None


def test_a_change_is_told_beside_the_own_past() -> None:
    assert (
        sentence("usage__events_change__91d", [-0.3, *[0.0] * 9]) == "Use went down by 46 % against the 13 weeks before"
    )
    assert sentence("usage__events_change__91d", [0.1, *[0.4] * 9]) is None  # it rose, if by less than others'


def test_a_change_from_three_to_three_is_none() -> None:
    users = {"usage__users_before__28d": [3.2] * 10, "usage__users__28d": [3.0] * 10}
    assert (
        sentence("usage__users_change__28d", [-0.03, *[0.0] * 9], **{**users, "usage__users__28d": [3.17] * 10}) is None
    )
    assert sentence("usage__users_change__28d", [-0.4, *[0.0] * 9], usage__users_before__28d=[14.0] * 10,
                    usage__users__28d=[6.0] * 10) == "Users fell from 14 to 6"  # fmt: skip


@pytest.mark.parametrize(("others", "words"), [(0.41, True), (0.12, False)])
def test_what_most_share_is_usual(others: float, words: bool) -> None:
    assert (sentence("engagement__answer_rate__91d", [0.12, *[others] * 9]) is not None) == words
