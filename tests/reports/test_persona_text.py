"""Rules in words."""

from __future__ import annotations

from rind.reports.persona_text import persona_notes, rule_words


def test_a_rule_reads_as_a_sentence_part() -> None:
    rule = [{"trait": "segment", "kind": "is", "value": "small_business"},
            {"trait": "employees", "kind": "below", "value": 40.0}]  # fmt: skip
    assert rule_words(rule) == "Segment is small business and employees below 40"
    assert rule_words([{"trait": "mrr", "kind": "below", "value": 250.0}]) == "ARR below 3,000"
    assert rule_words([{"trait": "active_days", "kind": "at_least", "value": 1200}]) == "Active days at least 1,200"


def test_none_stands_is_said_first() -> None:
    assert persona_notes(365, 30, 0)[0].startswith("No rule is confirmed")
    assert not persona_notes(365, 30, 1)[0].startswith("No rule is confirmed")
