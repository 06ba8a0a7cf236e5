"""Reasons in words, whatever is missing."""

from __future__ import annotations

from typing import Any

from rind.models.book.advocates import COLUMNS
from rind.reports.advocate_text import reason

NOTHING: dict[str, Any] = dict.fromkeys(COLUMNS) | {"score": 0.5}


def test_an_advocate_is_told_by_its_facts_beside_what_is_usual() -> None:
    facts = {"kind": "advocate", "nps": 10.0, "nps_days": 1.0, "usual_nps": 7.0, "churn_probability": 0.012,
             "usual_churn_probability": 0.04, "use": 0.5, "usual_use": float("nan"), "contact_days": 4.0}  # fmt: skip
    assert reason(NOTHING | facts) == (
        "Answered NPS with 10 of 10 1 day ago (usual 7); churn risk 1.2 % (usual 4.0 %); 50 % of the seats at work in "
        "four weeks; in two-way contact 4 days ago; never a watermelon in the reported past"
    )


def test_an_expansion_is_told_by_what_is_known() -> None:
    facts = {"kind": "expansion", "seats_used": 0.97, "usual_seats_used": 0.71, "churn_probability": 0.01}
    assert reason(NOTHING | facts) == "97 % of the seats in use (usual 71 %); churn risk 1.0 %"
    assert "used 2 features of a dearer plan" in reason(NOTHING | facts | {"higher_features": 2.0})
    assert "probability of expansion 30.0 %" in reason(NOTHING | facts | {"expansion_probability": 0.3})


def test_nothing_known_is_no_error() -> None:
    for kind in ("advocate", "expansion"):
        assert "nan" not in reason(NOTHING | {"kind": kind}).lower()
        assert "none" not in reason(NOTHING | {"kind": kind}).lower()
