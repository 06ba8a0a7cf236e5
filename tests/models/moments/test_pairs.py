from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from moment_company import DATA_END, QUICK, company, ending, find

from rind.models.moments import discovery as true_north
from rind.models.moments.confirmation import combined, passing
from rind.models.moments.search import step_down


def test_a_moment_that_needs_two_things_names_both() -> None:
    found = find(*company(0, accounts=2500, lift=3.0, needs=(2, 4)), QUICK)
    (moment,) = (m for m in found["moments"] if m["segment"] == "a")
    assert {moment["feature"], moment["and_feature"]} == {"f2", "f4"}
    assert (moment["and_measure"], moment["within_days"]) == ("events", 30)
    assert 2 <= moment["and_count"] <= 4
    assert moment["and_retention"] > moment["retention_reached"]
    assert moment["and_reached"] < moment["reached"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pull", [0.0, 0.8])
def test_a_second_thing_that_adds_nothing_is_not_named(seed: int, pull: float) -> None:
    moments = find(*company(seed, accounts=1500, lift=2.0, pull=pull), QUICK)["moments"]
    assert moments
    assert not [m for m in moments if "and_feature" in m]


def test_two_things_that_merely_add_up_are_no_pair() -> None:
    early, accounts = company(0, accounts=2500)
    month = early[(early["within_days"] == 30) & (early["count"] >= 3)].groupby("behaviour")["account_id"]
    did = [accounts["account_id"].isin(month.get_group(name)) for name in ("events:f2", "events:f4")]
    share = 0.1 + 0.4 * did[0] + 0.4 * did[1]
    left = accounts["signed_on"] + pd.Timedelta(days=200)
    stays = np.random.default_rng(0).random(len(accounts)) < share
    moments = find(early, ending(accounts.assign(left_on=left.mask(stays)), DATA_END), QUICK)["moments"]
    assert {m["feature"] for m in moments} <= {"f2", "f4"}
    assert moments
    assert not [m for m in moments if "and_feature" in m]


def test_tests_that_share_alpha_pass_one_after_the_other() -> None:
    assert passing({"x": 0.02, "y": 0.04, "z": 0.01}, 0.05) == {"x": True, "y": True, "z": True}
    assert passing({"x": 0.03, "y": 0.04, "z": 0.01}, 0.05) == {"x": False, "y": False, "z": True}
    assert passing({"x": None, "y": 0.02}, 0.05) == {"x": False, "y": True}


def test_p_values_of_several_tests_are_each_corrected_for_all() -> None:
    corrected = step_down({"x": 0.02, "y": 0.5, "z": 0.01, "w": None})
    assert corrected == pytest.approx({"z": 0.04, "x": 0.06, "y": 1.0, "w": 1.0})


def test_a_confirmation_counts_with_its_search_but_never_without_passing_alone() -> None:
    # z of .05 is 1.645, of .01 2.326: (1.645 + 2.326) / root of 2 = 2.808.
    assert combined(0.01, 0.05, alpha=0.05) == pytest.approx(0.0025, abs=5e-5)
    assert combined(0.5, 0.05, alpha=0.05) == pytest.approx(0.122, abs=5e-4)
    assert combined(1e-12, 0.051, alpha=0.05) is None
    assert combined(0.01, None, alpha=0.05) is None
    assert combined(0.0, 0.0, alpha=0.05) == pytest.approx(0.0, abs=1e-9)


def test_all_confirmations_of_a_run_share_one_alpha(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment of all segments, those of segments, and the second thing of a pair are one family of tests."""
    seen: list[dict[Any, float | None]] = []
    monkeypatch.setattr(true_north, "passing", lambda tests, alpha: seen.append(tests) or passing(tests, alpha))
    find(*company(0, accounts=2500, lift=3.0, needs=(2, 4), lifted=("a", "b")), QUICK)
    (family,) = seen
    assert {("all", False), ("a", False), ("b", False)} <= set(family)
    assert any(more for _, more in family)
