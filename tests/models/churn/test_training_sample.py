"""The sample that a model learns from where there are too many rows: all departures, some accounts, the same mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_frames import DIRECTIONS, OUTCOME, QUICK, SETTINGS, dates, fit, matrix, roll

from rind.models.churn.backtest import bag_rows, training_rows
from rind.models.churn.estimators import WEIGHT, weights_of
from rind.models.churn.training_sample import place, sample_of, sampled
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import rolling_folds

FOLDS = rolling_folds(dates(), OUTCOME, 28, 2)


def company(accounts: int = 400, per_account: int = 5, rate: float = 0.05, seed: int = 0) -> pd.DataFrame:
    """Labelled rows of accounts, few of which leave."""
    rng, count = np.random.default_rng(seed), accounts * per_account
    names = [f"a{n}" for n in range(accounts)]
    return pd.DataFrame(
        {"account_id": np.repeat(names, per_account), "churned": (rng.random(count) < rate).astype(float)},
        index=rng.permutation(count) + 7,
    )


def test_rows_that_are_not_too_many_stay_as_they_are() -> None:
    rows = company()
    assert sampled(rows, len(rows), seed=1) is rows


@given(seed=st.integers(0, 10**6), most=st.integers(100, 1999), rate=st.sampled_from([0.0, 0.02, 0.3, 0.6]))
def test_departures_all_stay_and_the_rest_weighs_as_much_as_before(seed: int, most: int, rate: float) -> None:
    rows = company(rate=rate)
    kept = sampled(rows, most, seed)
    left = rows["churned"] == 1
    assert set(rows.index[left]) <= set(kept.index)
    weights = weights_of(kept)
    assert (weights[kept["churned"] == 1] == 1).all()
    assert weights[kept["churned"] == 0].sum() == pytest.approx(float((~left).sum()))
    assert np.average(kept["churned"], weights=weights) == pytest.approx(float(rows["churned"].mean()))


@given(seed=st.integers(0, 10**6))
def test_an_account_stays_with_all_its_rows_or_with_its_departures_only(seed: int) -> None:
    rows = company()
    kept = sampled(rows, 500, seed)
    stayed = rows[rows["churned"] == 0].groupby("account_id").size()
    of_kept = kept[kept["churned"] == 0].groupby("account_id").size()
    assert of_kept.equals(stayed[of_kept.index])
    assert 0 < len(of_kept) < len(stayed)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), others=st.sets(st.text(max_size=5)))
def test_no_other_account_moves_the_place_of_an_account(seed: int, others: set[str]) -> None:
    alone = place(pd.Series(["a", "b", "a"]), seed)
    among = place(pd.Series([*sorted(others), "b", "a"]), seed)
    assert alone[0] == alone[2] == among[-1]
    assert alone[1] == among[-2]
    assert ((among >= 0) & (among < 1)).all()


def test_places_are_spread_evenly_and_change_with_the_seed() -> None:
    names = pd.Series([f"a{n}" for n in range(20_000)])
    one, other = place(names, 1), place(names, 2)
    assert np.histogram(one, 10, (0, 1))[0] == pytest.approx(2000, abs=200)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


def test_where_most_rows_are_departures_at_least_as_many_others_stay() -> None:
    rows = company(accounts=2000, rate=0.3)
    kept = sampled(rows, 1000, seed=3)
    counts = kept["churned"].value_counts()
    assert counts[0] == pytest.approx(counts[1], rel=0.1)


def test_weights_that_rows_have_already_are_kept_in_proportion() -> None:
    rows = company().assign(**{WEIGHT: 0.5})
    kept = sampled(rows, 500, seed=3)
    assert weights_of(kept).sum() == pytest.approx(len(rows) / 2)
    assert (kept.loc[kept["churned"] == 1, WEIGHT] == 0.5).all()


def test_probabilities_from_a_sample_keep_the_mean_of_the_company() -> None:
    rows = matrix(accounts=200, weeks=40)
    rows = rows[rows["churned"].notna()]
    whole, part = rows, sampled(rows, len(rows) // 2, seed=5)
    assert part["churned"].mean() > 1.2 * rows["churned"].mean()  # without weights it would be wrong
    means = [fit(one, DIRECTIONS, QUICK, SETTINGS).probability(rows).mean() for one in (whole, part)]
    assert means[1] == pytest.approx(means[0], rel=0.03)
    assert means[1] == pytest.approx(rows["churned"].mean(), rel=0.05)


def test_each_bag_is_sampled_by_what_was_known_on_its_training_date() -> None:
    rows, fold = matrix(), FOLDS[-1]
    bags = bag_rows(Snapshots.held(rows), fold, 7, 2, most=400, seed=3)
    known = training_rows(rows, fold, 7)
    assert bags[0].offered == len(known) > len(bags[0].rows())
    later = rows["as_of"] > pd.Timestamp(fold.train_until)
    other = rows.assign(churned=rows["churned"].where(~later, 1.0))
    again = bag_rows(Snapshots.held(other), fold, 7, 2, most=400, seed=3)
    pd.testing.assert_frame_equal(bags[0].rows(), again[0].rows())


def test_a_model_says_of_how_many_rows_it_saw_a_sample_and_scores_every_account() -> None:
    rows = matrix()
    few = SETTINGS.model_copy(update={"max_training_rows": 300, "bags": 1})
    rolled = roll(rows, FOLDS[-2:], DIRECTIONS, QUICK, few, 7)
    notes = rolled.final.notes
    assert sample_of(notes) == {"rows": notes["rows"], "sampled_from": notes["sampled_from"]}
    assert notes["sampled_from"] == len(training_rows(rows, FOLDS[-1], 7)) > notes["rows"]
    scored = rows["as_of"] >= pd.Timestamp(FOLDS[-2].trained_as_of)
    assert len(rolled.predictions) == scored.sum()
    whole = roll(rows, FOLDS[-2:], DIRECTIONS, QUICK, few.model_copy(update={"max_training_rows": 10**6}), 7)
    assert sample_of(whole.final.notes) is None
