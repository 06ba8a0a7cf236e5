from __future__ import annotations

from typing import Any

from rind.reports.moment_review import FACTS, NONE, found_moments, searched, shown

MOMENT: dict[str, Any] = {
    **dict.fromkeys(FACTS, 0.5), "segment": "a", "feature": "reports", "measure": "users", "count": 5,
    "within_days": 30, "confirmed": True,
}  # fmt: skip
DETAIL: dict[str, Any] = {
    "segment": "a", "count": 5, "within_days": 30, "curves": [], "cohorts": [],
    "surface": [{"count": k, "within_days": 30, "z": 2.0, "adjusted": 1.0 + k / 10} for k in (4, 5)],
}  # fmt: skip
RECORD: dict[str, Any] = {"moments": [MOMENT], "rejected": [], "segments": {"a": {"searched": 40}}}


def test_a_moment_is_shown_with_its_facts_and_its_strongest_candidate_first() -> None:
    moment = shown(RECORD, [DETAIL])
    assert moment.words == "a: at least 5 users on reports in the first 30 days: confirmed on later cohorts"
    assert list(moment.facts.index) == list(FACTS)
    assert moment.grid["count"].tolist() == [5, 4]
    assert len(moment.charts) == 1
    assert found_moments(RECORD, [DETAIL])["confirmed"].tolist() == [True]
    assert searched(RECORD).loc["a", "searched"] == 40


def test_a_run_without_a_moment_shows_that_there_is_none() -> None:
    nothing = shown({"moments": [], "rejected": []}, [])
    assert (nothing.words, nothing.charts) == (NONE, {})
    assert nothing.facts.empty
