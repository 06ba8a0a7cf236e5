from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.moment_strength import adjusted_z, compare, permuted_outcomes
from models.moments import grid, landmarks, said, thresholds
from models.true_north import Search, find

WINDOWS = (7, 30)
DATA_END = "2024-12-31"
QUICK = Search(permutations=100)


def company(
    seed: int, accounts: int = 600, lift: float = 0.0, pull: float = 0.0, behaviours: int = 6
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Big and well-fitting accounts do more of everything and stay more (pull); in segment "a", whoever has at least
    3 of ``events:f2`` within 30 days stays more (lift, in log-odds)."""
    rng = np.random.default_rng(seed)
    segment = rng.choice(["a", "b"], accounts)
    fit = rng.normal(size=accounts)
    rate = 0.1 * np.exp(0.5 * fit[:, None] + 0.6 * rng.normal(size=(accounts, behaviours)))
    week, month = rng.poisson(rate * 7), rng.poisson(rate * 23)
    counts = {7: week, 30: week + month}
    reached = (counts[30][:, 2] >= 3) & (segment == "a")
    stayed = rng.random(accounts) < 1 / (1 + np.exp(-pull * fit - lift * reached))
    signed = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, accounts), unit="D")
    left = pd.to_timedelta(np.where(stayed, np.nan, rng.integers(31, 365, accounts)), unit="D")
    names = [f"events:f{b}" for b in range(behaviours)]
    parts = [
        pd.DataFrame(counts[d], columns=names).rename_axis("account_id").reset_index().melt("account_id").assign(d=d)
        for d in WINDOWS
    ]
    early = pd.concat(parts).set_axis(["account_id", "behaviour", "count", "within_days"], axis=1)
    table = {"account_id": np.arange(accounts), "signed_on": signed, "segment": segment}
    table |= {
        "stayed": stayed.astype("float64"),
        "left_on": signed + left,
        "seats": np.exp(3 + fit + rng.normal(size=accounts)),
    }
    return early[early["count"] > 0], pd.DataFrame(table)


def test_a_planted_moment_is_found_and_confirmed_in_its_segment() -> None:
    found = find(*company(0, accounts=1500, lift=2.0, pull=0.4), DATA_END, QUICK)
    assert [(m["segment"], m["feature"]) for m in found["moments"]] == [("a", "events:f2")]
    moment = found["moments"][0]
    assert moment["within_days"] == 30
    assert 2 <= moment["count"] <= 4
    assert moment["confirmed"] is True
    assert moment["difference_low"] > 0
    assert moment["retention_reached"] > moment["retention_not_reached"]


def test_a_company_in_which_behaviour_means_nothing_has_no_moment_in_19_of_20() -> None:
    found = [find(*company(seed, accounts=400), DATA_END, QUICK) for seed in range(20)]
    assert sum(bool(f["moments"]) for f in found) <= 1
    assert sum(bool(f["moments"] or f["rejected"]) for f in found) <= 4  # the search alone: 1 in 20 is expected


def test_doing_more_of_everything_is_no_moment() -> None:
    companies = (company(seed, accounts=600, pull=0.6, behaviours=20) for seed in range(6))
    found = [find(*each, DATA_END, QUICK) for each in companies]
    assert sum(len(f["moments"]) for f in found) <= 1


def test_none_found_says_how_large_an_effect_would_have_been_found() -> None:
    found = find(*company(1, accounts=400), DATA_END, QUICK)
    assert found["moments"] == []
    assert "none found" in found["words"]
    assert "points or more would have been found" in found["words"]
    assert 0 < found["segments"]["a"]["smallest_effect"] < 1


def test_cohorts_too_young_for_their_outcome_are_left_out_whole() -> None:
    early, accounts = company(2, accounts=400)
    end = accounts["signed_on"].max()
    young = accounts["signed_on"] > end - pd.Timedelta(days=395)
    accounts.loc[young & (accounts["stayed"] == 1), "stayed"] = np.nan
    assert find(early, accounts, end, QUICK)["left_out"] == int(young.sum())


def test_the_later_cohorts_take_no_part_in_the_search() -> None:
    early, accounts = company(0, accounts=1500, lift=2.0)
    found = find(early, accounts, DATA_END, QUICK)
    later = accounts["signed_on"] >= accounts["signed_on"].sort_values().iloc[900]
    accounts.loc[later, "stayed"] = 1 - accounts.loc[later, "stayed"]
    turned = find(early, accounts, DATA_END, QUICK)
    assert turned["moments"] == []
    keys = ("feature", "count", "within_days", "p_value")
    before, after = (
        {m["segment"]: [m[k] for k in keys] for m in each["moments"] + each["rejected"] if m["segment"] != "all"}
        for each in (found, turned)
    )
    assert before == after
    assert "a" in before


def test_a_company_that_is_too_small_is_told_so() -> None:
    found = find(*company(0, accounts=30), DATA_END, QUICK)
    assert (found["moments"], found["segments"]) == ([], {})
    assert "Too few accounts" in found["words"]


def test_no_accounts_and_no_behaviour_are_no_error() -> None:
    early, accounts = company(0, accounts=300)
    assert find(early.iloc[:0], accounts, DATA_END, QUICK)["moments"] == []
    assert find(early, accounts.iloc[:0], DATA_END, QUICK)["moments"] == []


def test_the_order_of_accounts_and_their_names_change_no_moment() -> None:
    early, accounts = company(0, accounts=1500, lift=2.0)
    one = find(early, accounts, DATA_END, QUICK)["moments"][0]
    mixed = find(early.sample(frac=1, random_state=1), accounts.sample(frac=1, random_state=2), DATA_END, QUICK)
    assert {k: mixed["moments"][0][k] for k in ("feature", "count", "within_days", "difference")} == {
        k: pytest.approx(one[k]) if k == "difference" else one[k]
        for k in ("feature", "count", "within_days", "difference")
    }


@pytest.mark.parametrize(("lived", "compared"), [(29, False), (30, True), (None, True)])
def test_only_accounts_still_alive_at_day_d_are_compared_at_day_d(lived: int | None, compared: bool) -> None:
    signed = pd.Timestamp("2023-01-01")
    left = signed + pd.Timedelta(days=lived) if lived else pd.NaT
    account: dict[str, Any] = {"account_id": "x", "signed_on": signed, "segment": "a", "stayed": 0.0}
    accounts = pd.DataFrame([{**account, "left_on": left}])
    early = pd.DataFrame({"account_id": ["x"], "behaviour": ["t"], "within_days": [30], "count": [4]})
    (landmark,) = landmarks(early, accounts, ("t",), [30])
    assert landmark.counts.tolist() == ([[4.0]] if compared else [])


def test_the_difference_within_strata_by_hand() -> None:
    # Stratum 0: 2 of 2 against 1 of 2; stratum 1: 1 of 1 against 0 of 3; weights 2*2/4 and 1*3/4.
    reached = np.array([[1], [1], [0], [0], [1], [0], [0], [0]], dtype="float32")
    stayed = np.array([1, 1, 1, 0, 1, 0, 0, 0], dtype="float64")
    found = compare(reached, stayed, np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    assert found.difference[0] == pytest.approx((1 * 0.5 + 0.75 * 1) / 1.75)
    variance = 2 * 2 * 3 * 1 / (16 * 3) + 1 * 3 * 1 * 3 / (16 * 3)
    assert found.z[0] == pytest.approx((3 - (2 * 3 / 4 + 1 * 1 / 4)) / variance**0.5)


def test_a_difference_that_only_reflects_the_strata_is_none() -> None:
    strata = np.repeat([0, 1], 40)
    reached = np.concatenate([np.tile([1, 1, 1, 0], 10), np.tile([1, 0, 0, 0], 10)])[:, None].astype("float32")
    stayed = np.concatenate([np.ones(40), np.zeros(40)])
    assert compare(reached, stayed, strata).difference[0] == pytest.approx(0)


def test_beside_doing_more_of_everything_a_mere_marker_of_it_counts_for_little() -> None:
    early, accounts = company(4, accounts=1500, pull=1.0, behaviours=20)
    names = tuple(sorted(early["behaviour"].unique()))
    (landmark,) = landmarks(early, accounts, names, [30])
    candidates = grid(landmark, min_side=20)
    plain = compare(candidates.reached, landmark.stayed, landmark.strata).z
    assert adjusted_z(landmark, candidates).mean() < 0.4 * plain.mean()


def test_a_permutation_keeps_the_number_that_stayed_in_every_stratum() -> None:
    early, accounts = company(3, accounts=200)
    landmark = landmarks(early, accounts, ("events:f0",), [7])[0]
    dealt = permuted_outcomes(landmark, np.random.default_rng(0).random((200, 15)))
    for stratum in np.unique(landmark.strata):
        inside = landmark.strata == stratum
        assert (dealt[inside].sum(axis=0) == landmark.stayed[inside].sum()).all()
    assert len(np.unique(dealt, axis=1).T) == 15


def test_thresholds_that_too_few_reach_or_miss_are_not_tried() -> None:
    values = np.array([0] * 10 + [1] * 10 + [2] * 10 + [9] * 3, dtype="float64")
    assert thresholds(values, min_side=5, most=8) == [1, 2]
    assert thresholds(values, min_side=11, most=8) == [2]


@pytest.mark.parametrize(
    ("behaviour", "count", "words"),
    [
        ("users:reports", 2, "2 users on reports"),
        ("events:api_keys", 1, "1 use of api keys"),
        ("trainings", 3, "3 trainings"),
    ],
)
def test_a_behaviour_is_said_in_words(behaviour: str, count: int, words: str) -> None:
    assert said(behaviour, count) == words
