from __future__ import annotations

from dataclasses import replace

from report_examples import facts

from rind.common.guards import Finding
from rind.reports.guard_text import ALARM_NOTES, guard_notes, too_good, withheld

GOOD = Finding("too_good_auc", "too good", "stamp", True, "The AUC is 1.00.", "Check term_ends_on.")
ODD = Finding("two_ids", "too odd", "stamp", True, "Five names are double.", "Merge them.")
DEAD = Finding("stopped_usage", "too odd", "withhold", True, "Usage stopped.", "Mend the feed.")
QUIET = Finding("zero_mrr", "too odd", "withhold")


def test_each_guard_that_fired_speaks_once() -> None:
    findings = [GOOD, ODD, DEAD, QUIET]
    assert too_good(findings) == "The AUC is 1.00. Check term_ends_on."
    assert withheld(findings) == "Usage stopped. Mend the feed."
    assert guard_notes(findings) == ["Too odd: Five names are double. Merge them."]
    assert all(note.startswith(ALARM_NOTES) for note in guard_notes(findings))


def test_praise_is_never_beside_a_result_that_is_too_good() -> None:
    praised = facts(True)
    assert "skill" in praised.verdict
    guarded = replace(praised, too_good=too_good([GOOD]))
    assert guarded.verdict.startswith("Too good to be true: check")
    assert "skill" not in guarded.verdict
    assert not guarded.has_skill


def test_a_withheld_list_says_why_before_anything_else() -> None:
    guarded = replace(facts(True), withheld=withheld([DEAD]), too_good=too_good([GOOD]))
    assert guarded.verdict == "This list is withheld. Usage stopped. Mend the feed."
    assert not guarded.has_skill
