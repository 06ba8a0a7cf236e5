from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.reports.wording import render, spoken, spoken_change, spoken_name, uncapitalised

UNITS = {
    "usage__users__28d": "count", "usage__users_before__28d": "count", "usage__gap__91d": "share",
    "contacts__gone__ever": "days", "tickets__response__91d": "hours", "surveys__nps__ever": "score",
}  # fmt: skip


def said(template: str, **values: Any) -> str | None:
    return render(template, values.get, UNITS)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (14.0, "count", "14"), (4.5, "count", "4.5"), (12345, "count", "12,345"), (34, "days", "34 days"),
        (1, "days", "1 day"), (6.54, "hours", "6.5 hours"), (0.37, "share", "37 %"), (0.001, "share", "under 1 %"),
        (0.999, "share", "over 99 %"), (1.0, "share", "100 %"), (-0.2, "share", "-20 %"), (1200, "money", "1,200"),
        (1.5, "money", "1.50"), (0.613, "ratio", "0.61"), (1.0, "flag", "yes"), (False, "flag", "no"),
        (8.2, "score", "8.2"), ("basic", "text", "basic"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_a_person_would(value: Any, unit: str, text: str) -> None:
    assert spoken(value, unit) == text


def test_a_change_says_which_way_it_went() -> None:
    assert spoken_change(14, 6, "count") == "fell from 14 to 6"
    assert spoken_change(12, 34, "days") == "rose from 12 to 34 days"
    assert spoken_change(0.1, 0.4, "share") == "rose from 10 % to 40 %"
    assert spoken_change(1, 0, "flag") == "went from yes to no"


def test_a_change_that_cannot_be_seen_in_print_is_none() -> None:
    assert spoken_change(14.01, 14.02, "count") == "stayed at 14"


def test_a_change_with_one_empty_side_says_so() -> None:
    assert spoken_change(None, 6, "count") == "is 6, with no earlier value"
    assert spoken_change(6, math.nan, "count") == "was 6 and has no value now"
    assert spoken_change(None, None, "count") is None


def test_a_template_prints_values_and_changes() -> None:
    template = "active users {change:usage__users_before__28d:usage__users__28d} in four weeks"
    values = {"usage__users_before__28d": 14, "usage__users__28d": 6}
    assert said(template, **values) == "Active users fell from 14 to 6 in four weeks"


@pytest.mark.parametrize(
    ("move", "text"),
    [
        (2.0, "NPS moved up by 2 points"), (-1.0, "NPS moved down by 1 point"), (-0.25, "NPS moved down by 0.2 points"),
        (0.01, "NPS moved by 0 points"), (math.nan, None),
    ],
)  # fmt: skip
def test_a_difference_says_its_direction(move: float, text: str | None) -> None:
    assert said("NPS moved {moved:usage__users__28d} points", usage__users__28d=move) == text


@pytest.mark.parametrize("template", ["left {contacts__gone__ever} ago", "left {contacts__gone__ever} days ago"])
def test_the_unit_is_said_once_even_where_the_template_brings_it(template: str) -> None:
    assert said(template, contacts__gone__ever=34) == "Left 34 days ago"
    assert said(template, contacts__gone__ever=1) == "Left 1 day ago"
    assert said(template, contacts__gone__ever=0) == "Left today"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{usage__users__28d} active users are at work", "1 active user is at work"),
        ("{usage__users__28d} replies were late", "1 reply was late"),
        ("{usage__users__28d} people left", "1 person left"),
        ("{usage__users__28d} of the users left", "1 of the users left"),
        ("{usage__users__28d} is enough", "1 is enough"),
        ("{usage__users__28d} access rights", "1 access right"),
    ],
)
def test_one_of_a_thing_takes_the_singular(template: str, text: str) -> None:
    assert said(template, usage__users__28d=1.0) == text


def test_eleven_of_a_thing_keep_the_plural() -> None:
    assert said("{usage__users__28d} users are at work", usage__users__28d=11) == "11 users are at work"


@pytest.mark.parametrize(
    "template", ["", "{usage__unknown__28d} users", "{usage__users__28d", "usage__users__28d fell"]
)
def test_a_template_that_cannot_be_filled_or_shows_a_raw_name_gives_nothing(template: str) -> None:
    assert said(template, usage__users__28d=3) is None


def test_an_empty_value_gives_nothing() -> None:
    assert said("{usage__users__28d} users", usage__users__28d=None) is None


def test_a_text_value_with_braces_is_never_read_as_a_template() -> None:
    assert render("plan {a__b}", {"a__b": "{usage__users__28d}"}.get, {"a__b": "text"}) is None


def test_an_abbreviation_keeps_its_capitals_inside_a_sentence() -> None:
    assert [uncapitalised(t) for t in ("NPS fell", "Users left", "MRR-weighted")] == [
        "NPS fell",
        "users left",
        "MRR-weighted",
    ]


def test_a_feature_without_words_gets_some() -> None:
    assert spoken_name("usage__active_users__28d") == "active users (usage, 28 days)"


@settings(deadline=None, max_examples=60)
@given(
    value=st.floats(allow_nan=False, allow_infinity=False, width=32), unit=st.sampled_from(sorted(set(UNITS.values())))
)
def test_every_number_can_be_said(value: float, unit: str) -> None:
    assert spoken(value, unit)


@pytest.mark.parametrize(
    ("template", "count", "words"),
    [
        ("our last {n} messages went unanswered", 1, "Our last message went unanswered"),
        ("our last {n} messages went unanswered", 2, "Our last 2 messages went unanswered"),
        ("the contract was expanded {n} times", 1, "The contract was expanded once"),
        ("the contract was expanded {n} times", 21, "The contract was expanded 21 times"),
        ("weekly use swings by {n} times its mean", 2.1, "Weekly use swings by 2.1 times its mean"),
    ],
)
def test_one_is_said_as_people_say_it(template: str, count: float, words: str) -> None:
    assert render(template, lambda _: count, {"n": "count"}) == words
