from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from health_company import BOUNDS, HEAVY, SPEC, TUNING, company, explained, large, proposed, record_of

from rind.common.facts.health import CurvesFound, Reason, Verdict, WeightsFound
from rind.common.families import FAMILIES
from rind.models.health.tuning import HealthProposal, adopted, moves_record, tune


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return large()


@pytest.fixture(scope="module")
def proposal() -> HealthProposal:
    return proposed()


def test_weights_move_to_what_decides_within_the_bounds_and_add_up_to_100(proposal: HealthProposal) -> None:
    assert max(proposal.weights["proposed"], key=proposal.weights["proposed"].get) == "tickets"
    assert sum(proposal.weights["proposed"].values()) == 100
    assert all(BOUNDS[f][0] <= w <= BOUNDS[f][1] for f, w in proposal.weights["proposed"].items())
    assert proposal.weights["verdict"].recommend is True
    assert proposal.weights["evidence"]["difference"]["auc"]["low"] > 0


def test_the_evidence_is_of_both_scores_and_their_difference_with_its_interval(proposal: HealthProposal) -> None:
    for measure in ("auc", "green_churn_recall"):
        current, proposed = (proposal.weights["evidence"][who][measure] for who in ("current", "proposed"))
        gain = proposal.weights["evidence"]["difference"][measure]
        assert gain["value"] == pytest.approx(proposed - current)
        assert gain["low"] <= gain["value"] <= gain["high"]


def test_the_evidence_starts_with_a_fold_and_an_embargo_after_the_fit(proposal: HealthProposal) -> None:
    fitted, tested = (
        pd.Timestamp(proposal.weights["evidence"][k][e]) for k, e in (("fitted", "to"), ("tested", "from"))
    )
    assert tested == pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=30)
    assert fitted + pd.Timedelta(days=28) < tested


def test_outcomes_of_the_dates_that_judge_change_no_proposal(rows: pd.DataFrame, proposal: HealthProposal) -> None:
    late = rows["as_of"] >= pd.Timestamp(proposal.weights["evidence"]["tested"]["from"])
    turned = rows.assign(churned=rows["churned"].where(~late, 1 - rows["churned"]))
    other = tune(turned, explained(rows), SPEC, TUNING)
    assert other.weights["proposed"] == proposal.weights["proposed"]
    assert other.curves["proposed"] == proposal.curves["proposed"]
    assert other.bands["proposed"]["green_from"] == proposal.bands["proposed"]["green_from"]
    assert not other.weights["verdict"].recommend


def test_features_and_shap_of_the_dates_that_judge_change_no_proposal(
    rows: pd.DataFrame, proposal: HealthProposal
) -> None:
    begin = pd.Timestamp(proposal.weights["evidence"]["tested"]["from"]) - pd.Timedelta(days=TUNING.embargo_days)
    late, columns = rows["as_of"] >= begin, [f"{f}__what__now" for f in FAMILIES]
    other, shap = rows.copy(), explained(rows)
    other.loc[late, columns] = np.random.default_rng(0).uniform(0, 20, (int(late.sum()), len(columns)))
    shap.loc[late, "shap_usage"] = 50.0
    changed = tune(other, shap, SPEC, TUNING)
    for part in ("proposed", "shares", "strengths"):
        assert changed.weights[part] == proposal.weights[part]
    for limit in ("amber_from", "green_from"):
        assert changed.bands["proposed"][limit] == proposal.bands["proposed"][limit]
    assert changed.curves["proposed"] == proposal.curves["proposed"]
    assert changed.weights["evidence"]["proposed"] != proposal.weights["evidence"]["proposed"]


def test_the_order_of_rows_changes_nothing(rows: pd.DataFrame, proposal: HealthProposal) -> None:
    shuffled = rows.sample(frac=1, random_state=1)
    other = tune(shuffled, explained(rows), SPEC, TUNING)
    assert record_of(other) == record_of(proposal)


def test_where_health_means_nothing_almost_nothing_is_recommended() -> None:
    recommended = 0
    for seed in range(6):
        rows = company(seed, 0.0, weeks=40)
        result = tune(rows, explained(rows), SPEC, TUNING)
        recommended += result.weights["verdict"].recommend or result.curves["verdict"].recommend
    assert recommended <= 1


def test_a_score_that_only_stands_in_for_the_calendar_is_not_recommended(rows: pd.DataFrame) -> None:
    """Tickets decide; where everybody of one cell has as many of them, nothing is gained among those alike."""
    alike = rows.assign(calendar=(rows["tickets__what__now"] // 1).astype(int))
    proposal = tune(alike, explained(rows), SPEC, TUNING)
    assert proposal.weights["evidence"]["difference"]["auc"]["low"] > 0
    assert not proposal.weights["verdict"].recommend
    assert proposal.weights["verdict"].reason is Reason.CALENDAR_ONLY


def test_everything_proposed_can_be_tried_and_only_what_is_recommended_is_adopted(proposal: HealthProposal) -> None:
    tickets, refused = "tickets__what__now", Verdict(Reason.CHANCE)
    curves: CurvesFound = {"proposed": {tickets: [20, 90]}, "current": {}, "evidence": None, "verdict": refused}
    large: WeightsFound = {**proposal.weights, "proposed": {"tickets": 100}, "verdict": refused}
    tried = replace(proposal, curves=curves, segments={"large": large})
    every, advised = adopted(SPEC, tried, all_of_it=True), adopted(SPEC, tried)
    assert every.curves[tickets] == (20, 90)
    assert every.segments["large"].weights == {"tickets": 100}
    assert advised.curves == SPEC.curves
    assert not advised.segments
    assert advised.weights == proposal.weights["proposed"]
    assert adopted(SPEC, replace(tried, weights={**proposal.weights, "verdict": refused})).weights == HEAVY


def test_the_moves_have_bands_and_names_and_the_largest_comes_first(proposal: HealthProposal) -> None:
    record = moves_record(proposal.moves, {"a0001": "One"}, top=5)
    sizes = [abs(m["proposed"] - m["current"]) for m in record["most"]]
    assert len(sizes) == 5
    assert sizes == sorted(sizes, reverse=True)
    table = proposal.moves
    assert record["change_band"] == len(record["who"]) == int((table["current_band"] != table["proposed_band"]).sum())
    assert [m["account_id"] for m in record["changed"]] == record["who"]
    assert all(m["current_band"] != m["proposed_band"] for m in record["changed"])
    assert len(record["changed"]) > 5  # beyond those that move most
