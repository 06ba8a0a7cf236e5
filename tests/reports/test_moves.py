from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.reports.moves import move_sentences

CALENDAR = ("commercial__days_to_term_end__now",)
FEATURES = {
    "tickets__open__now": ("count", 1, "tickets open now: {tickets__open__now}"),
    "tickets__unanswered__now": ("count", 1, "unanswered tickets: {tickets__unanswered__now}"),
    "contacts__champion_lost__now": ("flag", 1, "the champion left"),
    "engagement__answer_rate__91d": ("share", -1, "{engagement__answer_rate__91d} of our messages were answered"),
    "commercial__days_to_term_end__now": ("days", 0, "the term ends in {commercial__days_to_term_end__now} days"),
    "commercial__seats__now": ("count", 0, "seats under contract: {commercial__seats__now}"),
    "commercial__overdue_months__now": (
        "ratio", 1, "{commercial__overdue_amount__now} is overdue, at {commercial__mrr__now} a month",
    ),
    "commercial__overdue_amount__now": ("money", 0, ""),
    "commercial__mrr__now": ("money", 0, ""),
    "tickets__per_seat__91d": ("ratio", 1, "{tickets__per_seat__91d} tickets per seat"),
}  # fmt: skip
NOW = {"tickets__open__now": 3.0, "tickets__unanswered__now": 1.0, "contacts__champion_lost__now": 1.0,
       "engagement__answer_rate__91d": 0.12, "commercial__days_to_term_end__now": 20.0,
       "commercial__seats__now": 8.0, "commercial__overdue_months__now": 1.5, "commercial__overdue_amount__now": 300.0,
       "commercial__mrr__now": 200.0, "tickets__per_seat__91d": 0.5}  # fmt: skip
BEFORE = NOW | {"tickets__open__now": 1.0, "contacts__champion_lost__now": 0.0, "engagement__answer_rate__91d": 0.4}


def told(was: dict[str, float] | None = None, before: bool = True, **points: float) -> tuple[float, str]:
    catalogue = pd.DataFrame(
        [
            {"name": n, "family": n.split("__")[0], "unit": u, "direction": d, "sentence": s, "description": n,
             "when_zero": "", "when_missing": ""}
            for n, (u, d, s) in FEATURES.items()
        ]
    )  # fmt: skip
    index = pd.Index(["a"], name="account_id")
    rows = [{"account_id": "a", "feature": f, "moved_points": points.get(f, 0.0 if before else None)} for f in FEATURES]
    explanations = pd.DataFrame(rows).astype({"moved_points": "float64"})
    values, earlier = pd.DataFrame([NOW], index), pd.DataFrame([BEFORE | (was or {})], index)
    row = move_sentences(catalogue, values, earlier, explanations, CALENDAR).loc["a"]
    return row["moved_points"], row["moved_by"]


def test_what_moved_a_score_is_told_with_its_points_the_largest_first() -> None:
    points, text = told(contacts__champion_lost__now=8.2, tickets__open__now=3.1)
    assert points == pytest.approx(11.3)
    assert text == "+11 points: the champion left (+8), tickets open now: 3, before that 1 (+3)"


def test_features_of_one_matter_are_told_once_by_the_one_that_changed() -> None:
    _, text = told(tickets__unanswered__now=3.0, tickets__open__now=2.0)
    assert text == "+5 points: tickets open now: 3, before that 1 (+5)"


def test_a_ratio_that_its_fact_tells_in_other_figures_has_no_earlier_value() -> None:
    _, text = told({"commercial__overdue_months__now": 0.0}, commercial__overdue_months__now=2.0)
    assert text == "+2 points: 300 is overdue, at 200 a month (+2)"
    _, text = told({"tickets__per_seat__91d": 0.2}, tickets__per_seat__91d=2.0)
    assert text == "+2 points: 0.50 tickets per seat, before that 0.20 (+2)"


def test_how_near_the_end_of_the_term_has_come_is_told() -> None:
    _, text = told(commercial__days_to_term_end__now=-12.0, engagement__answer_rate__91d=2.0)
    assert text == (
        "-10 points: the term ends in 20 days (-12), 12 % of our messages were answered, before that 40 % (+2)"
    )


def test_a_renewal_is_told_as_a_renewal() -> None:
    _, text = told({"commercial__days_to_term_end__now": 3.0}, commercial__days_to_term_end__now=-21.0)
    assert text == "-21 points: the contract was renewed (-21)"


def test_less_than_a_point_is_no_move_and_a_new_account_has_none() -> None:
    assert told(tickets__open__now=0.4) == (pytest.approx(0.4), "")
    points, text = told(before=False)
    assert pd.isna(points)
    assert text == ""


def test_a_point_made_of_many_small_changes_is_told_as_such() -> None:
    small = dict.fromkeys(("tickets__open__now", "contacts__champion_lost__now", "commercial__seats__now"), 0.3)
    assert told(**small)[1] == "+1 point: many small changes (+1)"


@pytest.mark.parametrize("points", [9.0, -9.0])
def test_no_change_is_told_for_the_opposite_of_what_it_can_mean(points: float) -> None:
    _, text = told(tickets__open__now=points)
    assert ("tickets open now: 3, before that 1 (+9)" in text) is (points > 0)
    assert text.endswith("several facts together (-9)") is (points < 0)


def test_a_feature_that_this_source_has_no_more_is_told_too() -> None:
    points = pd.DataFrame({"account_id": ["a"], "feature": ["surveys__nps_mean__364d"], "moved_points": [3.0]})
    catalogue = pd.DataFrame({"name": ["tickets__open__now"], "unit": ["count"], "direction": [1]})
    values = pd.DataFrame({"tickets__open__now": [3.0]}, pd.Index(["a"], name="account_id"))
    assert move_sentences(catalogue, values, values, points, CALENDAR).loc["a", "moved_by"].startswith("+3 points: ")


def test_two_halves_of_a_point_are_small_changes_and_no_rest_of_nothing() -> None:
    _, text = told(tickets__open__now=0.5, contacts__champion_lost__now=0.5)
    assert text == "+1 point: many small changes (+1)"


@settings(deadline=None)
@given(st.lists(st.floats(-30, 30), min_size=len(FEATURES), max_size=len(FEATURES)))
def test_the_points_in_words_add_up_to_the_move_in_words(drawn: list[float]) -> None:
    _, text = told(**dict(zip(FEATURES, drawn, strict=True)))
    parts = [int(part) for part in re.findall(r"\(([+-]\d+)\)", text)]
    assert sum(parts) == (int(text.split(" ")[0]) if text else 0)
