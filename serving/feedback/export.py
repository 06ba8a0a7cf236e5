"""The feedback as tables: interventions in the form of the data contract, commitments, and every act."""

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
COMMITMENTS = ("account_id", "quarter", "category", "who", "recorded_at")


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
            "recorded_at": _utc(one.recorded_at),
        }
        for account_id in accounts
        for one in feedback.of(account_id).interventions
    ]
    return sorted(rows, key=lambda row: row["number"])


def commitments(feedback: Feedback) -> list[dict[str, Any]]:
    """One row per account and quarter: the commitment that stood when the quarter began; of a coming one, today's.

    Columns: account_id; quarter: its first day; category; who; recorded_at: UTC without zone. A commitment that was
    first written down within its quarter is left out: by then the CSM knew more than the forecast did.
    """
    pairs = dict.fromkeys((act.account_id, act.quarter) for act in feedback.acts() if act.quarter is not None)
    latest = [feedback.of(account).before(quarter).commitments.get(quarter) for account, quarter in pairs]
    return [
        {"account_id": act.account_id, "quarter": act.quarter, "category": act.category, "who": act.who,
         "recorded_at": _utc(act.at)}
        for act in latest if act is not None
    ]  # fmt: skip


def _utc(moment: str) -> datetime:
    """ISO 8601 as UTC without zone."""
    return datetime.fromisoformat(moment).astimezone(UTC).replace(tzinfo=None)


def export(feedback: Feedback, folder: Path) -> dict[str, int]:
    """Write interventions.csv (the table of the data contract, with recorded_at), commitments.csv and acts.csv.

    Returns
    -------
    dict
        File -> rows.
    """
    started = [{**row, "intervention_id": f"rind-{row['number']}"} for row in interventions(feedback)]
    tables = {
        "interventions.csv": pd.DataFrame(started, columns=INTERVENTIONS),
        "commitments.csv": pd.DataFrame(commitments(feedback), columns=COMMITMENTS),
        "acts.csv": pd.DataFrame([vars(act) for act in feedback.acts()], columns=ACTS),
    }
    for name, table in tables.items():
        write_text(folder / name, exact_csv(table))
    return {name: len(table) for name, table in tables.items()}
