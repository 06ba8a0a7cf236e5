"""The feedback as tables: interventions in the form of the data contract, and every act."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from rind.common.files import write_text
from rind.reports.tables import exact_csv
from rind.serving.feedback.acts import Act
from rind.serving.feedback.file import Feedback

ACTS = ("number", "at", *(field.name for field in fields(Act) if field.name not in ("number", "at")))
INTERVENTIONS = ("intervention_id", "account_id", "playbook", "started_on", "ended_on", "cost", "recorded_at")


def interventions(feedback: Feedback) -> list[dict[str, Any]]:
    """One row per intervention that was started here and not withdrawn, in the order in which they were.

    Columns: number, account_id, playbook, started_on, ended_on, cost as in `account_state.Intervention`; recorded_at:
    UTC without zone.
    """
    accounts = dict.fromkeys(act.account_id for act in feedback.acts() if act.kind == "intervention")
    rows = [
        {
            "number": one.number,
            "account_id": account_id,
            "playbook": one.playbook,
            "started_on": one.started_on,
            "ended_on": one.ended_on,
            "cost": one.cost,
            "recorded_at": datetime.fromisoformat(one.recorded_at).astimezone(UTC).replace(tzinfo=None),
        }
        for account_id in accounts
        for one in feedback.of(account_id).interventions
    ]
    return sorted(rows, key=lambda row: row["number"])


def export(feedback: Feedback, folder: Path) -> dict[str, int]:
    """Write interventions.csv (the table of the data contract, with recorded_at) and acts.csv into a folder.

    Returns
    -------
    dict
        File -> rows.
    """
    started = [{**row, "intervention_id": f"rind-{row['number']}"} for row in interventions(feedback)]
    tables = {
        "interventions.csv": pd.DataFrame(started, columns=INTERVENTIONS),
        "acts.csv": pd.DataFrame([vars(act) for act in feedback.acts()], columns=ACTS),
    }
    for name, table in tables.items():
        write_text(folder / name, exact_csv(table))
    return {name: len(table) for name, table in tables.items()}
