"""What `rind experiment` may have found, for the tests of its words and its page."""

from __future__ import annotations

from typing import Any

from rind.common.facts.experiment import ExperimentDocument, OutcomeEffect


def outcome(**changed: Any) -> OutcomeEffect:
    made: Any = {
        "outcome": "nps", "accounts": 60, "comparable": 240, "own": 6.0, "without": 1.0, "raw": 8.0, "effect": 5.0,
        "low": 1.0, "high": 9.0, "p_value": 0.02, "placebo": 0.0, "placebo_p": 0.9, "direction": "up", "why_not": "",
        "not_before": None, "expected": 4.0, "against_expected": "as_expected",
    }  # fmt: skip
    return made | changed


def document(*outcomes: OutcomeEffect, **changed: Any) -> ExperimentDocument:
    made: Any = {
        "name": "Chatbot", "started_on": "2026-01-12", "as_of": "2026-06-28", "horizon_days": 90, "weeks": 13,
        "named": 70, "unknown": 1, "not_customers": 2, "another_day": 0, "changed": 67, "others": 240, "chosen_by": [],
        "dropped": 0.1,
        "overlap": [{"low": 0.0, "high": 0.5, "treated": 1, "comparable": 2}, {"low": 8.0, "high": None, "treated": 0,
                    "comparable": 1}],
        "cost": 1000.0, "mrr_gained": 100.0, "mrr_gained_low": 50.0, "mrr_gained_high": 150.0, "roi": 0.2,
        "outcomes": list(outcomes), "words": [],
    }  # fmt: skip
    return made | changed
