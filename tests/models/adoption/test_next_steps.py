from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from launch_accounts import AS_OF, LAUNCH, MOMENT, account, company, did, only, predict, table

from rind.reports.adoption_text import NO_MOMENT


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
    steps = only(did(("x", 30, users)), table(account("x", age)), MOMENT)
    assert (steps["next_step"], steps["moment_status"], steps["status"]) == (step, moment, status)
    assert (steps["progress"], steps["reached"], steps["csm"]) == (f"{users} of 5", users >= 5, "Ann")
    assert steps["deadline"] == AS_OF + pd.Timedelta(days=30 - age)
    assert pd.isna(steps["days_left"]) if days_left is None else steps["days_left"] == days_left


def test_a_segment_without_a_moment_of_its_own_takes_that_of_all_or_says_that_none_stands() -> None:
    accounts = table(account("x", 20, segment="b"))
    assert only(did(), accounts, MOMENT)["next_step"] == NO_MOMENT
    assert only(did(), accounts, {**MOMENT, "segment": "all"})["moment_status"] == "open"


def test_without_a_moment_the_next_step_is_what_those_that_stayed_did_most_more_of() -> None:
    early, accounts = company()
    steps = predict(early, accounts, LAUNCH).set_index("account_id")
    assert steps.loc[901, "next_step"].startswith("Aim for ")
    assert steps.loc[901, "next_step"].endswith(" before 2024-06-13: accounts that stayed had done so at this age")
    assert steps.loc[900, "next_step"] == NO_MOMENT


def test_the_nearest_open_moment_is_the_next_step() -> None:
    far, near = {**MOMENT, "count": 9}, {**MOMENT, "count": 4}
    assert only(did(("x", 30, 3)), table(account("x", 20)), far, near)["next_step"].startswith("1 more user")


def shared(names: range, on: int, behaviour: str) -> pd.DataFrame:
    return did(*((n, d, on) for n in names for d in (14, 30)), behaviour=behaviour)


def test_a_step_is_told_by_accounts_of_cohorts_whose_outcome_is_known() -> None:
    """Young accounts that used reports and left are known as leavers before any of them is known to stay."""
    accounts = table(*(account(i, 600, None if i < 60 else 200) for i in range(120)),
                     *(account(200 + i, 300, 100) for i in range(200)), account("x", 20))  # fmt: skip
    early = pd.concat([shared(range(60), 4, "users:reports"), shared(range(200, 400), 9, "users:reports")])
    assert "more users on reports" in predict(early, accounts, LAUNCH).set_index("account_id").loc["x", "next_step"]


def test_who_left_before_the_window_ended_did_not_do_less_in_it() -> None:
    """Half of the leavers left on day 10, so did nothing until day 30; the others did as those that stayed."""
    accounts = table(*(account(i, 600, None) for i in range(60)), *(account(100 + i, 600, 200) for i in range(60)),
                     *(account(200 + i, 600, 10) for i in range(60)), account("x", 20))  # fmt: skip
    early = shared(range(200), 4, "users:reports")
    assert predict(early, accounts, LAUNCH).set_index("account_id").loc["x", "next_step"] == NO_MOMENT


def test_among_many_behaviours_without_meaning_hardly_ever_is_one_named_as_a_step() -> None:
    accounts = table(*(account(i, 600, None if i % 2 else 200) for i in range(200)), account("x", 20))
    named = 0
    for seed in range(8):
        counts = np.random.default_rng(seed).poisson(3, (40, 200))
        early = pd.concat([did(*((i, d, int(counts[b, i])) for i in range(200) for d in (14, 30)),
                               behaviour=f"users:f{b}") for b in range(40)])  # fmt: skip
        named += predict(early, accounts, LAUNCH).set_index("account_id").loc["x", "next_step"] != NO_MOMENT
    assert named <= 1
