from __future__ import annotations

import numpy as np
import pytest
from moment_company import OUTCOME, company

from rind.models.moments.association import adjusted_z, day_zero_z, dealt, permuted
from rind.models.moments.candidates import grid, landmarks
from rind.models.moments.search import Trial


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
