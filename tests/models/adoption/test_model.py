from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from launch_accounts import AS_OF, GRACE, LAUNCH, MOMENT, PARAMS, RETAINED, account, company, did, only, predict, table

from rind.models.adoption.landmarks import Launch, landmark_rows, outcomes
from rind.models.adoption.model import measured, train
from rind.models.churn.backtest import PREDICTED
from rind.models.common.settings import OutcomeSettings
from rind.models.common.survival import due
from rind.reports.adoption_text import RATE

SETTINGS = PARAMS.model.model_copy(update={"bags": 1, "min_churned_for_boosting": 10})


def past_of(accounts: pd.DataFrame, launch: Launch = LAUNCH) -> pd.DataFrame:
    """What was known of the accounts on each training date, where nothing was ever recorded late."""
    parts = []
    for back in range(0, 2000, launch.refit_every_days):
        day = AS_OF - pd.Timedelta(days=back)
        there = accounts[accounts["signed_on"] < day]
        followed = (day - there["signed_on"]).dt.days - GRACE
        left = there["left_on"].where((there["left_on"] - there["signed_on"]).dt.days < followed)
        parts.append(there.assign(known_at=day, followed_days=followed, left_on=left))
    return pd.concat(parts, ignore_index=True)


def trained(early: pd.DataFrame, accounts: pd.DataFrame, past: pd.DataFrame | None = None, launch: Launch = LAUNCH):
    return train(
        early, accounts, past_of(accounts, launch) if past is None else past, launch, SETTINGS, threads=1, seed=7
    )


def with_model(early: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    _, _, rolled = trained(early, accounts)
    assert rolled is not None

    def score(rows: pd.DataFrame) -> pd.DataFrame:
        shap, _ = rolled.final.contributions(rows)
        return shap.assign(churn_probability=rolled.final.probability(rows))

    return predict(early, accounts, LAUNCH, score=score)


def test_an_account_that_does_what_stayers_did_is_likelier_to_stay() -> None:
    found = with_model(*company()).set_index("account_id")
    assert list(found.index) == [901, 900]  # the least likely first
    assert found.loc[900, "adoption_probability"] > 0.7 > 0.3 > found.loc[901, "adoption_probability"]
    assert set(found["basis"]) == {"model at day 14"}
    assert found.loc[900, "reason_1"].startswith("Accounts with 7 users on reports by day 14 stay more often")
    assert found.loc[901, "reason_1"].startswith("Accounts with no users on reports by day 14 stay less often")


def test_what_moves_a_chance_adds_up_to_it() -> None:
    early, accounts = company()
    rows, _, rolled = trained(early, accounts)
    assert rolled is not None
    shap, base = rolled.final.contributions(rows)
    chance = 1 - rolled.final.probability(rows)
    assert shap.abs().to_numpy().max() > 0.1
    assert -(shap.sum(axis=1) + base).to_numpy() == pytest.approx(np.log(chance / (1 - chance)), abs=1e-6)


def test_the_model_is_measured_out_of_sample_beside_the_retention_of_the_segment() -> None:
    rows, known, rolled = trained(*company())
    assert rolled is not None
    figures = measured(rolled, rows, known, draws=30, seed=0)
    assert figures["model"]["auc"]["low"] > 0.65
    assert {"model", "boosting", "logistic", "segment"} <= set(figures)
    assert (rolled.predictions["trained_as_of"] <= rolled.predictions["as_of"]).all()


@pytest.mark.parametrize(("age", "in_launch"), [(0, False), (1, True), (89, True), (90, False)])
def test_launch_lasts_from_the_day_after_signing_to_the_last_day_before_launch_days(age: int, in_launch: bool) -> None:
    assert len(predict(did(), table(account("x", age)), LAUNCH)) == in_launch


@pytest.mark.parametrize(("left_in_days", "scored"), [(0, False), (-3, False), (1, True)])
def test_an_account_that_has_left_is_not_scored(left_in_days: int, scored: bool) -> None:
    left = AS_OF + pd.Timedelta(days=left_in_days)
    assert len(predict(did(), table(account("x", 20, left_on=left)), LAUNCH)) == scored


def test_before_the_first_landmark_the_retention_of_the_segment_stands_in() -> None:
    early, accounts = company()
    accounts.loc[accounts["account_id"] == 901, "signed_on"] = AS_OF - pd.Timedelta(days=13)
    basis = with_model(early, accounts).set_index("account_id")["basis"]
    assert (basis[900], basis[901]) == ("model at day 14", RATE)


def test_without_a_training_fold_the_retention_of_the_segment_stands_in() -> None:
    known = [account(i, 500, 100 if i else None) for i in range(4)]
    known += [account(10 + i, 500, 100, segment="b") for i in range(4)]
    accounts = table(*known, account("x", 20))
    assert trained(did((0, 14, 2)), accounts)[2] is None
    found = only(did((0, 14, 2)), accounts)
    assert (found["adoption_probability"], found["basis"]) == (pytest.approx(0.25), RATE)


def flipped(rows: pd.DataFrame, now: pd.Series, seed: int) -> pd.DataFrame:
    """Another future for the accounts of these rows: who stayed leaves on day 365, who left stays."""
    turned = np.random.default_rng(seed).random(len(rows)) < 0.5
    left = rows["left_on"].where(rows["left_on"].isna(), pd.NaT)
    gone = rows["left_on"].isna()
    return rows.assign(left_on=left.mask(gone, rows["signed_on"] + pd.Timedelta(days=365)).where(turned, now))


@pytest.mark.parametrize("outcome", [RETAINED, RETAINED.model_copy(update={"outcome": "renewed"})])
@pytest.mark.parametrize("number", [1, 2])
def test_no_fold_uses_an_outcome_that_was_observed_after_its_training_date(
    outcome: OutcomeSettings, number: int
) -> None:
    """Not its fit, its calibration, nor the segment's rate beside it; terms of two years are decided in two years."""
    launch = replace(LAUNCH, success=outcome, refit_every_days=182)
    early, accounts = company(past=700)
    long = accounts["account_id"] % 3 == 0
    accounts = accounts.assign(term_days=np.where(long, 730, 365), segment=np.where(long, "b", "a"))
    _, known, before = trained(early, accounts, launch=launch)
    assert before is not None
    folds = sorted(before.predictions["fold"].unique())
    day = before.predictions.loc[before.predictions["fold"] == folds[number], "trained_as_of"].iloc[0]
    decided = accounts["signed_on"] + pd.to_timedelta(due(accounts, outcome) + GRACE + 1, unit="D")
    unseen = decided > day
    other = pd.concat([accounts[~unseen], flipped(accounts[unseen], accounts.loc[unseen, "left_on"], number)])
    other = other.sort_index()
    rows, told, after = trained(early, other, launch=launch)
    assert after is not None
    until, columns = before.predictions["fold"] <= folds[number], ["account_id", "as_of", *PREDICTED]
    one, two = (each.predictions.sort_values(["as_of", "account_id"])[columns] for each in (before, after))
    pd.testing.assert_frame_equal(one[until], two[until])
    assert not one[~until].equals(two[~until])
    pd.testing.assert_series_equal(known.at(day.date()), told.at(day.date()))
    assert known.at(day.date()).notna().any()
    assert rows["churned"].notna().sum() > told.at(day.date()).notna().sum()


def test_a_term_of_two_years_is_decided_in_two_years() -> None:
    """Signed 2021-01-01 for 730 days, left on 2023-01-05: known 30 days of decision and 30 of grace after the term."""
    signed = pd.Timestamp("2021-01-01")
    age = (AS_OF - signed).days
    accounts = table(account("x", age, 734, term_days=730, age_days=age))
    outcome = RETAINED.model_copy(update={"outcome": "renewed"})
    rows = landmark_rows(did(("x", 14, 1)), accounts, (14,), outcome)
    assert rows["churned"].tolist() == [1.0]
    first = signed + pd.Timedelta(days=730 + 30 + 30 + 1)
    days = [first - pd.Timedelta(days=1), first]
    past = pd.concat([accounts.assign(known_at=d, followed_days=(d - signed).days - GRACE) for d in days])
    known = outcomes(rows, past, outcome)
    assert known.at(days[0].date()).isna().all()
    assert known.at(days[1].date()).tolist() == [1.0]


def test_a_renewal_that_is_recorded_late_is_learned_by_no_earlier_fold() -> None:
    early, accounts = company(past=700)
    launch = replace(LAUNCH, refit_every_days=182)
    past = past_of(accounts, launch)
    late = accounts["left_on"].isna() & (accounts["account_id"] % 2 == 0)
    day = AS_OF - pd.Timedelta(days=182)
    # Until that day the source said of half of those that stayed that they had left on day 365.
    gone = past["account_id"].isin(accounts.loc[late, "account_id"]) & (past["known_at"] < day)
    gone &= past["followed_days"] > 365
    believed = past.assign(left_on=past["left_on"].mask(gone, past["signed_on"] + pd.Timedelta(days=365)))
    rows, known, rolled = trained(early, accounts, believed, launch)
    assert rolled is not None
    then = AS_OF - pd.Timedelta(days=364)
    told, now = known.at(then.date()), rows["churned"]
    wrong = told.notna() & (told != now)
    assert wrong.any()
    assert (told[wrong] == 1).all()
    assert not (known.at(day.date()).dropna() != now[known.at(day.date()).notna()]).any()
    _, _, truth = trained(early, accounts, launch=launch)
    assert truth is not None
    before = rolled.predictions["trained_as_of"] <= then
    chances = [each.predictions.loc[before, "churn_probability"] for each in (rolled, truth)]
    assert chances[0].mean() > chances[1].mean() + 0.05


def test_nobody_in_launch_gives_an_empty_table_with_its_columns() -> None:
    found = predict(did(("x", 14, 1)), table(account("x", 500)), LAUNCH, [MOMENT])
    assert found.empty
    assert {"account_id", "as_of", "adoption_probability", "next_step", "status", "progress"} <= set(found.columns)
