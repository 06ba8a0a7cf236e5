"""The mrr to expect to lose, worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from rind.models.outcomes.expected_loss import expected_loss

MRR, LEAVES = pd.Series([1000.0, 200.0]), pd.Series([0.1, 0.5])


def test_leaving_costs_all_of_it_and_shrinking_the_mean_share() -> None:
    loss = expected_loss(MRR, LEAVES, {"contraction": pd.Series([0.2, 0.0])}, {"contraction": -0.25})
    assert loss.tolist() == pytest.approx([1000 * (0.1 + 0.2 * 0.25), 100.0])


def test_of_two_shares_the_larger_expected_loss_counts_once() -> None:
    chances = {"small": pd.Series([0.2, 0.2]), "halving": pd.Series([0.01, 0.2])}
    loss = expected_loss(MRR, pd.Series([0.0, 0.0]), chances, {"small": -0.1, "halving": -0.5})
    assert loss.tolist() == pytest.approx([20.0, 20.0])


def test_without_contractions_it_is_what_leaving_costs() -> None:
    assert expected_loss(MRR, LEAVES, {}, {}).tolist() == pytest.approx([100.0, 100.0])


def test_unknown_money_stays_unknown_and_nobody_loses_more_than_all() -> None:
    loss = expected_loss(
        pd.Series([None, 100.0], dtype="float64"), pd.Series([0.5, 0.99]), {"c": pd.Series([0.5, 0.9])}, {"c": -0.5}
    )
    assert loss.isna().tolist() == [True, False]
    assert loss[1] == pytest.approx(100.0)
