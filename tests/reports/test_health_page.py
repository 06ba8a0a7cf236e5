from __future__ import annotations

import pytest
from health_company import BOUNDS, proposed, record_of
from null_parts import broken_by_null, nullable

from rind.common.facts.health import CurvesRecord, HealthRecord
from rind.models.health.tuning import HealthProposal
from rind.reports.health_page import HealthContext, render_health, summary


@pytest.fixture(scope="module")
def proposal() -> HealthProposal:
    return proposed()


def test_the_page_shows_weights_evidence_and_who_moves_and_escapes_names(proposal: HealthProposal) -> None:
    record = record_of(proposal, dict.fromkeys(proposal.moves["account_id"], "<b>Evil</b> & Co"))
    page = render_health(HealthContext("Hearth & Co", record, BOUNDS, 28, "health_params.yaml"))
    assert "Hearth &amp; Co" in page
    assert "<b>Evil" not in page
    moves = record["moves"]
    assert page.count("&lt;b&gt;Evil") == len(moves["most"]) + moves["change_band"]
    assert (len(moves["most"]), "The 20 that move most" in page) == (20, True)
    assert "Recommended." in page
    assert "http" not in page.replace("http-equiv", "")
    assert f"{proposal.weights['proposed']['tickets']}" in summary(record)


def test_the_page_names_curves_in_words(proposal: HealthProposal) -> None:
    feature = "tickets__what__now"
    curves: CurvesRecord = {
        "current": {feature: [0, 100]}, "proposed": {feature: [10, 60]}, "evidence": None, "recommend": False,
        "words": "Which may be chance.",
    }  # fmt: skip
    record: HealthRecord = {**record_of(proposal), "curves": curves}
    context = HealthContext("Hearth", record, BOUNDS, 28, "health_params.yaml", {feature: "Tickets that are open"})
    assert "Tickets that are open" in render_health(context)


def test_each_part_of_the_proposal_that_may_be_null_leaves_a_page(proposal: HealthProposal) -> None:
    record = record_of(proposal)

    def page_of(changed: HealthRecord) -> str:
        return render_health(HealthContext("Hearth & Co", changed, BOUNDS, 28, "health_params.yaml")) + summary(changed)

    assert ("evidence",) in set(nullable(record, HealthRecord))
    assert broken_by_null(record, HealthRecord, page_of) == []
