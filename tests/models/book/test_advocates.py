"""Who is asked for a reference and who is offered more: each condition by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rind.models.book.advocates import ready_accounts
from rind.models.book.voice_settings import AdvocateSettings

SETTINGS = AdvocateSettings(
    promoter_from=9, nps_days=365, safest_share=0.5, most_active_share=0.5, contact_days=91, youngest_days=180,
    survey_rest_days=14, reference_rest_days=180, reference_playbooks=("reference",), seats_used_from=0.9,
    higher_features_from=1, higher_use_days=91, times_usual_expansion=1.0,
)  # fmt: skip
BEST: dict[str, Any] = {
    "name": "Best", "segment": "big", "csm": "Ann", "mrr": 100.0, "mrr_under_notice": 0.0, "churn_probability": 0.01,
    "risk_band": "green", "expansion_probability": 0.3, "ever_watermelon": False, "nps": 10.0, "nps_days": 30,
    "survey_days": 30, "reference_days": None, "higher_features": None, "use": 0.9, "seats_used": 0.5,
    "contact_days": 5, "age_days": 900,
}  # fmt: skip
OTHER = BEST | {"nps": 3.0, "churn_probability": 0.1, "use": 0.2, "expansion_probability": 0.1, "higher_features": 0}


def ready(**changed: Any) -> set[str]:
    """The kinds of which the best account is, when it is changed so, beside three usual ones."""
    rows = [BEST | changed | {"account_id": "a"}, *(OTHER | {"account_id": name} for name in "bcd")]
    made = ready_accounts(pd.DataFrame(rows), SETTINGS)
    assert set(made["account_id"]) <= {"a"}
    return set(made["kind"])


@pytest.mark.parametrize(
    ("change", "listed"),
    [
        ({}, True), ({"nps": 8.9}, False), ({"nps": 9.0}, True), ({"nps": None}, False), ({"nps_days": 366}, False),
        ({"nps_days": 365}, True), ({"risk_band": "amber"}, False), ({"churn_probability": 0.5}, False),
        ({"use": 0.1}, False), ({"use": None}, False), ({"contact_days": 92}, False), ({"contact_days": None}, True),
        ({"age_days": 179}, False), ({"survey_days": 14}, False), ({"survey_days": 15}, True),
        ({"survey_days": None}, True), ({"reference_days": 180}, False), ({"reference_days": 181}, True),
        ({"ever_watermelon": True}, False), ({"mrr_under_notice": 1.0}, False),
    ],
)  # fmt: skip
def test_an_account_is_asked_only_when_it_meets_every_condition(change: dict[str, Any], listed: bool) -> None:
    assert ("advocate" in ready(**change)) == listed


@pytest.mark.parametrize(
    ("change", "listed"),
    [
        ({}, False), ({"seats_used": 0.9}, True), ({"seats_used": 0.89}, False), ({"higher_features": 1}, True),
        ({"seats_used": 1.2, "risk_band": "red"}, False), ({"seats_used": 1.2, "mrr_under_notice": 5.0}, False),
        ({"seats_used": 1.2, "expansion_probability": 0.05}, False),
        ({"seats_used": 1.2, "expansion_probability": None}, True), ({"seats_used": None}, False),
    ],
)  # fmt: skip
def test_more_is_offered_where_seats_or_plan_are_nearly_used_up(change: dict[str, Any], listed: bool) -> None:
    assert ("expansion" in ready(**change)) == listed


def test_beside_each_fact_stands_the_median_of_the_segment_and_the_best_comes_first() -> None:
    rows = [
        BEST | {"account_id": "a", "nps": 9.0}, BEST | {"account_id": "b", "use": 1.0},
        *(OTHER | {"account_id": name} for name in "cde"), BEST | {"account_id": "f", "segment": None},
    ]  # fmt: skip
    made = ready_accounts(pd.DataFrame(rows), SETTINGS)
    assert list(made["account_id"])[:2] == ["b", "a"]
    assert set(made.loc[made["segment"] == "big", "usual_nps"]) == {3.0}
    assert made["score"].between(0, 1).all()


def test_nobody_is_listed_where_nobody_is_known() -> None:
    empty = pd.DataFrame([BEST | {"account_id": "a"}]).iloc[:0]
    assert ready_accounts(empty, SETTINGS).empty
