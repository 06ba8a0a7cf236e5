from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.families import FAMILIES
from rind.reports.sentences import CONTACTS, SEATS, USERS, Speaker, family_totals, reasons, sentences

CHANGE = "active users {change:usage__users_before__28d:usage__users__28d} in four weeks"
ENTRIES: dict[str, dict[str, str]] = {
    "usage__users__28d": {"unit": "count", "sentence": CHANGE, "description": "Active users in four weeks"},
    "usage__users_before__28d": {"unit": "count", "sentence": "", "description": "Active users before"},
    "usage__users__91d": {"unit": "count", "sentence": "{usage__users__91d} users in 13 weeks"},
    "usage__gap__91d": {"unit": "share", "sentence": "{usage__gap__91d} of the plan is not used"},
    "usage__last_use__now": {"unit": "days", "sentence": "last used {usage__last_use__now} days ago"},
    "tickets__open__now": {
        "unit": "count", "sentence": "tickets open: {tickets__open__now}", "when_zero": "no ticket is open",
    },
    "tickets__oldest__now": {
        "unit": "days", "sentence": "{tickets__oldest__now} old", "when_missing": "no ticket is open",
    },
    "contacts__gone__ever": {"unit": "days", "sentence": "champion left {contacts__gone__ever} days ago, none since"},
    "surveys__nps__ever": {"unit": "score", "sentence": "{no__such__feature} fell", "description": "Last NPS"},
}  # fmt: skip
VALUES = {
    "usage__users__28d": 6.0, "usage__users_before__28d": 14.0, "usage__users__91d": 20.0, "usage__gap__91d": 0.37,
    "usage__last_use__now": 12.0, "tickets__open__now": 3.0, "tickets__oldest__now": 23.0, "contacts__gone__ever": 34.0,
    "surveys__nps__ever": 4.0,
}  # fmt: skip


def catalogue() -> pd.DataFrame:
    empty = {"description": "", "sentence": "", "when_zero": "", "when_missing": "", "direction": 0}
    rows = [{"name": n, "family": n.split("__")[0], **empty, **entry} for n, entry in ENTRIES.items()]
    return pd.DataFrame(rows)


def explained(**shap: float) -> pd.DataFrame:
    rows = [{"account_id": "a", "feature": f, "family": f.split("__")[0], "shap_value": v} for f, v in shap.items()]
    return pd.DataFrame(rows, columns=["account_id", "feature", "family", "shap_value"])


def told(values: dict[str, Any] | None = None, **shap: float) -> list[str]:
    frame = pd.DataFrame([VALUES | (values or {})], index=pd.Index(["a"], name="account_id"))
    return reasons(catalogue(), frame, explained(**shap)).loc["a"].tolist()


def test_an_account_with_one_seat_or_one_contact_is_not_spoken_of_as_a_team() -> None:
    lost, answering = "usage__power_users_lost__28d", "contacts__answering__91d"
    entries = {f.name: f for family in FAMILIES.values() for f in family.FEATURES}
    described = pd.DataFrame(
        [vars(entries[name]) | {"family": entries[name].family} for name in (lost, answering, SEATS, CONTACTS, USERS)]
    )

    def say(feature: str, **cells: float) -> str:
        frame = pd.DataFrame([{lost: 1.0, answering: 1.0, SEATS: 1.0, USERS: 0.0, CONTACTS: 3.0} | cells])
        return Speaker(described, frame).fact(0, feature).text

    assert say(lost) == "It lost its one regular user in the last four weeks"
    several = "1 regular user stopped working with the product regularly"
    assert say(lost, **{SEATS: 5.0}) == say(lost, **{USERS: 2.0}) == say(lost, **{SEATS: float("nan")}) == several
    assert say(lost, **{lost: 0.0}) == "No regular user was lost in the last four weeks"
    assert say(answering) == "Contacts who answered or wrote in the last 13 weeks: 1 of 3"
    assert say(answering, **{CONTACTS: 1.0}) == "Its one contact answered or wrote in the last 13 weeks"
    assert say(answering, **{CONTACTS: 1.0, answering: 0.0}) == "No contact answered or wrote in the last 13 weeks"


def test_the_three_strongest_pushes_are_told_in_order() -> None:
    said = told(contacts__gone__ever=0.5, usage__users__28d=0.9, tickets__open__now=0.7, usage__gap__91d=0.1)
    assert said == [
        "Active users fell from 14 to 6 in four weeks",
        "Tickets open: 3",
        "Champion left 34 days ago, none since",
    ]


def test_the_same_measure_over_another_window_is_told_once() -> None:
    said = told(usage__users__28d=0.9, usage__users__91d=0.8, usage__users_before__28d=0.7, tickets__open__now=0.1)
    assert said[:2] == ["Active users fell from 14 to 6 in four weeks", "Tickets open: 3"]
    assert not said[2]


def test_two_features_that_say_the_same_words_are_told_once() -> None:
    said = told(
        {"tickets__open__now": 0.0, "tickets__oldest__now": None}, tickets__open__now=0.5, tickets__oldest__now=0.4
    )
    assert said == ["No ticket is open", "", ""]


def test_a_family_takes_two_places_while_another_has_something_to_say() -> None:
    said = told(usage__users__28d=0.9, usage__gap__91d=0.8, usage__last_use__now=0.7, contacts__gone__ever=0.1)
    assert said[2] == "Champion left 34 days ago, none since"


def test_a_family_takes_all_places_where_nothing_else_is_left() -> None:
    said = told(usage__users__28d=0.9, usage__gap__91d=0.8, usage__last_use__now=0.7, contacts__gone__ever=-0.5)
    assert said[2] == "Last used 12 days ago"


def test_what_speaks_for_the_account_fills_the_places_left_strongest_first() -> None:
    said = told(tickets__open__now=0.4, usage__users__28d=-0.2, contacts__gone__ever=-0.6)
    assert said == [
        "Tickets open: 3",
        "In its favour: champion left 34 days ago, none since",
        "In its favour: active users fell from 14 to 6 in four weeks",
    ]


def test_a_push_too_small_to_matter_is_not_told() -> None:
    assert told(tickets__open__now=0.0199) == ["", "", ""]
    assert told(tickets__open__now=0.02)[0] == "Tickets open: 3"


def test_a_template_that_cannot_be_filled_falls_back_to_description_and_value() -> None:
    assert told(surveys__nps__ever=0.4)[0] == "Last NPS: 4"


def test_an_empty_value_without_words_for_it_says_what_is_not_known() -> None:
    assert told({"surveys__nps__ever": None}, surveys__nps__ever=0.4)[0] == "No data on last NPS"


@pytest.mark.parametrize("value", [3.0, None, 0.0])
def test_a_feature_outside_the_catalogue_is_never_shown_by_its_raw_name(value: float | None) -> None:
    said = told({"other__raw_name__7d": value}, other__raw_name__7d=0.4)[0]
    assert "__" not in said
    assert "raw name" in said.lower()


def test_an_account_without_explanations_has_no_reasons_and_strangers_are_ignored() -> None:
    frame = pd.DataFrame([VALUES], index=pd.Index(["b"], name="account_id"))
    assert reasons(catalogue(), frame, explained(tickets__open__now=1.0)).loc["b"].tolist() == ["", "", ""]


def test_ids_that_are_numbers_work_as_well() -> None:
    frame = pd.DataFrame([VALUES], index=pd.Index([7], name="account_id"))
    explanations = explained(tickets__open__now=1.0).assign(account_id=7)
    assert reasons(catalogue(), frame, explanations).loc[7, "reason_1"] == "Tickets open: 3"


def test_sentences_follow_the_rows_of_the_explanations() -> None:
    frame = pd.DataFrame([VALUES], index=pd.Index(["a"], name="account_id"))
    explanations = explained(tickets__open__now=-1.0, usage__gap__91d=0.0).set_index(pd.Index([5, 3]))
    said = sentences(catalogue(), frame, explanations)
    assert said.to_dict() == {5: "Tickets open: 3", 3: "37 % of the plan is not used"}


def test_the_features_of_a_family_are_summed() -> None:
    explanations = explained(usage__gap__91d=0.5, usage__users__28d=-0.4, tickets__open__now=0.2)
    totals = family_totals(explanations)
    assert totals.loc["a"].round(6).to_dict() == {"tickets": 0.2, "usage": 0.1}


@settings(deadline=None, max_examples=40)
@given(
    shap=st.fixed_dictionaries({name: st.floats(-1, 1) for name in ENTRIES}),
    empty=st.sets(st.sampled_from(sorted(ENTRIES))),
    zero=st.sets(st.sampled_from(sorted(ENTRIES))),
)
def test_no_reason_is_repeated_or_shows_a_raw_name(shap: dict[str, float], empty: set[str], zero: set[str]) -> None:
    values = VALUES | dict.fromkeys(zero, 0.0) | dict.fromkeys(empty, np.nan)
    said = [text for text in told(values, **shap) if text]
    assert len(set(said)) == len(said)
    assert not any("__" in text or "{" in text for text in said)
    favour = [text.startswith("In its favour: ") for text in said]
    assert favour == sorted(favour)
