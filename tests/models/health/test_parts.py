from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from health_company import HEAVY, SPEC, TUNING, explained, large

from rind.common.facts.health import Reason, Verdict, WeightsFound
from rind.models.common.frames import SEGMENT
from rind.models.health import parts as health_parts
from rind.models.health import weights as health_weights
from rind.models.health.score import score
from rind.models.health.tuning import tune
from rind.models.health.weights import known_rows, propose


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return large()


def test_segments_get_a_proposal_of_their_own_only_with_enough_departures(rows: pd.DataFrame) -> None:
    some = TUNING.changed(fewest_departed=5)
    proposal = tune(rows, explained(rows), SPEC, some)
    assert set(proposal.segments) == {"small", "large"}
    assert all(sum(of["proposed"].values()) == 100 for of in proposal.segments.values())
    few = rows[(rows[SEGMENT] == "large") | (rows["account_id"] < "a0008")]
    assert set(tune(few, explained(few), SPEC, some).segments) == {"large"}


def test_a_segment_is_judged_beside_the_new_weights_with_the_new_limit_of_green(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[tuple[Any, float]] = []

    def watched(own: Any, current: Any, tuning: Any, green_from: float, *rest: Any, **more: Any) -> WeightsFound:
        judged.append((current, green_from))
        return propose(own, current, tuning, green_from, *rest, **more)

    monkeypatch.setattr(health_parts, "propose", watched)
    proposal = tune(rows, explained(rows), SPEC, TUNING.changed(fewest_departed=5))
    assert proposal.weights["verdict"].recommend
    limit = proposal.bands["proposed"]["green_from"]
    assert limit != SPEC.green_from
    assert judged == [(proposal.weights["proposed"], limit)] * 2


def test_curves_and_segments_are_judged_together_at_a_level_that_grows_with_their_number(rows: pd.DataFrame) -> None:
    proposal = tune(rows, explained(rows), SPEC, TUNING.changed(fewest_departed=5))
    levels = [of["evidence"]["level"] for of in (*proposal.segments.values(), proposal.curves) if of["evidence"]]
    assert len(levels) >= 2
    assert levels == pytest.approx([1 - 0.05 / len(levels)] * len(levels))
    assert proposal.weights["evidence"]["level"] == 0.95


def test_nothing_is_recommended_beside_weights_that_were_refused(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = propose(known_rows(score(rows, SPEC).assign(churned=rows["churned"])), HEAVY, TUNING, SPEC.green_from)
    monkeypatch.setattr(health_weights, "verdict", lambda _: Verdict(Reason.CHANCE))
    better: WeightsFound = {**proposal, "verdict": Verdict(Reason.BETTER)}
    monkeypatch.setattr(health_parts, "propose", lambda *_, **__: dict(better))
    refused = tune(rows, explained(rows), SPEC, TUNING.changed(fewest_departed=5))
    assert set(refused.segments) == {"small", "large"}
    assert not any(of["verdict"].recommend for of in (*refused.segments.values(), refused.curves))
    assert refused.segments["large"]["verdict"] == Verdict(Reason.BETTER, weights_first=True)
