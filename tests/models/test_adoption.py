from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.adoption import RATE, Launch, measured, predict, train
from models.adoption_rows import LANDMARK, landmark_rows
from models.adoption_steps import NO_MOMENT
from models.estimators import FitSettings

AS_OF = pd.Timestamp("2024-06-03")
LAUNCH = Launch(AS_OF.date(), (14, 30))
SETTINGS = FitSettings(bags=1, min_churned_for_boosting=10, threads=1)
MOMENT = {"segment": "a", "feature": "reports", "measure": "users", "count": 5, "within_days": 30}
GRACE = 30


def account(name: Any, age: int, lived: int | None = None, **more: Any) -> dict[str, Any]:
    signed = AS_OF - pd.Timedelta(days=age)
    left = signed + pd.Timedelta(days=lived) if lived is not None and lived + GRACE < age else pd.NaT
    base = {"account_id": name, "signed_on": signed, "segment": "a", "left_on": left, "followed_days": age - GRACE}
    return {**base, "plan": "p", "seats": 5.0, "mrr": 10.0, "term_days": 365, "csm": "Ann", **more}


def table(*accounts: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(accounts)


def did(*counts: tuple[Any, int, int], behaviour: str = "users:reports") -> pd.DataFrame:
    frame = pd.DataFrame(counts, columns=["account_id", "within_days", "count"])
    return frame.assign(behaviour=behaviour)


def company(seed: int = 0, past: int = 500) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Past accounts that stayed when many used reports early, and two young ones: 900 does much, 901 nothing."""
    rng = np.random.default_rng(seed)
    users = rng.poisson(3, past)
    stayed = rng.random(past) < 1 / (1 + np.exp(-(users - 3.0)))
    accounts = [account(i, 430 + 2 * i, None if s else 365) for i, s in enumerate(stayed)]
    accounts += [account(900, 20), account(901, 20)]
    early = [(i, d, int(u)) for i, u in enumerate(users) for d in (14, 30)] + [(900, 14, 7), (900, 30, 7)]
    return did(*early), table(*accounts)


def only(early: pd.DataFrame, accounts: pd.DataFrame, *moments: Any) -> pd.Series:
    found = predict(early, accounts, LAUNCH, moments)
    assert len(found) == 1
    return found.iloc[0]


def with_model(early: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    _, rolled = train(early, accounts, LAUNCH, SETTINGS)
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
    assert found.loc[900, "reason_1"].startswith("users:reports (+")
    assert found.loc[901, "reason_1"].startswith("users:reports (-")


def test_the_model_is_measured_out_of_sample_beside_the_retention_of_the_segment() -> None:
    rows, rolled = train(*company(), LAUNCH, SETTINGS)
    assert rolled is not None
    figures = measured(rolled, rows, LAUNCH, draws=30, seed=0)
    assert figures["model"]["auc"]["low"] > 0.7
    assert {"model", "boosting", "logistic", "segment"} <= set(figures)
    tested = rolled.predictions
    embargo = LAUNCH.label.observed_after
    assert (tested["trained_as_of"] <= tested["as_of"]).all()
    assert embargo == timedelta(days=395 - 14 + 30)


@pytest.mark.parametrize(("age", "in_launch"), [(0, False), (1, True), (89, True), (90, False)])
def test_launch_lasts_from_the_day_after_signing_to_the_last_day_before_launch_days(age: int, in_launch: bool) -> None:
    assert len(predict(did(), table(account("x", age)), LAUNCH)) == in_launch


@pytest.mark.parametrize(("left_in_days", "scored"), [(0, False), (-3, False), (1, True)])
def test_an_account_that_has_left_is_not_scored(left_in_days: int, scored: bool) -> None:
    left = AS_OF + pd.Timedelta(days=left_in_days)
    assert len(predict(did(), table(account("x", 20, left_on=left)), LAUNCH)) == scored


@pytest.mark.parametrize(("age", "landmarks"), [(13, []), (14, [14]), (29, [14]), (30, [14, 30])])
def test_a_row_of_the_model_holds_a_landmark_that_the_account_has_passed(age: int, landmarks: list[int]) -> None:
    rows = landmark_rows(did(("x", 14, 2)), table(account("x", age, age_days=age)), (14, 30), LAUNCH.outcome)
    assert rows[LANDMARK].tolist() == landmarks
    assert rows["churned"].isna().all()
    assert (rows["as_of"] <= AS_OF).all()


@pytest.mark.parametrize(("age", "known"), [(424, False), (425, True)])
def test_who_left_counts_only_once_all_of_its_cohort_is_known(age: int, known: bool) -> None:
    rows = landmark_rows(did(), table(account("x", age, 100, age_days=age)), (14,), LAUNCH.outcome)
    assert rows["churned"].tolist() == pytest.approx([1.0 if known else np.nan], nan_ok=True)


def test_before_the_first_landmark_the_retention_of_the_segment_stands_in() -> None:
    early, accounts = company()
    accounts.loc[accounts["account_id"] == 901, "signed_on"] = AS_OF - pd.Timedelta(days=13)
    basis = with_model(early, accounts).set_index("account_id")["basis"]
    assert (basis[900], basis[901]) == ("model at day 14", RATE)


def test_without_a_training_fold_the_retention_of_the_segment_stands_in() -> None:
    known = [account(i, 500, 100 if i else None) for i in range(4)]
    known += [account(10 + i, 500, 100, segment="b") for i in range(4)]
    accounts = table(*known, account("x", 20))
    assert train(did((0, 14, 2)), accounts, LAUNCH, SETTINGS)[1] is None
    found = only(did((0, 14, 2)), accounts)
    assert (found["adoption_probability"], found["basis"]) == (pytest.approx(0.25), RATE)


def test_outcomes_that_were_not_known_on_the_training_date_change_no_probability() -> None:
    early, accounts = company()
    unripe = [account(1000 + i, 300, None) for i in range(200)]
    more = pd.concat([accounts, table(*unripe)], ignore_index=True)
    one, other = (with_model(early, t)["adoption_probability"] for t in (accounts, more))
    pd.testing.assert_series_equal(one, other)


@pytest.mark.parametrize(
    ("age", "users", "step", "moment", "days_left", "status"),
    [
        (20, 3, "2 more users on reports before 2024-06-13", "open", 10, "on track"),
        (20, 2, "3 more users on reports before 2024-06-13", "open", 10, "at risk"),
        (29, 4, "1 more user on reports before 2024-06-04", "open", 1, "on track"),
        (30, 4, "Moment missed: 4 users on reports in the first 30 days, 5 needed", "missed", None, "missed"),
        (20, 5, "Moment reached: 5 users on reports, 5 needed", "reached", None, "on track"),
        (50, 6, "Moment reached: 6 users on reports, 5 needed", "reached", None, "on track"),
    ],
)
def test_the_next_step_is_the_distance_to_the_moment(
    age: int, users: int, step: str, moment: str, days_left: int | None, status: str
) -> None:
    found = only(did(("x", 30, users)), table(account("x", age)), MOMENT)
    assert (found["next_step"], found["moment_status"], found["status"]) == (step, moment, status)
    assert (found["progress"], found["reached"], found["csm"]) == (f"{users} of 5", users >= 5, "Ann")
    assert found["deadline"] == AS_OF + pd.Timedelta(days=30 - age)
    assert pd.isna(found["days_left"]) if days_left is None else found["days_left"] == days_left


def test_a_segment_without_a_moment_of_its_own_takes_that_of_all_or_says_that_none_stands() -> None:
    accounts = table(account("x", 20, segment="b"))
    assert only(did(), accounts, MOMENT)["next_step"] == NO_MOMENT
    assert only(did(), accounts, {**MOMENT, "segment": "all"})["moment_status"] == "open"


def test_without_a_moment_the_next_step_is_what_those_that_stayed_did_most_more_of() -> None:
    early, accounts = company()
    found = predict(early, accounts, LAUNCH).set_index("account_id")
    assert found.loc[901, "next_step"].startswith(f"{NO_MOMENT}; like those that stayed:")
    assert found.loc[901, "next_step"].endswith("more users on reports before 2024-06-13")
    assert found.loc[900, "next_step"] == NO_MOMENT


def test_the_nearest_open_moment_is_the_next_step() -> None:
    far, near = {**MOMENT, "count": 9}, {**MOMENT, "count": 4}
    assert only(did(("x", 30, 3)), table(account("x", 20)), far, near)["next_step"].startswith("1 more user")


def test_nobody_in_launch_gives_an_empty_table_with_its_columns() -> None:
    found = predict(did(("x", 14, 1)), table(account("x", 500)), LAUNCH, [MOMENT])
    assert found.empty
    assert {"account_id", "as_of", "adoption_probability", "next_step", "status", "progress"} <= set(found.columns)
