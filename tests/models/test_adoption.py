from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.adoption import NO_MOMENT, RATE, predict

AS_OF = pd.Timestamp("2024-06-03")
MOMENT = {"segment": "a", "feature": "reports", "measure": "users", "count": 5, "within_days": 30}


def account(name: Any, age: int, stayed: float | None = None, **more: Any) -> dict[str, Any]:
    base = {"account_id": name, "signed_on": AS_OF - pd.Timedelta(days=age), "segment": "a", "stayed": stayed}
    return {**base, "left_on": pd.NaT, **more}


def table(*accounts: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(accounts).astype({"stayed": "float64"})


def did(*counts: tuple[Any, int, int]) -> pd.DataFrame:
    frame = pd.DataFrame(counts, columns=["account_id", "within_days", "count"])
    return frame.assign(behaviour="users:reports")


def company(seed: int = 0, past: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Past accounts that stayed when many used reports early, and two young ones: 900 does much, 901 nothing."""
    rng = np.random.default_rng(seed)
    users = rng.poisson(3, past)
    stayed = rng.random(past) < 1 / (1 + np.exp(-(users - 3.0)))
    accounts = [account(i, 400 + i % 200, float(s)) for i, s in enumerate(stayed)]
    accounts += [account(900, 20), account(901, 20)]
    early = [(i, d, int(u)) for i, u in enumerate(users) for d in (14, 30)] + [(900, 14, 7), (900, 30, 7)]
    return did(*early), table(*accounts)


def only(early: pd.DataFrame, accounts: pd.DataFrame, *moments: Any, **more: Any) -> pd.Series:
    found = predict(early, accounts, AS_OF, moments, **more)
    assert len(found) == 1
    return found.iloc[0]


def test_an_account_that_does_what_stayers_did_is_likelier_to_stay() -> None:
    found = predict(*company(), AS_OF).set_index("account_id")
    assert list(found.index) == [901, 900]  # the least likely first
    assert found.loc[900, "adoption_probability"] > 0.8 > 0.3 > found.loc[901, "adoption_probability"]
    assert set(found["basis"]) == {"model at day 14"}


@pytest.mark.parametrize(("age", "in_launch"), [(0, False), (1, True), (89, True), (90, False)])
def test_launch_lasts_from_the_day_after_signing_to_the_last_day_before_launch_days(age: int, in_launch: bool) -> None:
    assert len(predict(did(), table(account("x", age)), AS_OF, launch_days=90)) == in_launch


@pytest.mark.parametrize(("left_in_days", "scored"), [(0, False), (-3, False), (1, True)])
def test_an_account_that_has_left_is_not_scored(left_in_days: int, scored: bool) -> None:
    left = AS_OF + pd.Timedelta(days=left_in_days)
    assert len(predict(did(), table(account("x", 20, left_on=left)), AS_OF)) == scored


def test_an_account_is_scored_at_the_latest_landmark_that_it_has_passed() -> None:
    early, accounts = company()
    ages = {900: 30, 901: 13}
    for name, age in ages.items():
        accounts.loc[accounts["account_id"] == name, "signed_on"] = AS_OF - pd.Timedelta(days=age)
    basis = predict(early, accounts, AS_OF).set_index("account_id")["basis"]
    assert (basis[900], basis[901]) == ("model at day 30", RATE)


def test_with_few_outcomes_the_retention_of_the_segment_stands_in() -> None:
    known = [account(i, 500, float(i < 3), segment="a") for i in range(4)]
    known += [account(10 + i, 500, 0.0, segment="b") for i in range(4)]
    found = only(did((0, 14, 2)), table(*known, account("x", 20)))
    assert (found["adoption_probability"], found["basis"]) == (0.75, RATE)


@pytest.mark.parametrize(("age", "learned"), [(395, False), (396, True)])
def test_only_outcomes_that_were_complete_before_the_as_of_date_are_learned_from(age: int, learned: bool) -> None:
    found = only(did(), table(account("old", age, 1.0), account("x", 20)))
    assert found["adoption_probability"] == 1.0 if learned else np.isnan(found["adoption_probability"])


def test_outcomes_of_the_future_change_no_probability() -> None:
    early, accounts = company()
    unripe = [account(1000 + i, 300, 0.0) for i in range(200)]
    more = pd.concat([accounts, table(*unripe)], ignore_index=True)
    pd.testing.assert_frame_equal(predict(early, accounts, AS_OF), predict(early, more, AS_OF))


@pytest.mark.parametrize(
    ("age", "users", "step", "status", "days_left"),
    [
        (20, 3, "2 more users on reports before 2024-06-13", "open", 10),
        (29, 4, "1 more user on reports before 2024-06-04", "open", 1),
        (30, 4, "Moment missed: 4 users on reports in the first 30 days, 5 needed", "missed", None),
        (20, 5, "Moment reached: 5 users on reports, 5 needed", "reached", None),
        (50, 6, "Moment reached: 6 users on reports, 5 needed", "reached", None),
    ],
)
def test_the_next_step_is_the_distance_to_the_moment(
    age: int, users: int, step: str, status: str, days_left: int | None
) -> None:
    found = only(did(("x", 30, users), ("x", 60, 9)), table(account("x", age)), MOMENT)
    assert (found["next_step"], found["moment_status"]) == (step, status)
    assert pd.isna(found["days_left"]) if days_left is None else found["days_left"] == days_left


def test_a_segment_without_a_moment_of_its_own_takes_that_of_all_or_says_that_none_stands() -> None:
    accounts = table(account("x", 20, segment="b"))
    assert only(did(), accounts, MOMENT)["next_step"] == NO_MOMENT
    assert only(did(), accounts, {**MOMENT, "segment": "all"})["moment_status"] == "open"


def test_the_nearest_open_moment_is_the_next_step() -> None:
    far, near = {**MOMENT, "count": 9}, {**MOMENT, "count": 4}
    assert only(did(("x", 30, 3)), table(account("x", 20)), far, near)["next_step"].startswith("1 more user")


def test_nobody_in_launch_gives_an_empty_table_with_its_columns() -> None:
    found = predict(did(("x", 14, 1)), table(account("x", 500, 1.0)), AS_OF, [MOMENT])
    assert found.empty
    assert {"account_id", "as_of", "adoption_probability", "next_step"} <= set(found.columns)
