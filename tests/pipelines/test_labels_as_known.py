"""What a run may know of the labels: nothing from its scoring date on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rind.pipelines.data import write_document
from rind.pipelines.labels_as_known import first_unknown, labels_at, outcomes, seen_until
from rind.pipelines.workspace import Workspace

KEYS = {"account_id": "A", "as_of": pd.Timestamp("2025-01-06")}
ANSWERS = [
    {**KEYS, "churned": 0, "days_to_churn": None, "known_from": "2025-05-07", "known_until": "2025-06-01"},
    {**KEYS, "churned": 1, "days_to_churn": 80, "known_from": "2025-06-01", "known_until": None},
]


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    answers = pd.DataFrame(ANSWERS)
    for name in ("known_from", "known_until"):
        answers[name] = pd.to_datetime(answers[name])
    answers.to_parquet(tmp_path / "known_labels.parquet")
    pd.DataFrame([KEYS]).to_parquet(tmp_path / "labels.parquet")
    return Workspace(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("day", "churned"),
    [("2025-05-06", None), ("2025-05-07", 0), ("2025-05-31", 0), ("2025-06-01", 1), ("2026-01-01", 1)],
)
def test_a_label_counts_from_the_day_it_was_known_until_it_was_known_otherwise(
    space: Workspace, day: str, churned: int | None
) -> None:
    [label] = labels_at(space, date.fromisoformat(day))["churned"]
    [known] = outcomes(space, pd.DataFrame([KEYS])).at(date.fromisoformat(day))
    for value in (label, known):
        assert pd.isna(value) if churned is None else value == churned


@pytest.mark.parametrize(("as_of", "unknown"), [("2025-06-30", date(2025, 7, 1)), ("2025-06-29", date(2025, 6, 29))])
def test_a_run_of_a_past_date_stands_at_it_and_one_of_the_data_end_sees_that_last_day(
    space: Workspace, as_of: str, unknown: date
) -> None:
    write_document(space.dates, {"data_end": "2025-06-30", "as_of": as_of, "previous": "2025-06-23"})
    assert seen_until(space) == unknown == first_unknown(date.fromisoformat(as_of), date(2025, 6, 30))
