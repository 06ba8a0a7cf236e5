from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import AS_OF, facts

from rind.reports.facts import Interval, Measure, RunFacts, measures


@pytest.mark.parametrize(
    ("auc", "skill", "words"),
    [
        (None, False, "Nothing could be measured"),
        (Interval(0.8), False, "without an interval"),
        (Interval(0.55, 0.5, 0.6), False, "cover 0.5"),
        (Interval(0.4, 0.3, 0.49), False, "Worse than chance"),
        (Interval(0.62, 0.501, 0.7), True, "modest skill"),
        (Interval(0.75, 0.7, 0.8), True, "useful skill"),
        (Interval(0.9, 0.85, 0.95), True, "strong skill"),
    ],
)
def test_the_verdict_follows_the_interval(auc: Interval | None, skill: bool, words: str) -> None:
    run = RunFacts("Acme", AS_OF, AS_OF, 90, 0.3, 0.1, () if auc is None else (Measure("auc", auc),))
    assert run.has_skill is skill
    assert words in run.verdict


def test_measures_are_read_from_metrics_and_what_is_missing_is_absent() -> None:
    model = {"auc": {"value": 0.8, "low": 0.7, "high": 0.9}, "brier": (0.1, 0.05, 0.2), "other": 1}
    rows = measures(model, {"auc": {"value": 0.6, "low": None, "high": None}})
    assert [m.name for m in rows] == ["auc", "brier"]
    assert rows[0].baseline == Interval(0.6)
    assert rows[1].baseline is None


def test_a_leader_is_told_in_one_sentence_how_far_to_trust_the_list() -> None:
    figures = {"auc": {"value": 0.8, "low": 0.7, "high": 0.9}, "lift_at_10pct": 5.93}
    run = replace(facts(), measures=measures(figures))
    assert run.trust == "On past weeks the top tenth of the list held six times its share of the churn."
    assert replace(run, measures=measures(figures | {"lift_at_10pct": 1.4})).trust.count("1.4 times") == 1
    doubtful = replace(run, measures=measures(figures | {"auc": {"value": 0.55, "low": 0.45, "high": 0.6}}))
    assert doubtful.trust == doubtful.verdict
