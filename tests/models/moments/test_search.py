from __future__ import annotations

import numpy as np
import pytest
from moment_company import OUTCOME, QUICK, company

from rind.models.moments.candidates import landmarks
from rind.models.moments.search import Trial


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
