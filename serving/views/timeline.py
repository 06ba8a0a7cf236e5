"""The timeline of an account: what the results hold of it, and what readers noted, began and committed to since."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from rind.reports.commitment_text import commitment_text
from rind.reports.formats import Format
from rind.reports.timeline_text import event_text
from rind.serving.feedback.account_state import AccountFeedback
from rind.serving.quarters import quarter_name
from rind.serving.store.protocols import Week

MOST_SHOWN = 12


class Event(NamedTuple):
    """A line of the timeline; ``who`` is "" for what the source tells."""

    day: date
    kind: str
    text: str
    who: str = ""


def timeline_of(week: Week, account_id: str, feedback: AccountFeedback, fmt: Format) -> list[Event]:
    """Every event of an account, the newest first; an intervention that the source knows by now is told once."""
    rows = week.timeline(account_id)
    events = [Event(_day(row.happened_on), str(row.kind), _text(row, fmt)) for row in rows.itertuples(index=False)]
    began = {(row.detail, _day(row.happened_on)) for row in rows.itertuples(index=False) if row.kind == "intervention"}
    notes = [Event(act.day, "note", str(act.note), act.who) for act in feedback.notes]
    further = [
        Event(one.started_on, "intervention",
              event_text("intervention", one.playbook, one.cost, one.ended_on, fmt), one.who)
        for one in feedback.interventions if (one.playbook, one.started_on) not in began
    ]  # fmt: skip
    commitments = [
        Event(act.day, "commitment", commitment_text(act.category, quarter_name(act.quarter)), act.who)
        for act in feedback.live if act.kind == "commitment" and act.quarter is not None
    ]  # fmt: skip
    return sorted([*events, *notes, *further, *commitments], key=lambda event: event.day, reverse=True)


def _text(row: Any, fmt: Format) -> str:
    number = None if pd.isna(row.number) else float(row.number)
    ended_on = None if pd.isna(row.ended_on) else _day(row.ended_on)
    return event_text(str(row.kind), None if pd.isna(row.detail) else str(row.detail), number, ended_on, fmt)


def _day(value: Any) -> date:
    return pd.Timestamp(value).date()
