from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from feedback_acts import MakeAct

from rind.serving.access.database import Database
from rind.serving.feedback.acts import Act
from rind.serving.feedback.export import ACTS, commitments, export, interventions
from rind.serving.feedback.file import Feedback

QUARTER = date(2026, 7, 1)


def test_the_interventions_are_a_table_of_the_contract(feedback: Feedback, do: MakeAct, tmp_path: Path) -> None:
    first = do("intervention", account_id="a/1", playbook='=1+1, "quoted"', started_on=date(2026, 6, 15), cost=900.0)
    gone = do("intervention", account_id="A2", playbook="training", started_on=date(2026, 6, 15))
    do("withdraw", account_id="A2", supersedes=gone.number)
    do("note", note="one\ntwo")
    assert export(feedback, tmp_path) == {"interventions.csv": 1, "commitments.csv": 0, "acts.csv": 4}
    (row,) = pd.read_csv(tmp_path / "interventions.csv").to_dict("records")
    assert (row["intervention_id"], row["account_id"], row["playbook"]) == ("rind-1", "a/1", '=1+1, "quoted"')
    assert pd.Timestamp(row["recorded_at"]) == pd.Timestamp(first.at).tz_localize(None)
    acts = pd.read_csv(tmp_path / "acts.csv")
    assert list(acts.columns) == list(ACTS)
    assert acts["note"].iloc[3] == "one\ntwo"


def test_without_feedback_the_tables_have_their_columns(feedback: Feedback, tmp_path: Path) -> None:
    assert interventions(feedback) == []
    assert export(feedback, tmp_path) == {"interventions.csv": 0, "commitments.csv": 0, "acts.csv": 0}
    assert "recorded_at" in pd.read_csv(tmp_path / "interventions.csv").columns


def test_a_commitment_is_exported_as_it_stood_when_its_quarter_began(
    feedback: Feedback, do: MakeAct, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(day: str, category: str, account: str = "A1", **more: object) -> Act:
        monkeypatch.setattr(Database, "now", lambda *_: f"{day}T23:59:59+00:00")
        return do("commitment", account_id=account, category=category, quarter=QUARTER, **more)

    at("2026-06-01", "commit")
    at("2026-06-30", "at_risk")
    at("2026-07-01", "best_case")
    at("2026-07-01", "commit", "A2")  # first said within the quarter
    withdrawn = at("2026-06-20", "commit", "A3")
    do("withdraw", account_id="A3", supersedes=withdrawn.number)
    (row,) = commitments(feedback)
    assert (row["account_id"], row["category"], str(row["recorded_at"])) == ("A1", "at_risk", "2026-06-30 23:59:59")
