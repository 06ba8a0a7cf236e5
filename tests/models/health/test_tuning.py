from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.models.churn.family_shap import shares
from rind.models.common.frames import SEGMENT
from rind.models.health import parts as health_parts
from rind.models.health import weights as health_weights
from rind.models.health.curves import propose_curves
from rind.models.health.evidence import verdict
from rind.models.health.score import FAMILIES, Curve, HealthSpec, Override, score
from rind.models.health.tuning import adopted, compared, told, tune
from rind.models.health.weights import propose
from rind.pipelines.params import load
from rind.pipelines.stages import tune_health
from rind.reports.health_page import HealthContext, render_health, summary
from rind.reports.health_patch import patch

HEAVY = {"usage": 60, "tickets": 10, "contacts": 10, "surveys": 10, "engagement": 5, "commercial": 5}
SPEC = HealthSpec(HEAVY, tuple(Curve(f"{f}__what__now", 0, 100) for f in FAMILIES), 45, 65)
BOUNDS = dict.fromkeys(FAMILIES, (5, 60))
SETTINGS = replace(tune_health.settings(load()), bounds=BOUNDS, embargo_days=28, draws=60, seed=0)


def company(seed: int, effect: float, accounts: int = 300, weeks: int = 50) -> pd.DataFrame:
    """Weekly features of accounts whose tickets, and nothing else, decide how soon they leave."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(0, 100, (accounts, len(FAMILIES)))
    leaves_after = rng.exponential(np.exp(5.5 + effect * (base[:, 1] / 100 - 0.5)))
    segment = np.where(np.arange(accounts) % 2, "small", "large")
    parts = []
    for week in range(weeks):
        here = leaves_after > 7 * week
        part = pd.DataFrame(base[here], columns=[f"{f}__what__now" for f in FAMILIES])
        part["account_id"] = [f"a{i:04d}" for i in np.flatnonzero(here)]
        part["as_of"] = pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=week)
        part["churned"] = (leaves_after[here] - 7 * week <= 28).astype("float64")
        part[SEGMENT] = segment[here]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def explained(rows: pd.DataFrame) -> pd.DataFrame:
    """SHAP totals of two folds that say: tickets."""
    dates = rows["as_of"].rank(method="dense")
    found = rows[["account_id", "as_of"]].assign(fold=(dates > 30).astype(int), sampled=True)
    return found.assign(**{f"shap_{f}": 1.0 if f == "tickets" else 0.1 for f in FAMILIES}, shap_calendar=9.0)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return company(0, 6.0)


@pytest.fixture(scope="module")
def found(rows: pd.DataFrame) -> dict[str, Any]:
    return tune(rows, explained(rows), SPEC, SETTINGS)


def test_weights_move_to_what_decides_within_the_bounds_and_add_up_to_100(found: dict[str, Any]) -> None:
    assert max(found["proposed"], key=found["proposed"].get) == "tickets"
    assert sum(found["proposed"].values()) == 100
    assert all(BOUNDS[f][0] <= w <= BOUNDS[f][1] for f, w in found["proposed"].items())
    assert found["recommend"] is True
    assert found["evidence"]["difference"]["auc"]["low"] > 0


def test_the_evidence_is_of_both_scores_and_their_difference_with_its_interval(found: dict[str, Any]) -> None:
    for measure in ("auc", "green_churn_recall"):
        current, proposed = (found["evidence"][who][measure] for who in ("current", "proposed"))
        gain = found["evidence"]["difference"][measure]
        assert gain["value"] == pytest.approx(proposed - current)
        assert gain["low"] <= gain["value"] <= gain["high"]


def test_the_evidence_starts_with_a_fold_and_an_embargo_after_the_fit(found: dict[str, Any]) -> None:
    fitted, tested = (pd.Timestamp(found["evidence"][k][e]) for k, e in (("fitted", "to"), ("tested", "from")))
    assert tested == pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=30)
    assert fitted + pd.Timedelta(days=28) < tested


def test_outcomes_of_the_dates_that_judge_change_no_proposal(rows: pd.DataFrame, found: dict[str, Any]) -> None:
    late = rows["as_of"] >= pd.Timestamp(found["evidence"]["tested"]["from"])
    turned = rows.assign(churned=rows["churned"].where(~late, 1 - rows["churned"]))
    other = tune(turned, explained(rows), SPEC, SETTINGS)
    assert other["proposed"] == found["proposed"]
    assert other["curves"]["proposed"] == found["curves"]["proposed"]
    assert other["bands"]["proposed"]["green_from"] == found["bands"]["proposed"]["green_from"]
    assert not other["recommend"]


def test_features_and_shap_of_the_dates_that_judge_change_no_proposal(
    rows: pd.DataFrame, found: dict[str, Any]
) -> None:
    begin = pd.Timestamp(found["evidence"]["tested"]["from"]) - pd.Timedelta(days=SETTINGS.embargo_days)
    late, columns = rows["as_of"] >= begin, [f"{f}__what__now" for f in FAMILIES]
    other, shap = rows.copy(), explained(rows)
    other.loc[late, columns] = np.random.default_rng(0).uniform(0, 20, (int(late.sum()), len(columns)))
    shap.loc[late, "shap_usage"] = 50.0
    changed = tune(other, shap, SPEC, SETTINGS)
    for part in ("proposed", "shares", "strengths"):
        assert changed[part] == found[part]
    for limit in ("amber_from", "green_from"):
        assert changed["bands"]["proposed"][limit] == found["bands"]["proposed"][limit]
    assert changed["curves"]["proposed"] == found["curves"]["proposed"]
    assert changed["evidence"]["proposed"] != found["evidence"]["proposed"]


def test_the_order_of_rows_changes_nothing(rows: pd.DataFrame, found: dict[str, Any]) -> None:
    shuffled = rows.sample(frac=1, random_state=1)
    other = tune(shuffled, explained(rows), SPEC, SETTINGS)
    assert told(other, {}) == told(found, {})


def test_shap_stands_beside_the_fit_without_the_calendar_and_differences_are_said() -> None:
    rows = company(1, 0.0, accounts=20, weeks=4)
    assert shares(explained(rows), FAMILIES)["tickets"] == pytest.approx(1 / 1.5)
    said = compared({"usage": 0.6, "tickets": 0.4}, {"usage": 0.2, "tickets": 0.45})
    assert len(said) == 1
    assert said[0].startswith("usage: 20% of what moves the model, 60% of the fit")


def test_where_health_means_nothing_almost_nothing_is_recommended() -> None:
    recommended = 0
    for seed in range(6):
        rows = company(seed, 0.0, weeks=40)
        result = tune(rows, explained(rows), SPEC, SETTINGS)
        recommended += result["recommend"] or result["curves"]["recommend"]
    assert recommended <= 1


def test_a_score_that_only_stands_in_for_the_calendar_is_not_recommended(rows: pd.DataFrame) -> None:
    """Tickets decide; where everybody of one cell has as many of them, nothing is gained among those alike."""
    alike = rows.assign(calendar=(rows["tickets__what__now"] // 1).astype(int))
    found = tune(alike, explained(rows), SPEC, SETTINGS)
    assert found["evidence"]["difference"]["auc"]["low"] > 0
    assert not found["recommend"]
    assert "not beyond the renewal calendar" in found["words"]


def test_a_gain_of_a_score_that_ranks_like_a_coin_is_not_recommended() -> None:
    gain = {"value": 0.04, "low": 0.02, "high": 0.06}
    evidence = {"difference": {"auc": gain, "auc_same_calendar": gain, "green_churn_recall": gain}}
    evidence |= {"ranks_from": 0.49, "level": 0.95}
    assert not verdict(evidence)["recommend"]
    assert "coin" in verdict(evidence)["words"]
    assert verdict(evidence | {"ranks_from": 0.51})["recommend"]


def test_segments_get_a_proposal_of_their_own_only_with_enough_departures(rows: pd.DataFrame) -> None:
    some = replace(SETTINGS, fewest_departed=5)
    found = tune(rows, explained(rows), SPEC, some)
    assert set(found["segments"]) == {"small", "large"}
    assert all(sum(of["proposed"].values()) == 100 for of in found["segments"].values())
    few = rows[(rows[SEGMENT] == "large") | (rows["account_id"] < "a0008")]
    assert set(tune(few, explained(few), SPEC, some)["segments"]) == {"large"}


def test_a_segment_is_judged_beside_the_new_weights_with_the_new_limit_of_green(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, float]] = []

    def seen(own: Any, current: Any, held: Any, green_from: float, *rest: Any, **more: Any) -> dict[str, Any]:
        asked.append((current, green_from))
        return propose(own, current, held, green_from, *rest, **more)

    monkeypatch.setattr(health_parts, "propose", seen)
    found = tune(rows, explained(rows), SPEC, replace(SETTINGS, fewest_departed=5))
    assert found["recommend"]
    limit = found["bands"]["proposed"]["green_from"]
    assert limit != SPEC.green_from
    assert asked == [(found["proposed"], limit)] * 2


def test_curves_and_segments_are_judged_together_at_a_level_that_grows_with_their_number(rows: pd.DataFrame) -> None:
    found = tune(rows, explained(rows), SPEC, replace(SETTINGS, fewest_departed=5))
    levels = [of["evidence"]["level"] for of in (*found["segments"].values(), found["curves"]) if of["evidence"]]
    assert len(levels) >= 2
    assert levels == pytest.approx([1 - 0.05 / len(levels)] * len(levels))
    assert found["evidence"]["level"] == 0.95
    assert all("as one of several questions" in of["words"] for of in found["segments"].values() if of["recommend"])


def test_nothing_is_recommended_beside_weights_that_were_refused(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    better = {"recommend": True, "words": "Better.", "proposed": HEAVY}
    monkeypatch.setattr(health_weights, "verdict", lambda _: {"recommend": False, "words": "Refused."})
    monkeypatch.setattr(health_parts, "propose", lambda *_, **__: better)
    found = tune(rows, explained(rows), SPEC, replace(SETTINGS, fewest_departed=5))
    assert set(found["segments"]) == {"small", "large"}
    assert not any(of["recommend"] for of in (*found["segments"].values(), found["curves"]))
    assert "not recommended" in found["segments"]["large"]["words"]


def test_everything_proposed_can_be_tried_and_only_what_is_recommended_is_adopted(found: dict[str, Any]) -> None:
    tickets = "tickets__what__now"
    curve = {"proposed": {tickets: [20, 90]}, "current": {}, "evidence": None, "recommend": False, "words": ""}
    segment = {"proposed": {"tickets": 100}, "recommend": False}
    tried = found | {"curves": curve, "segments": {"large": segment}}
    every, advised = adopted(SPEC, tried, all_of_it=True), adopted(SPEC, tried)
    assert next((c.bad, c.good) for c in every.curves if c.feature == tickets) == (20, 90)
    assert every.segments["large"].weights == {"tickets": 100}
    assert advised.curves == SPEC.curves
    assert not advised.segments
    assert advised.weights == found["proposed"]
    assert adopted(SPEC, tried | {"recommend": False}).weights == HEAVY


def test_a_curve_is_moved_to_where_the_feature_tells_and_keeps_its_direction() -> None:
    rng = np.random.default_rng(0)
    value = rng.uniform(0, 100, 4000)
    rows = pd.DataFrame({"usage__what__now": value, "churned": (value < 20).astype(float)})
    up, down = Curve("usage__what__now", 0, 100), Curve("usage__what__now", 100, 0)
    (better,) = propose_curves(rows, [up], SETTINGS.curves)
    assert 0 <= better.bad < better.good <= 45
    assert propose_curves(rows, [down], SETTINGS.curves) == (down,)


def test_the_moves_tell_bands_and_names_and_the_largest_first(found: dict[str, Any]) -> None:
    record = told(found, {"a0001": "One"}, top=5)["moves"]
    sizes = [abs(m["proposed"] - m["current"]) for m in record["most"]]
    assert len(sizes) == 5
    assert sizes == sorted(sizes, reverse=True)
    table = found["moves"]
    assert record["change_band"] == len(record["who"]) == int((table["current_band"] != table["proposed_band"]).sum())
    assert [m["account_id"] for m in record["changed"]] == record["who"]
    assert all(m["current_band"] != m["proposed_band"] for m in record["changed"])
    assert len(record["changed"]) > 5  # beyond those that move most


def test_what_is_recommended_can_be_given_to_the_next_run(found: dict[str, Any]) -> None:
    text = patch(told(found, {}), SPEC, adopted(SPEC, found, all_of_it=True), adopted(SPEC, found))
    given = yaml.safe_load(text)["health"]
    assert given["weights"] == found["proposed"]
    assert given["green_from"] == found["bands"]["proposed"]["green_from"]
    assert ("curves" in given) == bool(found["curves"]["recommend"])


def test_what_is_not_recommended_is_a_comment() -> None:
    rows = company(3, 0.0, accounts=40, weeks=20)
    found = tune(rows, explained(rows), SPEC, SETTINGS)
    text = patch(told(found, {}), SPEC, adopted(SPEC, found, all_of_it=True), adopted(SPEC, found))
    assert yaml.safe_load(text) == {"health": {}}
    assert "NOT RECOMMENDED" in text


ODD_NAMES = ["Enterprise: EMEA", "No", "null", "7", "1e3", "- a", "# b", "{x}", "two\nlines", "Größe", "'", ""]


@pytest.mark.parametrize("recommended", [True, False])
def test_a_patch_is_read_back_as_it_was_meant_whatever_the_segments_are_called(
    found: dict[str, Any], recommended: bool
) -> None:
    odd = {name: Override({"usage": 60, "surveys": 40}, (Curve("usage__x__28d", 3.0, 0.25),)) for name in ODD_NAMES}
    today = replace(SPEC, segments=odd | {"empty": Override()})
    record = found | {"recommend": recommended, "curves": found["curves"] | {"recommend": recommended}}
    record["segments"] = {
        name: {"recommend": False, "proposed": HEAVY, "words": f"{name} says: nothing"} for name in ODD_NAMES
    }
    proposed, advised = adopted(today, record, all_of_it=True), adopted(today, record)
    read = yaml.safe_load(patch(told(record, {}), today, proposed, advised))
    if not recommended:
        assert read == {"health": {}}
        return
    assert read["health"]["weights"] == advised.weights
    assert list(read["health"]["segments"]) == [*ODD_NAMES, "empty"]
    for name in ODD_NAMES:
        assert read["health"]["segments"][name] == {
            "weights": {"usage": 60, "surveys": 40}, "curves": {"usage__x__28d": [3, 0.25]},
        }  # fmt: skip


def test_the_page_shows_weights_evidence_and_who_moves_and_escapes_names(found: dict[str, Any]) -> None:
    record = told(found, dict.fromkeys(found["moves"]["account_id"], "<b>Evil</b> & Co"))
    page = render_health(HealthContext("Hearth & Co", record, BOUNDS, 28, "health_params.yaml"))
    assert "Hearth &amp; Co" in page
    assert "<b>Evil" not in page
    moves = record["moves"]
    assert page.count("&lt;b&gt;Evil") == len(moves["most"]) + moves["change_band"]
    assert (len(moves["most"]), "The 20 that move most" in page) == (20, True)
    assert "Recommended." in page
    assert "http" not in page.replace("http-equiv", "")
    assert f"{found['proposed']['tickets']}" in summary(record)


def test_the_page_names_curves_in_words(found: dict[str, Any]) -> None:
    feature = "tickets__what__now"
    proof = {"current": {feature: [0, 100]}, "proposed": {feature: [10, 60]}, "evidence": None, "recommend": False}
    record = told(found, {}) | {"curves": proof | {"words": "Which may be chance."}}
    context = HealthContext("Hearth", record, BOUNDS, 28, "health_params.yaml", {feature: "Tickets that are open"})
    assert "Tickets that are open" in render_health(context)


OVERRIDES = {"large": Override({"tickets": 100}, (Curve("tickets__what__now", 50, 100),))}


def test_a_segment_has_its_own_weights_and_curves_and_the_others_keep_theirs(rows: pd.DataFrame) -> None:
    spec = HealthSpec(HEAVY, SPEC.curves, 45, 65, OVERRIDES)
    own, all_ = score(rows, spec), score(rows, SPEC)
    large = rows[SEGMENT] == "large"
    expected = ((rows["tickets__what__now"] - 50) / 50).clip(0, 1) * 100
    assert np.allclose(own.loc[large, "health_score"], expected[large])
    pd.testing.assert_frame_equal(own[~large], all_[~large])


answers = st.sampled_from(["yes", "no", "unsure", None])
points = st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=6, max_size=6)


@settings(deadline=None, max_examples=40)
@given(points, answers)
def test_an_answer_that_doubts_the_use_never_raises_the_score(values: list[float | None], answer: str | None) -> None:
    spec = HealthSpec(HEAVY, SPEC.curves, 45, 65, fit_usage_factor={"yes": 1.0, "unsure": 0.7, "no": 0.4})
    row = pd.DataFrame([{f"{f}__what__now": v for f, v in zip(FAMILIES, values, strict=True)}], dtype="float64")
    row = row.assign(account_id="a", as_of=pd.Timestamp("2024-01-01"))
    with_answer = score(row, spec, pd.Series([answer], dtype="object"))["health_score"].iloc[0]
    without = score(row, spec)["health_score"].iloc[0]
    assert with_answer <= without + 1e-9 or (np.isnan(with_answer) and np.isnan(without))


def test_a_no_takes_weight_from_usage_by_the_factor() -> None:
    spec = HealthSpec({"usage": 50, "tickets": 50}, SPEC.curves[:2], 45, 65, fit_usage_factor={"no": 0.5})
    row = pd.DataFrame([{"usage__what__now": 100.0, "tickets__what__now": 10.0}])
    row = row.assign(account_id="a", as_of=pd.Timestamp("2024-01-01"))
    assert score(row, spec, pd.Series(["no"]))["health_score"].iloc[0] == pytest.approx((25 * 100 + 50 * 10) / 75)
    assert score(row, spec, pd.Series(["yes"]))["health_score"].iloc[0] == pytest.approx(55)


def test_the_families_without_data_are_named() -> None:
    row = pd.DataFrame([{"usage__what__now": 100.0, "tickets__what__now": np.nan}])
    row = row.assign(account_id="a", as_of=pd.Timestamp("2024-01-01"))
    spec = HealthSpec({"usage": 50, "tickets": 30, "surveys": 20, "contacts": 0}, SPEC.curves[:2], 45, 65)
    assert score(row, spec)["health_missing"].tolist() == ["tickets, surveys"]
