from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from health_company import HEAVY, SPEC, TUNING, company, explained, proposed, record_of

from rind.common.facts.health import Reason, Verdict, WeightsFound
from rind.models.health.spec import Override
from rind.models.health.tuning import HealthProposal, adopted, tune
from rind.reports.health_patch import patch


@pytest.fixture(scope="module")
def proposal() -> HealthProposal:
    return proposed()


def test_what_is_recommended_can_be_given_to_the_next_run(proposal: HealthProposal) -> None:
    text = patch(record_of(proposal), SPEC, adopted(SPEC, proposal, all_of_it=True), adopted(SPEC, proposal))
    given = yaml.safe_load(text)["health"]
    assert given["weights"] == proposal.weights["proposed"]
    assert given["green_from"] == proposal.bands["proposed"]["green_from"]
    assert ("curves" in given) == bool(proposal.curves["verdict"].recommend)


def test_what_is_not_recommended_is_a_comment() -> None:
    rows = company(3, 0.0, accounts=40, weeks=20)
    proposal = tune(rows, explained(rows), SPEC, TUNING)
    text = patch(record_of(proposal), SPEC, adopted(SPEC, proposal, all_of_it=True), adopted(SPEC, proposal))
    assert yaml.safe_load(text) == {"health": {}}
    assert "NOT RECOMMENDED" in text


ODD_NAMES = ["Enterprise: EMEA", "No", "null", "7", "1e3", "- a", "# b", "{x}", "two\nlines", "Größe", "'", ""]


@pytest.mark.parametrize("recommended", [True, False])
def test_a_patch_is_read_back_as_it_was_meant_whatever_the_segments_are_called(
    proposal: HealthProposal, recommended: bool
) -> None:
    own = Override(weights={"usage": 60, "surveys": 40}, curves={"usage__x__28d": (3.0, 0.25)})
    today = SPEC.changed(segments=dict.fromkeys(ODD_NAMES, own) | {"empty": Override()})
    verdict = Verdict(Reason.BETTER if recommended else Reason.CHANCE)
    of_segment: WeightsFound = {**proposal.weights, "proposed": HEAVY, "verdict": Verdict(Reason.CHANCE)}
    tried = replace(
        proposal,
        weights={**proposal.weights, "verdict": verdict},
        curves={**proposal.curves, "verdict": verdict if proposal.curves["evidence"] else proposal.curves["verdict"]},
        segments=dict.fromkeys(ODD_NAMES, of_segment),
    )
    everything, advised = adopted(today, tried, all_of_it=True), adopted(today, tried)
    read = yaml.safe_load(patch(record_of(tried), today, everything, advised))
    if not recommended:
        assert read == {"health": {}}
        return
    assert read["health"]["weights"] == advised.weights
    assert list(read["health"]["segments"]) == [*ODD_NAMES, "empty"]
    for name in ODD_NAMES:
        assert read["health"]["segments"][name] == {
            "weights": {"usage": 60, "surveys": 40}, "curves": {"usage__x__28d": [3, 0.25]},
        }  # fmt: skip
