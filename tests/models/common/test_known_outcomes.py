from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_frames import DIRECTIONS, OUTCOME, QUICK, SETTINGS, dates, matrix, roll

from rind.models.churn.backtest import PREDICTED, bag_rows, training_rows
from rind.models.churn.estimators import weights_of
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import rolling_folds

FOLDS = rolling_folds(dates(30), OUTCOME, refit_every_days=42, min_train_dates=4)
ROWS = pd.DataFrame({"account_id": ["a", "b", "c"], "as_of": pd.Timestamp("2024-06-03")})


def answer(account: str, churned: int, since: str, until: str | None = None) -> dict[str, object]:
    times = {"known_from": pd.Timestamp(since), "known_until": pd.Timestamp(until) if until else pd.NaT}
    return {"account_id": account, "as_of": pd.Timestamp("2024-06-03"), "churned": churned, **times}


ANSWERS = pd.DataFrame(
    [answer("a", 1, "2024-08-01", "2024-08-11"), answer("a", 0, "2024-10-02"), answer("c", 1, "2024-08-11")]
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-07-31", [None, None, None]), ("2024-08-01", [1, None, None]), ("2024-08-10", [1, None, None]),
        ("2024-08-11", [None, None, 1]), ("2024-10-01", [None, None, 1]), ("2024-10-02", [0, None, 1]),
        ("2099-01-01", [0, None, 1]),
    ],
)  # fmt: skip
def test_an_answer_stands_from_its_first_date_to_the_one_before_its_end(day: str, expected: list[int | None]) -> None:
    found = KnownOutcomes.of(ROWS, ANSWERS).at(date.fromisoformat(day))
    assert [None if np.isnan(v) else v for v in found] == expected


def test_the_outcomes_follow_the_rows_of_the_table_whatever_its_order_and_index() -> None:
    turned = ROWS.iloc[::-1].set_index(pd.Index([7, 5, 3]))
    found = KnownOutcomes.of(turned, ANSWERS).at(date(2024, 10, 2))
    assert found.dropna().to_dict() == {7: 1.0, 3: 0.0}


def on_time(rows: pd.DataFrame) -> pd.DataFrame:
    """Every known outcome of the matrix, known the day after horizon and grace."""
    known = rows.loc[rows["churned"].notna(), ["account_id", "as_of", "churned"]]
    since = known["as_of"] + OUTCOME.observed_after + pd.Timedelta(days=1)
    return known.assign(known_from=since, known_until=pd.NaT)


def test_where_nothing_is_late_the_outcomes_are_the_labels() -> None:
    rows = matrix(accounts=25)
    given_none = roll(rows, FOLDS, DIRECTIONS, QUICK, SETTINGS, 7).predictions
    given_all = roll(
        rows, FOLDS, DIRECTIONS, QUICK, SETTINGS, 7, outcomes=KnownOutcomes.of(rows, on_time(rows))
    ).predictions
    assert given_none.equals(given_all)


@settings(deadline=None, max_examples=4)
@given(seed=st.integers(0, 1000), number=st.integers(1, len(FOLDS) - 1))
def test_an_answer_given_at_a_training_date_or_later_changes_no_fold_until_then(seed: int, number: int) -> None:
    """Neither what it learns from, nor its blend and calibration, nor the folds that are skipped."""
    rows, at = matrix(accounts=25), pd.Timestamp(FOLDS[number].trained_as_of)
    day_after = at + pd.Timedelta(days=1)
    before = on_time(rows)
    rng = np.random.default_rng(seed)
    turned = before[(before["known_from"] <= at) & (rng.random(len(before)) < 0.3)]
    cut = before.assign(known_until=before["known_until"].mask(before.index.isin(turned.index), day_after))
    new = turned.assign(churned=1 - turned["churned"], known_from=day_after)
    today = rows.assign(churned=rows["churned"].mask(rows.index.isin(turned.index), 1 - rows["churned"]))
    one = roll(rows, FOLDS, DIRECTIONS, QUICK, SETTINGS, 7, outcomes=KnownOutcomes.of(rows, before)).predictions
    late = KnownOutcomes.of(rows, pd.concat([cut, new]))
    other = roll(today, FOLDS, DIRECTIONS, QUICK, SETTINGS, 7, outcomes=late).predictions
    until = one["fold"] <= number
    assert one.loc[until, list(PREDICTED)].equals(other.loc[until, list(PREDICTED)])
    assert number == len(FOLDS) - 1 or not one.loc[~until, list(PREDICTED)].equals(other.loc[~until, list(PREDICTED)])


def test_a_fold_is_offered_what_was_believed_on_its_training_date() -> None:
    rows, fold = matrix(accounts=10), FOLDS[1]
    answers = on_time(rows)
    first = answers.iloc[[0]]
    wrong = first.assign(churned=1 - first["churned"], known_until=pd.Timestamp(fold.trained_as_of))
    right = first.assign(known_from=pd.Timestamp(fold.trained_as_of))
    outcomes = KnownOutcomes.of(rows, pd.concat([wrong, right, answers.iloc[1:]]))
    offered = [training_rows(rows, f, 7, outcomes).loc[0, "churned"] for f in FOLDS[:3]]
    truth = rows.loc[0, "churned"]
    assert offered == [1 - truth, truth, truth]


def test_a_row_teaches_less_from_the_day_on_which_an_intervention_is_known() -> None:
    treated = ROWS.iloc[[1]].assign(known_from=pd.Timestamp("2024-08-01"))
    known = KnownOutcomes.of(ROWS, ANSWERS, treated, 0.5)
    before, after = (known.weight_at(date(2024, 7, 31)), known.weight_at(date(2024, 8, 1)))
    assert before is not None
    assert after is not None
    assert (before.tolist(), after.tolist()) == ([1, 1, 1], [1, 0.5, 1])
    assert KnownOutcomes.of(ROWS, ANSWERS, treated).weight_at(date(2024, 8, 1)) is None


@settings(deadline=None, max_examples=3)
@given(seed=st.integers(0, 1000), number=st.integers(1, len(FOLDS) - 1), weight=st.sampled_from([0.0, 0.5]))
def test_an_intervention_that_becomes_known_later_changes_no_fold_until_then(
    seed: int, number: int, weight: float
) -> None:
    rows, at = matrix(accounts=25), pd.Timestamp(FOLDS[number].trained_as_of)
    drawn = rows.loc[np.random.default_rng(seed).random(len(rows)) < 0.3, ["account_id", "as_of"]]
    early = drawn.iloc[::2].assign(known_from=pd.Timestamp(FOLDS[0].trained_as_of))
    late = drawn.iloc[1::2].assign(known_from=at + pd.Timedelta(days=1))
    answers = on_time(rows)
    one, other = (
        roll(
            rows, FOLDS, DIRECTIONS, QUICK, SETTINGS, 7, outcomes=KnownOutcomes.of(rows, answers, treated, weight)
        ).predictions
        for treated in (early, pd.concat([early, late]))
    )
    until = one["fold"] <= number
    assert one.loc[until, list(PREDICTED)].equals(other.loc[until, list(PREDICTED)])
    assert number == len(FOLDS) - 1 or not one.loc[~until, list(PREDICTED)].equals(other.loc[~until, list(PREDICTED)])


def test_rows_that_teach_nothing_are_as_if_they_were_not_there() -> None:
    rows = matrix(accounts=25)
    treated = rows.loc[rows.index % 5 == 0, ["account_id", "as_of"]].assign(known_from=pd.Timestamp("2000-01-01"))
    answers = on_time(rows)
    outcomes = KnownOutcomes.of(rows, answers, treated, 0.0)
    for fold in FOLDS[:2]:
        offered = training_rows(rows, fold, 7, outcomes)
        assert len(offered) > 50
        assert not (offered.index % 5 == 0).any()


def test_rows_that_teach_half_are_offered_with_their_weight() -> None:
    rows = matrix(accounts=25)
    treated = rows.loc[rows.index % 5 == 0, ["account_id", "as_of"]].assign(known_from=pd.Timestamp("2000-01-01"))
    outcomes = KnownOutcomes.of(rows, on_time(rows), treated, 0.5)
    bags = bag_rows(Snapshots.held(rows), FOLDS[1], 7, 2, outcomes)
    for offered in (training_rows(rows, FOLDS[1], 7, outcomes), *(bag.rows() for bag in bags)):
        assert weights_of(offered).tolist() == [1.0 if n % 5 else 0.5 for n in offered.index]
