from __future__ import annotations

import json

import pytest

from rind.common.errors import GuardError
from rind.common.guards import Finding, as_record, fired, of_records, records, refuse_if_asked

QUIET = Finding("zero_mrr", "too odd", "refuse", measured={"share": 0.0})
STAMP = Finding("two_ids", "too odd", "stamp", True, "Two.", "Look.")
GOOD = Finding("too_good_auc", "too good", "stamp", True, "Perfect.", "Check.")
WITHHOLD = Finding("stopped_usage", "too odd", "withhold", True, "Dead.", "Feed?")
REFUSE = Finding("term_leak", "too good", "refuse", True, "Leak.", "Stripe?")


def test_the_strongest_answer_comes_first_then_what_is_too_good() -> None:
    assert [f.guard for f in fired([QUIET, STAMP, GOOD, WITHHOLD])] == ["stopped_usage", "too_good_auc", "two_ids"]
    assert as_record([STAMP, WITHHOLD])["answer"] == "withhold"
    assert as_record([QUIET]) == {"answer": None, "fired": [], "measured": {"zero_mrr": {"share": 0.0}}}


def test_only_a_guard_that_fired_and_refuses_ends_the_run_and_names_evidence_and_what_to_check() -> None:
    refuse_if_asked([QUIET, STAMP, WITHHOLD])
    with pytest.raises(GuardError, match=r"term_leak \(too good\): Leak\.\n    Stripe\?") as error:
        refuse_if_asked([STAMP, REFUSE])
    assert error.value.exit_code == 4


def test_findings_come_back_from_json_as_they_were() -> None:
    written = json.loads(json.dumps(records([QUIET, REFUSE])))
    assert of_records(written) == (QUIET, REFUSE)
