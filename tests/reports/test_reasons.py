from __future__ import annotations

import re
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.families import CATALOGUE
from rind.models.common.calendar import CALENDAR
from rind.pipelines.params import load
from rind.reports.reasons import FIXED, NOTHING, NOTHING_ELSE, list_reasons
from rind.reports.sentences import FAVOUR

SETTINGS = load().reasons
CALENDAR_WORDS = re.compile(r"term (?:ends|is|ran)|of the term|comes? up for renewal|signed|first term|beyond the end")
TYPICAL = {"share": 0.5, "flag": 0.0, "score": 7.0}
ATTRIBUTES = ("name", "unit", "direction", "description", "sentence", "when_zero", "when_missing", "family", "theme")
ENTRIES = pd.DataFrame([{a: getattr(feature, a) for a in ATTRIBUTES} for feature in CATALOGUE.values()])
NUMERIC = [name for name, feature in CATALOGUE.items() if feature.unit != "text"]


def typical(feature: str) -> float:
    return TYPICAL.get(CATALOGUE[feature].unit, 0.0 if "_change__" in feature or "_slope__" in feature else 5.0)


def reasons(values: dict[str, Any], **apart: float) -> pd.Series:
    """The reasons of the first of twenty accounts, of which the others are as usual."""
    index = pd.RangeIndex(20, name="account_id")
    frame = pd.DataFrame({name: [typical(name)] * 20 for name in NUMERIC}, index=index).astype("float64")
    for name, value in values.items():
        frame.loc[0, name] = value
    rows = [{"account_id": a, "feature": f, "apart": v if a == 0 else 0.0} for f, v in apart.items() for a in index]
    explanations = pd.DataFrame(rows, columns=["account_id", "feature", "apart"])
    segments = pd.Series("enterprise", index=index)
    return list_reasons(ENTRIES, frame, explanations, segments, SETTINGS).loc[0]


def texts(row: pd.Series) -> list[str]:
    return [row[f"reason_{n}"] for n in (1, 2, 3) if row[f"reason_{n}"]]


def test_the_theme_that_weighs_most_comes_first_by_its_heaviest_matter() -> None:
    row = reasons(
        {"engagement__answer_rate__91d": 0.1, "tickets__open__now": 9.0, "usage__features__91d": 1.0,
         "surveys__nps_last__ever": 2.0},
        engagement__answer_rate__91d=0.5, tickets__open__now=0.3, usage__features__91d=0.4, surveys__nps_last__ever=0.3,
    )  # fmt: skip
    assert texts(row) == [
        "1 feature was used in the last 13 weeks; 5 is usual in enterprise",
        "10 % of our messages of the last 13 weeks were answered; 50 % is usual in enterprise",
        "The last answer on NPS was 2 of 10; 7 is usual in enterprise",
    ]
    assert row["reason_1_theme"] == row["theme"] == "value"
    assert (row["matter"], row["family"], row["reason_2_theme"]) == ("breadth", "usage", "people")
    assert [row[f"reason_{n}_feature"] for n in (1, 2, 3)] == [
        "usage__features__91d", "engagement__answer_rate__91d", "surveys__nps_last__ever"
    ]  # fmt: skip


def test_features_of_one_matter_tell_one_cause_once() -> None:
    row = reasons(
        {"engagement__answer_rate__91d": 0.1, "engagement__answer_rate__364d": 0.1},
        engagement__answer_rate__91d=0.5, engagement__answer_rate__364d=0.4,
    )  # fmt: skip
    assert len([text for text in texts(row) if text != NOTHING_ELSE]) == 1


def test_a_product_that_was_not_used_is_one_cause_however_many_facts_of_use_follow_from_it() -> None:
    silent = {"usage__last_use__now": 106.0, "usage__features__91d": 0.0, "usage__active_users_per_seat__28d": 0.0}
    row = reasons(silent, **dict.fromkeys(silent, 0.5) | {"usage__last_use__now": 0.6})
    assert texts(row) == ["The product was last used 106 days ago; 5 days is usual in enterprise", NOTHING_ELSE]
    used_since = silent | {"usage__last_use__now": 60.0, "usage__features__91d": 2.0}
    row = reasons(used_since, usage__features__91d=0.3, usage__active_users_per_seat__28d=0.5)
    assert [row["reason_1_feature"], row["reason_2_feature"]] == [
        "usage__active_users_per_seat__28d", "usage__features__91d"
    ]  # fmt: skip
    assert row["matter"] == "use"


def test_where_only_one_fact_speaks_against_an_account_a_sentence_says_that_there_is_no_other() -> None:
    row = reasons({"tickets__open__now": 9.0}, tickets__open__now=0.5)
    assert texts(row) == ["Tickets open now: 9; 5 is usual in enterprise", NOTHING_ELSE]
    assert row["reason_2_theme"] == row["reason_2_feature"] == ""


def test_the_calendar_and_fixed_facts_are_never_reasons_and_where_nothing_else_is_one_sentence_says_so() -> None:
    row = reasons({"commercial__seats__now": 900.0}, **dict.fromkeys(CALENDAR, 2.0), commercial__seats__now=1.0)
    assert texts(row) == [FIXED]
    assert texts(reasons({}, commercial__seats__now=0.05)) == [NOTHING]
    assert row["theme"] is None
    assert row["reason_1_theme"] == row["reason_1_feature"] == ""


def test_a_push_whose_fact_is_better_than_usual_is_not_told_as_risk() -> None:
    row = reasons({"engagement__answer_rate__91d": 0.9}, engagement__answer_rate__91d=0.5)
    assert texts(row) == [NOTHING]


def test_a_cohort_without_accounts_has_no_reasons_but_their_columns() -> None:
    none = pd.DataFrame(columns=["account_id", "feature", "apart"])
    listed = list_reasons(ENTRIES, pd.DataFrame(index=pd.Index([], name="account_id")), none, pd.Series(), SETTINGS)
    assert (len(listed), "reason_1_theme" in listed) == (0, True)


def test_what_speaks_for_the_account_follows_and_says_so() -> None:
    row = reasons(
        {"engagement__answer_rate__91d": 0.9, "tickets__open__now": 9.0},
        engagement__answer_rate__91d=-0.5, tickets__open__now=0.3,
    )  # fmt: skip
    assert texts(row) == [
        "Tickets open now: 9; 5 is usual in enterprise",
        NOTHING_ELSE,
        FAVOUR + "90 % of our messages of the last 13 weeks were answered; 50 % is usual in enterprise",
    ]


def test_a_matter_that_speaks_against_the_account_does_not_speak_for_it_too() -> None:
    row = reasons(
        {"usage__users_slope__84d": -0.05, "usage__active_users_per_seat__28d": 0.9},
        usage__users_slope__84d=0.3, usage__active_users_per_seat__28d=-0.2,
    )  # fmt: skip
    assert texts(row) == ["The number of active users went down by 5 % a week over twelve weeks", NOTHING_ELSE]


def test_what_nobody_can_undo_is_not_first_while_there_is_another() -> None:
    contracted = {"commercial__contractions__364d": 7.0}
    row = reasons(contracted | {"tickets__open__now": 9.0}, commercial__contractions__364d=0.9, tickets__open__now=0.1)
    assert texts(row)[0].startswith("Tickets open now")
    assert texts(reasons(contracted, commercial__contractions__364d=0.9))[0].startswith("The contract was reduced")


def test_a_push_too_small_to_tell_is_left_out() -> None:
    row = reasons({"tickets__open__now": 9.0}, tickets__open__now=SETTINGS.least_log_odds / 2)
    assert texts(row) == [NOTHING]


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(NUMERIC), st.tuples(st.floats(0, 50).map(float), st.floats(-1, 1)), min_size=1, max_size=8
    )
)
def test_no_account_hears_of_the_calendar_of_one_cause_twice_or_of_what_works_against_the_claim(
    drawn: dict[str, tuple[float, float]],
) -> None:
    row = reasons({n: v for n, (v, _) in drawn.items()}, **{n: push for n, (_, push) in drawn.items()})
    sentences = texts(row)
    assert len(set(sentences)) == len(sentences) >= 1
    for text in sentences:
        assert not CALENDAR_WORDS.search(text)
        assert "__" not in text
    against = [text for text in sentences if text not in (NOTHING, FIXED, NOTHING_ELSE) and not text.startswith(FAVOUR)]
    raising = [n for n, (_, push) in drawn.items() if push >= SETTINGS.least_log_odds]
    assert len(against) <= len(raising)
