from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.adoption import (
    LANDMARK,
    LaunchStatus,
    MomentStatus,
    NextStep,
    Progress,
    ShapReason,
    Target,
)
from rind.reports.adoption_text import COLUMNS, NO_MOMENT, RATE, adoption_table, next_step_words, reason_words

PROGRESS = Progress("users:reports", 3, 5, 30, date(2024, 6, 13))
OPEN = NextStep(MomentStatus.OPEN, LaunchStatus.AT_RISK, PROGRESS, 10)
NONE = NextStep(MomentStatus.NONE, LaunchStatus.ON_TRACK)
TARGET = Target("events:api_keys", 1, date(2024, 7, 1))


@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        ("early__users:reports__now", 1.0, "1 user on reports by day 30 lowers it (-0.25)"),
        ("early__trainings_held__now", np.nan, "Trainings held by day 30: not known, lowers it (-0.25)"),
        ("early__users:reports__now", None, "Users on reports by day 30: not known, lowers it (-0.25)"),
        ("early__trainings_held__now", 2.0, "2 trainings held by day 30 lower it (-0.25)"),
        ("start__seats__now", 1200.0, "The seats of day 0: 1,200, lowers it (-0.25)"),
        ("start__plan__now", np.nan, "The plan of day 0: not known, lowers it (-0.25)"),
        (LANDMARK, 30.0, "Being 30 days old lowers it (-0.25)"),
    ],
)
def test_what_moves_a_chance_is_said_in_words(feature: str, value: Any, words: str) -> None:
    assert reason_words(ShapReason(feature, value, 30, 0.25)) == words


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
            "Moment missed: 3 users on reports in the first 30 days, 5 needed; like those that stayed: 1 more use of "
            "api keys before 2024-07-01",
        ),
        (NONE, NO_MOMENT),
    ],
)
def test_the_next_step_is_a_sentence(step: NextStep, words: str) -> None:
    assert next_step_words(step) == words


def test_the_table_has_one_row_per_account_with_its_texts_and_empty_cells_where_nothing_is_known() -> None:
    accounts = pd.DataFrame(
        {
            "account_id": ["a", "b"], "as_of": pd.Timestamp("2024-06-03"), "adoption_probability": [0.4, np.nan],
            "segment": "s", "csm": None, "age_days": [20, 3], "landmark_days": [14.0, np.nan],
        }
    )  # fmt: skip
    reasons = [(ShapReason("start__plan__now", "pro", 14, -0.5),), ()]
    table = adoption_table(accounts, [OPEN, NONE], reasons)
    assert list(table.columns) == COLUMNS
    assert table["basis"].tolist() == ["model at day 14", RATE]
    assert table["progress"].tolist()[0] == "3 of 5"
    assert table["reason_1"].tolist() == ["The plan of day 0: pro, raises it (+0.50)", None]
    assert table.loc[0, "deadline"] == pd.Timestamp("2024-06-13")
    assert table.loc[1, ["progress", "deadline", "days_left", "reached", "reason_2"]].isna().all()


def test_no_account_in_launch_gives_an_empty_table_with_its_columns() -> None:
    columns = ["account_id", "as_of", "adoption_probability", "segment", "csm", "age_days", "landmark_days"]
    assert list(adoption_table(pd.DataFrame(columns=columns), [], []).columns) == COLUMNS
