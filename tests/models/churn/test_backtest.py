from __future__ import annotations

import time
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_frames import DIRECTIONS, OUTCOME, QUICK, SETTINGS, dates, matrix, roll

from rind.common.errors import HistoryError
from rind.models.churn import backtest
from rind.models.churn.backtest import PREDICTED, Rolled, bag_rows, calibrate, training_rows
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import Fold, rolling_folds

FOLDS = rolling_folds(dates(30), OUTCOME, refit_every_days=42, min_train_dates=4)


ONE_BAG = SETTINGS.model_copy(update={"bags": 1})


def roll_all(rows: pd.DataFrame, spec=ONE_BAG) -> Rolled:
    return roll(rows, FOLDS, DIRECTIONS, QUICK, spec, train_every_days=7)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return matrix(accounts=40)


@pytest.fixture(scope="module")
def rolled(rows: pd.DataFrame) -> Rolled:
    return roll_all(rows)


def test_an_interruption_waits_for_no_fold_that_has_not_begun(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Fold] = []

    def slow(_: object, fold: Fold, *__: object) -> None:
        begun.append(fold)
        time.sleep(0.3)

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backtest, "_fit", slow)
    with pytest.raises(KeyboardInterrupt):
        roll(rows, FOLDS, DIRECTIONS, QUICK, ONE_BAG, train_every_days=7, progress=interrupt)
    assert len(begun) <= 2 < len(FOLDS)


def test_every_date_from_the_first_training_date_on_is_scored_once(rows: pd.DataFrame, rolled: Rolled) -> None:
    expected = rows[rows["as_of"] >= pd.Timestamp(FOLDS[0].trained_as_of)]
    keys = ["account_id", "as_of"]
    assert rolled.predictions[keys].reset_index(drop=True).equals(expected[keys].reset_index(drop=True))
    assert (rolled.predictions["trained_as_of"] <= rolled.predictions["as_of"]).all()
    assert rolled.predictions[list(PREDICTED)].notna().all(axis=None)
    assert sorted(rolled.predictions["fold"].unique()) == [f.number for f in FOLDS]
    # Rows whose outcome nobody knows yet are scored all the same.
    assert rolled.predictions["churned"].isna().any()


@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000), number=st.integers(1, len(FOLDS) - 1))
def test_no_fold_uses_an_outcome_that_was_not_observed_at_its_training_date(seed: int, number: int) -> None:
    """Not for the trees, the logistic, the blend's weight, the calibration, nor the choice of columns."""
    fold = FOLDS[number]
    rows = matrix(accounts=25)
    # 28 days of horizon and 7 of grace: an outcome observed on the training date itself is one too late.
    unseen = rows["as_of"] + pd.Timedelta(days=28 + 7) >= pd.Timestamp(fold.trained_as_of)
    other = rows.copy()
    other.loc[unseen, "churned"] = np.random.default_rng(seed).integers(0, 2, int(unseen.sum())).astype(float)
    before, after = roll_all(rows).predictions, roll_all(other).predictions
    columns = ["account_id", "as_of", *PREDICTED]
    of_fold = before["fold"] <= number
    assert before.loc[of_fold, columns].equals(after.loc[of_fold, columns])
    assert number == len(FOLDS) - 1 or not before.loc[~of_fold, columns].equals(after.loc[~of_fold, columns])


def test_features_of_later_dates_do_not_reach_a_fold_either() -> None:
    rows, other = matrix(accounts=25), matrix(accounts=25)
    fold = FOLDS[2]
    later = other["as_of"] >= pd.Timestamp(fold.test_until)
    other.loc[later, "usage__fell__28d"] = 7.0
    before, after = roll_all(rows).predictions, roll_all(other).predictions
    of_fold = before["fold"] <= 2
    assert before.loc[of_fold, list(PREDICTED)].equals(after.loc[of_fold, list(PREDICTED)])


def test_a_fold_trains_on_labelled_rows_of_thinned_dates_only(rows: pd.DataFrame) -> None:
    fold = FOLDS[1]
    train = training_rows(rows, fold, train_every_days=14)
    assert train["churned"].notna().all()
    assert train["as_of"].max() <= pd.Timestamp(fold.train_until)
    assert train["as_of"].drop_duplicates().diff().dropna().eq(pd.Timedelta(days=14)).all()


@pytest.mark.parametrize(("needed", "model"), [(1, "blend"), (10_000, "logistic")])
def test_with_few_churned_accounts_the_logistic_stands_alone_and_says_so(
    rows: pd.DataFrame, needed: int, model: str
) -> None:
    one = roll_all(rows, ONE_BAG.model_copy(update={"min_churned_for_boosting": needed}))
    assert one.final.notes["model"] == model
    assert bool(one.final.boosters) is (model == "blend")
    alone = np.isclose(one.predictions["churn_probability"], one.predictions["logistic_probability"]).all()
    assert alone == (model == "logistic")


def test_the_first_fold_has_no_past_and_is_not_calibrated_later_ones_are(rows: pd.DataFrame, rolled: Rolled) -> None:
    first = rolled.predictions[rolled.predictions["fold"] == 0]
    weight = SETTINGS.boosting_weight
    margin = weight * first["boosting_margin"] + (1 - weight) * first["logistic_margin"]
    assert first["churn_probability"].to_numpy() == pytest.approx(1 / (1 + np.exp(-margin.to_numpy())))
    assert rolled.final.slope != 1.0
    assert rolled.final.intercept != 0.0
    last = rolled.predictions[rolled.predictions["fold"] == FOLDS[-1].number]
    now = rows[rows["as_of"] == rows["as_of"].max()]
    assert rolled.final.probability(now) == pytest.approx(last.tail(len(now))["churn_probability"].to_numpy())


def test_the_blend_leans_to_the_model_that_did_better_on_the_past() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=4000)
    churned = (rng.random(4000) < 1 / (1 + np.exp(-truth))).astype(int)
    rows = matrix(accounts=25)
    fitted = roll_all(rows).final
    past = pd.DataFrame({"churned": churned, "boosting_margin": rng.normal(size=4000), "logistic_margin": truth})
    past["account_id"] = [f"A{number % 500}" for number in range(4000)]
    assert calibrate(fitted, past, SETTINGS).weight <= 0.2
    swapped = past.rename(columns={"boosting_margin": "logistic_margin", "logistic_margin": "boosting_margin"})
    assert calibrate(fitted, swapped, SETTINGS).weight >= 0.9
    few = past.assign(account_id=[f"A{number % 10}" for number in range(4000)])  # ten accounts, however many rows
    assert 0.2 < calibrate(fitted, few, SETTINGS).weight < fitted.weight
    sure = SETTINGS.model_copy(update={"boosting_weight_sd": 1e-4})
    assert calibrate(fitted, past, sure).weight == sure.boosting_weight
    assert calibrate(fitted, past.head(0), SETTINGS) is fitted


def test_what_an_early_model_got_wrong_moves_a_later_one_little() -> None:
    fold, days = FOLDS[-1], SETTINGS.calibration.half_life_days
    ages = [40 + days, 40]
    past = [
        pd.DataFrame({"account_id": ["A1"], "as_of": [pd.Timestamp(fold.trained_as_of) - pd.Timedelta(days=age)]})
        for age in ages
    ]
    rows = [frame.assign(churned=1.0) for frame in past]
    older, newer = backtest._observed(rows, fold, None, days)["weight"]
    assert older == pytest.approx(newer / 2)


def test_a_history_without_churn_says_how_much_there_was() -> None:
    rows = matrix(accounts=10)
    rows["churned"] = rows["churned"].where(rows["churned"].isna(), 0.0)
    with pytest.raises(HistoryError, match=r"0 churned accounts in 240 labelled rows"):
        roll_all(rows)


def test_a_fold_with_nobody_to_learn_from_is_skipped_and_the_next_one_stands() -> None:
    rows = matrix(accounts=25)
    quiet = rows["as_of"] <= pd.Timestamp(FOLDS[0].train_until)
    rows.loc[quiet, "churned"] = 0.0
    predictions = roll_all(rows).predictions
    assert 0 not in set(predictions["fold"])
    assert predictions["as_of"].min() == pd.Timestamp(FOLDS[1].trained_as_of)


def test_the_embargo_is_kept_to_the_day() -> None:
    assert FOLDS[-1] == Fold(FOLDS[-1].number, date(2024, 6, 16), date(2024, 7, 22), date(2024, 7, 23))


def test_each_bag_learns_on_dates_of_its_own_that_its_fold_may_know() -> None:
    frame = matrix(accounts=40, weeks=40)
    fold = rolling_folds(sorted(frame["as_of"].dt.date.unique()), OUTCOME, 28, 2)[-1]
    bags = [bag.rows() for bag in bag_rows(Snapshots.held(frame), fold, 28, 4)]
    dates = [set(rows["as_of"].dt.date) for rows in bags]
    assert len(set.union(*dates)) == sum(map(len, dates))
    assert max(set.union(*dates)) <= fold.train_until
    pd.testing.assert_frame_equal(bags[0], training_rows(frame, fold, 28))
