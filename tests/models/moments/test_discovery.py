from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from moment_company import OUTCOME, QUICK, company, ending, find

from rind.models.moments import discovery as true_north
from rind.models.moments.confirmation import examine
from rind.models.moments.discovery import cohorts


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
