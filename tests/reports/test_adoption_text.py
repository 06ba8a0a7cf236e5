from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.adoption import (
    LaunchStatus,
    MomentStatus,
    NextStep,
    Progress,
    ShapReason,
    Target,
)
from rind.reports.adoption_text import COLUMNS, NO_MOMENT, NOTHING, RATE, adoption_table, next_step_words, reason_words

PROGRESS = Progress("users:reports", 3, 5, 30, date(2024, 6, 13))
OPEN = NextStep(MomentStatus.OPEN, LaunchStatus.AT_RISK, PROGRESS, 10)
NONE = NextStep(MomentStatus.NONE, LaunchStatus.ON_TRACK)
TARGET = Target("events:api_keys", 1, date(2024, 7, 1))


@pytest.mark.parametrize(
    ("behaviour", "count", "usual", "segment", "shap", "words"),
    [
        ("users:reports", 1, 3.0, "small_business", 0.25,
         "Accounts with 1 user on reports by day 30 stay less often; 3 are usual in small business"),
        ("trainings_held", 0, 1.0, "enterprise", 0.25,
         "Accounts with no trainings held by day 30 stay less often; 1 is usual in enterprise"),
        ("events:shared_report", 1200, 0.0, "enterprise", -0.25,
         "Accounts with 1,200 uses of shared report by day 30 stay more often; none is usual in enterprise"),
        ("active_days", 4, 2.5, "unknown", -0.25,
         "Accounts with 4 active days by day 30 stay more often; 2.5 are usual"),
    ],
)  # fmt: skip
def test_a_reason_says_what_accounts_like_it_do_and_what_is_usual_without_a_raw_figure(
    behaviour: str, count: int, usual: float, segment: str, shap: float, words: str
) -> None:
    assert reason_words(ShapReason(f"early__{behaviour}__now", count, 30, shap, usual, segment)) == words


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (OPEN, "2 more users on reports before 2024-06-13"),
        (
            NextStep(
                MomentStatus.REACHED, LaunchStatus.ON_TRACK, Progress("users:reports", 6, 5, 30, date(2024, 6, 1))
            ),
            "Moment reached: 6 users on reports, 5 needed",
        ),
        (
            NextStep(MomentStatus.MISSED, LaunchStatus.MISSED, PROGRESS, target=TARGET),
            "Moment missed: 3 users on reports in the first 30 days, 5 needed. Aim for 1 more use of api keys before "
            "2024-07-01: accounts that stayed had done so at this age",
        ),
        (
            NextStep(MomentStatus.NONE, LaunchStatus.AT_RISK, target=TARGET),
            "Aim for 1 more use of api keys before 2024-07-01: accounts that stayed had done so at this age",
        ),
        (NONE, NO_MOMENT),
    ],
)
def test_the_next_step_is_a_sentence(step: NextStep, words: str) -> None:
    assert next_step_words(step) == words


def test_the_table_has_one_row_per_account_with_its_texts_and_empty_cells_where_nothing_is_known() -> None:
    accounts = pd.DataFrame(
        {
            "account_id": ["a", "b", "c"], "as_of": pd.Timestamp("2024-06-03"),
            "adoption_probability": [0.4, np.nan, 0.6], "segment": "s", "csm": None, "age_days": [20, 3, 15],
            "landmark_days": [14.0, np.nan, 14.0],
        }
    )  # fmt: skip
    reasons = [(ShapReason("early__active_days__now", 6, 14, -0.5, 3, "s"),), (), ()]
    table = adoption_table(accounts, [OPEN, NONE, NONE], reasons)
    assert list(table.columns) == COLUMNS
    assert table["basis"].tolist() == ["model at day 14", RATE, "model at day 14"]
    assert table["progress"].tolist()[0] == "3 of 5"
    first = "Accounts with 6 active days by day 14 stay more often; 3 are usual in s"
    assert table["reason_1"].tolist() == [first, None, NOTHING]
    assert table.loc[0, "deadline"] == pd.Timestamp("2024-06-13")
    assert table.loc[1, ["progress", "deadline", "days_left", "reached", "reason_2"]].isna().all()


def test_no_account_in_launch_gives_an_empty_table_with_its_columns() -> None:
    columns = ["account_id", "as_of", "adoption_probability", "segment", "csm", "age_days", "landmark_days"]
    assert list(adoption_table(pd.DataFrame(columns=columns), [], []).columns) == COLUMNS
