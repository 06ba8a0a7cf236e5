from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from rind.pipelines.stages.early_behaviour import training_dates


@pytest.mark.parametrize(
    ("signed", "dates"),
    [
        ("2024-01-01", [date(2024, 1, 11), date(2024, 1, 18), date(2024, 1, 25)]),
        ("2024-01-02", [date(2024, 1, 18), date(2024, 1, 25)]),
        ("2024-01-20", [date(2024, 1, 25)]),
    ],
)
def test_training_dates_go_back_until_no_outcome_was_known(signed: str, dates: list[date]) -> None:
    assert training_dates(date(2024, 1, 25), pd.Series(pd.to_datetime([signed])), 7, 10) == dates


def test_without_accounts_there_is_the_scoring_date_alone() -> None:
    nobody = pd.Series([], dtype="datetime64[us]")
    assert training_dates(date(2024, 1, 25), nobody, 7, 10) == [date(2024, 1, 25)]
