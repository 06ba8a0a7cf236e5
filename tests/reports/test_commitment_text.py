from __future__ import annotations

from rind.reports.commitment_text import commitment_sentences


def record(quarter: str, category: str, arr: float, kept: float, model: float | None = None) -> dict[str, object]:
    return {"quarter": quarter, "category": category, "arr": arr, "kept": kept, "kept_by_model": model}


def test_the_shares_of_all_quarters_are_weighted_by_what_was_committed() -> None:
    records = [record("Q1", "commit", 300, 1.0, 0.9), record("Q2", "commit", 100, 0.8), record("Q2", "none", 9, 0.1)]
    assert commitment_sentences(records) == [
        "The commitments of 2 past quarters are judged, each as it stood when its quarter began.",
        "Of the ARR that CSMs had committed, 95 % was still paid at the end; the model had expected 90 %.",
    ]


def test_each_sentence_stands_by_itself_where_nothing_was_committed() -> None:
    assert commitment_sentences([record("Q1", "at_risk", 300, 0.5, 0.6)])[1:] == [
        "Of the ARR that CSMs had called at risk, 50 % was still paid; the model had expected 60 %."
    ]


def test_without_a_past_commitment_nothing_is_said() -> None:
    assert commitment_sentences([]) == []
    assert len(commitment_sentences([{"quarter": "Q1", "category": "commit", "arr": None, "kept": None}])) == 1
