from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
from feedback_acts import MakeAct

from rind.serving.feedback.export import ACTS, export, interventions
from rind.serving.feedback.file import Feedback


def test_the_interventions_are_a_table_of_the_contract(feedback: Feedback, do: MakeAct, tmp_path: Path) -> None:
    first = do("intervention", account_id="a/1", playbook='=1+1, "quoted"', started_on=date(2026, 6, 15), cost=900.0)
    gone = do("intervention", account_id="A2", playbook="training", started_on=date(2026, 6, 15))
    do("withdraw", account_id="A2", supersedes=gone.number)
    do("note", note="one\ntwo")
    assert export(feedback, tmp_path) == {"interventions.csv": 1, "acts.csv": 4}
    (row,) = pd.read_csv(tmp_path / "interventions.csv").to_dict("records")
    assert (row["intervention_id"], row["account_id"], row["playbook"]) == ("rind-1", "a/1", '=1+1, "quoted"')
    assert pd.Timestamp(row["recorded_at"]) == pd.Timestamp(first.at).tz_localize(None)
    acts = pd.read_csv(tmp_path / "acts.csv")
    assert list(acts.columns) == list(ACTS)
    assert acts["note"].iloc[3] == "one\ntwo"


def test_without_feedback_the_tables_have_their_columns(feedback: Feedback, tmp_path: Path) -> None:
    assert interventions(feedback) == []
    assert export(feedback, tmp_path) == {"interventions.csv": 0, "acts.csv": 0}
    assert "recorded_at" in pd.read_csv(tmp_path / "interventions.csv").columns
