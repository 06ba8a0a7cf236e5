from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from moment_company import OUTCOME, QUICK, company, ending, find

from rind.models.moments import discovery as true_north
from rind.models.moments.association import adjusted_z, day_zero_z, dealt, permuted
from rind.models.moments.candidates import grid, landmarks, thresholds
from rind.models.moments.confirmation import doubly_robust, examine
from rind.models.moments.discovery import cohorts
from rind.models.moments.search import Trial


def names(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(m["segment"], m["feature"]) for m in found["moments"]]


def test_a_planted_moment_is_found_and_confirmed_in_its_segment() -> None:
    found = find(*company(0, accounts=1500, lift=2.0, pull=0.4), QUICK)
    assert names(found) == [("a", "f2")]
    moment = found["moments"][0]
    assert (moment["measure"], moment["within_days"], moment["confirmed"]) == ("events", 30, True)
    assert 2 <= moment["count"] <= 4
    assert moment["plateau"]["count_from"] <= moment["count"] <= moment["plateau"]["count_to"]
    assert moment["count_interval"]["low"] <= moment["count"] <= moment["count_interval"]["high"]
    assert 0 < moment["difference_low"] < moment["difference"] < moment["difference_high"]
    assert moment["number_needed"] == pytest.approx(1 / moment["difference"])
    assert moment["retention_reached"] > moment["retention_not_reached"]
    assert 0 < moment["coverage"] < 1


def test_a_moment_whose_shown_difference_might_be_none_is_not_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsure(*given: Any) -> dict[str, Any]:
        return examine(*given) | {"difference_low": -0.001}

    monkeypatch.setattr(true_north, "examine", unsure)
    found = find(*company(0, accounts=1500, lift=2.0, pull=0.4), QUICK)
    assert not found["moments"]
    assert {m["feature"] for m in found["rejected"]} == {"f2"}


def test_a_moment_of_every_segment_is_one_of_all() -> None:
    found = find(*company(0, accounts=1500, lift=2.0, lifted=("a", "b")), QUICK)
    assert ("all", "f2") in names(found)
    assert {feature for _, feature in names(found)} == {"f2"}


def test_a_company_in_which_behaviour_means_nothing_has_no_moment_in_19_of_20() -> None:
    found = [find(*company(seed, accounts=400), QUICK) for seed in range(20)]
    assert sum(bool(f["moments"]) for f in found) <= 1
    assert sum(bool(f["moments"] or f["rejected"]) for f in found) <= 4  # the search alone: 1 in 20 is expected


def test_doing_more_of_everything_is_no_moment() -> None:
    companies = (company(seed, accounts=600, pull=0.6, behaviours=20) for seed in range(6))
    found = [find(*each, QUICK) for each in companies]
    assert sum(len(f["moments"]) for f in found) <= 1


def test_where_nothing_is_found_the_smallest_effect_that_would_have_been_is_known() -> None:
    found = find(*company(1, accounts=400), QUICK)
    assert found["moments"] == []
    assert 0 < found["segments"]["a"]["smallest_effect"] < 1


def test_accounts_whose_outcome_is_open_are_compared_as_censored() -> None:
    early, accounts = company(2, accounts=400)
    cut = ending(accounts, accounts["signed_on"].max() - pd.Timedelta(days=100))
    earlier, later = cohorts(cut, QUICK)
    open_yet = later["followed_days"] < OUTCOME.judged_days
    assert open_yet.any()
    assert not (earlier["followed_days"] < OUTCOME.judged_days).any()
    assert find(early, cut, QUICK)["left_out"] == int((cut["followed_days"] <= 0).sum()) > 0


def test_the_later_cohorts_take_no_part_in_the_search() -> None:
    early, accounts = company(0, accounts=1500, lift=2.0)
    found = find(early, accounts, QUICK)
    _, later = cohorts(accounts, QUICK)
    turned = accounts.set_index("account_id")
    gone = turned.loc[later["account_id"], "left_on"].isna()
    flipped = turned.loc[later["account_id"], "signed_on"] + pd.Timedelta(days=200)
    turned.loc[later["account_id"], "left_on"] = flipped.where(gone)
    after = find(early, turned.reset_index(), QUICK)
    assert after["moments"] == []
    keys = ("feature", "count", "within_days", "p_value", "plateau", "count_interval")
    first, second = (
        {m["segment"]: [m[k] for k in keys] for m in each["moments"] + each["rejected"]} for each in (found, after)
    )
    assert {k: first[k] for k in second} == second
    assert "a" in second


def test_a_company_that_is_too_small_is_not_searched() -> None:
    found = find(*company(0, accounts=30), QUICK)
    assert (found["moments"], found["segments"]) == ([], {})


def test_no_accounts_and_no_behaviour_are_no_error() -> None:
    early, accounts = company(0, accounts=300)
    assert find(early.iloc[:0], accounts, QUICK)["moments"] == []
    assert find(early, accounts.iloc[:0], QUICK)["moments"] == []


def test_the_order_of_accounts_and_their_names_change_no_moment() -> None:
    early, accounts = company(0, accounts=1500, lift=2.0)
    one = find(early, accounts, QUICK)["moments"][0]
    mixed = find(early.sample(frac=1, random_state=1), accounts.sample(frac=1, random_state=2), QUICK)["moments"][0]
    keys = ("segment", "feature", "count", "within_days", "reached", "retention_reached")
    assert {k: mixed[k] for k in keys} == pytest.approx({k: one[k] for k in keys})


@pytest.mark.parametrize(("lived", "compared"), [(29, False), (30, True), (None, True)])
def test_only_accounts_still_alive_at_day_d_are_compared_at_day_d(lived: int | None, compared: bool) -> None:
    signed = pd.Timestamp("2023-01-01")
    left = signed + pd.Timedelta(days=lived) if lived else pd.NaT
    account: dict[str, Any] = {"account_id": "x", "signed_on": signed, "segment": "a", "followed_days": 500}
    accounts = pd.DataFrame([{**account, "left_on": left}])
    early = pd.DataFrame({"account_id": ["x"], "behaviour": ["t"], "within_days": [30], "count": [4]})
    (landmark,) = landmarks(early, accounts, ("t",), [30], OUTCOME)
    assert landmark.counts.tolist() == ([[4.0]] if compared else [])


def test_an_account_that_has_not_been_followed_for_d_days_is_not_compared_at_day_d() -> None:
    early, accounts = company(0, accounts=50)
    young = accounts.assign(followed_days=29)
    assert [len(x.rows) for x in landmarks(early, young, ("events:f0",), [7, 30], OUTCOME)] == [50, 0]


def test_each_segment_is_searched_beside_its_own_chance_and_all_share_one_alpha() -> None:
    early, accounts = company(0, accounts=1500, lift=2.0)
    behaviours = tuple(sorted(early["behaviour"].unique()))
    trial = Trial(["a", "b"], len(accounts), QUICK, seed=0)
    for landmark in landmarks(early, accounts, behaviours, [7, 30], OUTCOME):
        trial.add(landmark)
    own = {group: trial.p_value(group, trial.best_z(group)) for group in ("a", "b")}
    assert own["a"] < own["b"]
    assert trial.p_values() == pytest.approx({"a": 2 * own["a"], "b": max(2 * own["a"], own["b"])})
    assert not np.array_equal(trial.largest["a"], trial.largest["b"])
    assert trial.choice("b") is None


def test_many_segments_are_dealt_out_often_enough_for_one_to_pass() -> None:
    groups = [str(number) for number in range(40)]
    trial = Trial(groups, 10, QUICK, seed=0)
    assert len(groups) / (1 + trial.keys.shape[1]) <= QUICK.alpha


def test_what_happens_before_day_d_does_not_count_as_outcome() -> None:
    """Accounts that do nothing and leave in the first month say nothing for a moment of the first month."""
    early, accounts = company(5, accounts=600)
    quiet = ~accounts["account_id"].isin(early.loc[early["behaviour"] == "events:f0", "account_id"])
    early_leaver = accounts["signed_on"] + pd.Timedelta(days=20)
    accounts["left_on"] = accounts["left_on"].where(~quiet, early_leaver)
    (landmark,) = landmarks(early, accounts, ("events:f0",), [30], OUTCOME)
    assert landmark.reached("events:f0", 1).all()


def test_z_beside_day_zero_by_hand() -> None:
    basis = np.column_stack([np.ones(4), [0, 0, 1, 1]])
    reached = np.array([[0], [1], [0], [1]], dtype="float32")
    z, _, _ = day_zero_z(basis, reached, np.array([1.0, 3.0, 11.0, 12.0]))
    # Residuals of the score: -1, 1, -0.5, 0.5; of the candidate: -0.5, 0.5, -0.5, 0.5; variance 2.5 / (4 - 2).
    assert z[0] == pytest.approx(1.5 / np.sqrt(2.5 / 2))


def test_a_difference_that_only_reflects_day_zero_is_none() -> None:
    size = np.repeat([0.0, 1.0], 40)
    reached = np.concatenate([np.tile([1, 1, 1, 0], 10), np.tile([1, 0, 0, 0], 10)])[:, None].astype("float32")
    noise = np.tile([0.1, -0.1, -0.1, 0.1] * 2, 10)
    z, _, _ = day_zero_z(np.column_stack([np.ones(80), size]), reached, 1 - size + noise)
    assert abs(z[0]) < 1.5


def test_beside_doing_more_of_everything_a_mere_marker_of_it_counts_for_little() -> None:
    early, accounts = company(4, accounts=1500, pull=1.0, behaviours=20)
    behaviours = tuple(sorted(early["behaviour"].unique()))
    (landmark,) = landmarks(early, accounts, behaviours, [30], OUTCOME)
    candidates, score = grid(landmark, min_side=20), Trial.score(landmark)
    plain = day_zero_z(landmark.day_zero, candidates.reached, score)[0]
    assert adjusted_z(landmark, candidates, score).mean() < 0.4 * plain.mean()


def test_a_permutation_deals_the_residuals_out_within_each_block() -> None:
    early, accounts = company(3, accounts=200)
    landmark = landmarks(early, accounts, ("events:f0",), [7], OUTCOME)[0]
    rest = np.arange(200.0)
    anew = dealt(landmark, rest, np.random.default_rng(0).random((200, 15)))
    for block in np.unique(landmark.blocks):
        inside = landmark.blocks == block
        for draw in anew.T:
            assert sorted(draw[inside]) == sorted(rest[inside])
    assert len(np.unique(anew, axis=1).T) == 15


def test_chance_is_as_strong_as_noise_also_where_few_accounts_are_adjusted_for_much() -> None:
    early, accounts = company(3, accounts=60)
    landmark = landmarks(early, accounts, ("events:f0",), [30], OUTCOME)[0]
    rng = np.random.default_rng(0)
    basis = np.column_stack([np.ones(60), rng.normal(size=(60, 30))])
    reached = (rng.random((60, 200)) < 0.5).astype("float32")
    _, unit, rest = day_zero_z(basis, reached, rng.normal(size=60))
    chance = unit.T @ permuted(landmark, basis, rest, rng.random((60, 200)))
    assert chance.std() == pytest.approx(1.0, abs=0.05)
    assert np.abs(basis.T @ permuted(landmark, basis, rest, rng.random((60, 5)))).max() < 1e-3


def test_the_doubly_robust_difference_is_free_of_what_both_models_know() -> None:
    rng = np.random.default_rng(0)
    size = rng.normal(size=4000)
    reached = rng.random(4000) < 1 / (1 + np.exp(-size))
    kept = (rng.random(4000) < np.clip(0.5 + 0.15 * size + 0.1 * reached, 0, 1)).astype("float64")
    naive = kept[reached].mean() - kept[~reached].mean()
    effect, error = doubly_robust(np.column_stack([np.ones(4000), size]), reached, kept)
    assert naive > 0.18
    assert effect == pytest.approx(0.1, abs=3 * error)
    assert 0.01 < error < 0.03


def test_thresholds_that_too_few_reach_or_miss_are_not_tried() -> None:
    values = np.array([0] * 10 + [1] * 10 + [2] * 10 + [9] * 3, dtype="float64")
    assert thresholds(values, min_side=5) == [1, 2]
    assert thresholds(values, min_side=11) == [2]


def test_summed_quantities_that_are_the_events_again_are_no_candidates() -> None:
    early, accounts = company(3, accounts=200)
    copy = early.assign(behaviour=early["behaviour"].str.replace("events", "uses"))
    behaviours = ("events:f0", "uses:f0")
    (both,) = landmarks(pd.concat([early, copy]), accounts, behaviours, [7], OUTCOME)
    assert set(grid(both, 20).columns) == {0}
    (dearer,) = landmarks(pd.concat([early, copy.assign(count=copy["count"] * 2)]), accounts, behaviours, [7], OUTCOME)
    assert set(grid(dearer, 20).columns) == {0, 1}
