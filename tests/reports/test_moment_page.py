from __future__ import annotations

import re
from datetime import date
from typing import Any

import pandas as pd
import pytest
from moment_examples import DETAIL, MOMENT, page
from null_parts import broken_by_null, complaint_of, nullable

from rind.common.facts.adoption import AdoptionFigures
from rind.common.facts.moments import TrueNorthRecord
from rind.reports.moment_page import render_moments, worth


def test_a_moment_is_told_from_start_to_end() -> None:
    text = page()
    assert "at least 5 users on shared report in the first 30 days" in text
    assert "4 to 6 within 30 days" in text
    assert "remains unproven" in text
    assert text.count("<svg") == 3
    assert "<b>Confirmed</b>" in text


def test_what_adds_to_a_moment_is_said_beside_it() -> None:
    both = {
        "and_feature": "data_import", "and_measure": "events", "and_count": 6, "and_reached": 31,
        "and_retention": 0.95, "and_p_value": 0.01, "and_p_value_confirmed": 0.003,
    }  # fmt: skip
    text = page(**both)
    assert "at least 6 uses of data import: of the 31 accounts that did both" in text
    assert "And also" not in page()


def test_a_moment_that_the_later_cohorts_did_not_confirm_is_called_so() -> None:
    assert "Not confirmed" in page(confirmed=False, difference=None, number_needed=None, p_value_confirmed=None)


def test_the_page_needs_nothing_else_and_escapes_names() -> None:
    text = page()
    assert not re.search(r"(src|href)=\"http|<script", text)
    assert "&lt;Acme&gt;" in text
    assert "A &amp; B" in text


def test_an_account_in_launch_shows_how_far_it_is() -> None:
    text = page()
    assert "3 of 5, 10 days left" in text
    assert "2 more users on shared report before 8 Jul 2026" in text


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        ((0.54, 0.28, 0.81), "They were too far apart (calibration slope 0.54 (0.28 to 0.81) instead of 1)"),
        ((1.6, 1.2, 2.0), "They were too close together"),
        ((0.9, 0.6, 1.2), "They were about as often right as they said"),
    ],
)
def test_the_page_says_what_the_chances_were_worth(slope: tuple[float, float, float], words: str) -> None:
    figure = dict(zip(("value", "low", "high"), slope, strict=True))
    auc = {"value": 0.63, "low": 0.57, "high": 0.69}
    told = worth({"accounts": 319, "not_adopted": 86, "model": {"auc": auc, "calibration_slope": figure}})
    assert "Tested on 319 earlier accounts, 86 of which did not stay" in told
    assert words in told
    assert "not shown" in worth({"accounts": 9, "not_adopted": 3, "model": {
        "auc": auc | {"low": 0.45}, "calibration_slope": figure}})  # fmt: skip


def test_without_outcomes_the_page_says_that_no_chance_was_checked() -> None:
    assert "too few outcomes are known" in worth({})
    assert "too few outcomes are known" in page()


ADDITION = {
    "and_feature": "data_import", "and_measure": "events", "and_count": 6, "and_reached": 31,
    "and_retention": 0.95, "and_p_value": 0.01, "and_p_value_confirmed": 0.003,
}  # fmt: skip
FRESH = {
    "segment": "mid_market", "feature": "shared_report", "measure": "users", "count": 5, "within_days": 30,
    "difference": 0.2, "status": "holding", "recent": 0.1, "recent_low": 0.0, "recent_high": 0.2, "words": "It holds.",
}  # fmt: skip
FIGURE = {"value": 0.63, "low": 0.57, "high": 0.69}


def test_each_part_of_true_north_that_may_be_null_leaves_a_page() -> None:
    found = {"words": "something", "freshness": [FRESH], "moments": [MOMENT | ADDITION], "rejected": []}
    measured = {"accounts": 319, "not_adopted": 86, "model": {"auc": FIGURE, "calibration_slope": FIGURE}}

    def page_of(record: Any, figures: Any = measured) -> str:
        return render_moments("A & B", date(2026, 6, 28), record, [DETAIL], pd.DataFrame(), {}, figures)

    places = {place[-1] for place in nullable(found, TrueNorthRecord)}
    assert {"difference_low", "coverage", "and_retention", "and_p_value_confirmed"} <= places
    assert broken_by_null(found, TrueNorthRecord, page_of) == []
    assert broken_by_null(measured, AdoptionFigures, lambda figures: page_of(found, figures)) == []


def test_each_column_of_an_account_in_launch_that_may_be_empty_leaves_a_page() -> None:
    row = {
        "account_id": "x", "as_of": pd.Timestamp("2026-06-28"), "adoption_probability": 0.61, "age_days": 20,
        "next_step": "2 more users", "segment": "mid_market", "csm": "Li Na", "progress": "3 of 5", "days_left": 10,
        "status": "at risk", "basis": "segment", "reason_1": "It is used.", "reason_2": "", "reason_3": "",
    }  # fmt: skip
    found: Any = {"words": "something", "freshness": [], "moments": [], "rejected": []}

    def page_of(young: dict[str, Any]) -> str:
        return render_moments("A & B", date(2026, 6, 28), found, [], pd.DataFrame([young]), {})

    columns = set(row) - {"account_id", "as_of", "age_days"}
    broken = {name: complaint_of(page_of, row | {name: None}) for name in sorted(columns)}
    assert {name: complaint for name, complaint in broken.items() if complaint} == {}
