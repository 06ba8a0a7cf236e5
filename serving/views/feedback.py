"""The subject of an act on an account, and its feedback as the API and the pages show it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from rind.reports.sentences import FAVOUR
from rind.serving.feedback.account_state import AccountFeedback
from rind.serving.feedback.acts import Act
from rind.serving.feedback.rules import Subject
from rind.serving.views.account import AccountViews
from rind.serving.views.risk_list import Row

MOST_FEATURES = 500


def reasons_of(row: Row) -> list[str]:
    """The reasons of a row of the list, the first one first."""
    return [str(row[f"reason_{n}"]) for n in (1, 2, 3) if row.get(f"reason_{n}")]


def subject_of(row: Row, week: date, accounts: AccountViews, csms: Collection[str], assigned: str | None) -> Subject:
    """What an act on an account of the list is about."""
    return Subject(
        account_id=row["account_id"],
        week=week,
        reasons=reasons_of(row),
        csm=row["csm"],
        assigned=assigned,
        csms=csms,
        feature_of=lambda reason: feature_of(reason, row, accounts),
    )


def feature_of(reason: str, row: Row, accounts: AccountViews) -> str:
    """The feature that a reason of the list speaks of; "" where none can be told.

    The list's own column ``reason_N_feature`` where it has one, else the feature whose sentence it is.
    """
    place = reasons_of(row).index(reason) + 1
    named = row.get(f"reason_{place}_feature")
    if named:
        return str(named)
    sentence = reason.removeprefix(FAVOUR).lower()
    contributions = accounts.explanation(row["account_id"]).strongest(MOST_FEATURES)
    return next((c.feature for c in contributions if c.sentence.lower() == sentence), "")


def feedback_members(feedback: AccountFeedback, week: date, reasons: Sequence[str]) -> dict[str, Any]:
    """The feedback on an account as `serving.api.schemas.AccountFeedback` declares it."""
    verdicts, snooze, assignment = feedback.verdicts(week), feedback.snooze(week), feedback.assignment
    acknowledged = feedback.acknowledged(week)
    return {
        "worked": feedback.worked(week),
        "acknowledged": None if acknowledged is None else signed(acknowledged),
        "snoozed_until": None if snooze is None else snooze.until,
        "assigned_to": None if assignment is None else assignment.csm,
        "reasons": [
            {"reason": reason, "verdict": verdicts[reason].verdict if reason in verdicts else None}
            for reason in reasons
        ],
        "notes": [signed(act) | {"note": act.note} for act in feedback.notes],
        "interventions": [
            {"number": one.latest, "intervention_id": f"rind-{one.number}", "who": one.who, "at": one.recorded_at,
             "playbook": one.playbook, "started_on": one.started_on, "ended_on": one.ended_on, "cost": one.cost}
            for one in feedback.interventions
        ],
        "commitments": [
            signed(act) | {"quarter": quarter, "category": act.category}
            for quarter, act in sorted(feedback.commitments.items())
        ],
        "acts": [act_members(act) for act in feedback.acts],
    }  # fmt: skip


def signed(act: Act) -> dict[str, Any]:
    """Who did it and when, and the number by which it can be replaced or withdrawn."""
    return {"number": act.number, "who": act.who, "at": act.at}


def act_members(act: Act) -> dict[str, Any]:
    """An act without its empty fields."""
    return {name: value for name, value in vars(act).items() if value is not None}
