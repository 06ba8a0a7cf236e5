"""The timeline of an account: results and readers."""

from __future__ import annotations

from datetime import date

import pandas as pd

from rind.reports.formats import format_of
from rind.serving.feedback.account_state import NOTHING, AccountFeedback
from rind.serving.feedback.acts import Act
from rind.serving.views.timeline import Event, timeline_of

DAY = date(2026, 6, 20)


class Week:
    """A week that knows two events of one account."""

    def timeline(self, account_id: str) -> pd.DataFrame:
        rows = [("2026-06-01", "ticket", "urgent", None, None), ("2026-06-20", "intervention", "plan", None, None)]
        frame = pd.DataFrame(rows, columns=["happened_on", "kind", "detail", "number", "ended_on"])
        frame = frame.assign(happened_on=pd.to_datetime(frame["happened_on"]), ended_on=pd.NaT)
        return frame if account_id == "A1" else frame.iloc[:0]


def told(account: str, feedback: AccountFeedback = NOTHING) -> list[Event]:
    return timeline_of(Week(), account, feedback, format_of("en", ""))  # type: ignore[arg-type]


def test_the_newest_comes_first() -> None:
    assert told("A1") == [Event(DAY, "intervention", "plan"), Event(date(2026, 6, 1), "ticket", "urgent, still open")]
    assert told("A2") == []


def test_each_commitment_stands_on_its_day_and_a_replaced_one_does_not() -> None:
    def commit(number: int, day: str, category: str, supersedes: int | None = None) -> Act:
        return Act("ana", "A2", date(2026, 6, 22), "commitment", number=number, at=f"{day}T08:00:00+00:00",
                   category=category, quarter=date(2026, 7, 1), supersedes=supersedes)  # type: ignore[arg-type]  # fmt: skip

    wrong, first = commit(1, "2026-06-01", "best_case"), commit(2, "2026-06-01", "commit", supersedes=1)
    later = commit(3, "2026-06-22", "at_risk")
    assert told("A2", AccountFeedback((wrong, first, later))) == [
        Event(date(2026, 6, 22), "commitment", "Q3 2026: at risk, it may well be lost", "ana"),
        Event(date(2026, 6, 1), "commitment", "Q3 2026: commit, it will still be paid", "ana"),
    ]


def test_notes_and_interventions_of_readers_stand_among_them_once() -> None:
    def act(number: int, kind: str, **more: object) -> Act:
        return Act("ana", "A1", date(2026, 6, 22), kind, number=number, at="2026-06-23T08:00:00+00:00", **more)  # type: ignore[arg-type]

    feedback = AccountFeedback(
        (
            act(1, "note", note="called"),
            act(2, "intervention", playbook="plan", started_on=DAY),
            act(3, "intervention", playbook="training", started_on=DAY),
        )
    )
    assert [(event.kind, event.text, event.who) for event in told("A1", feedback)] == [
        ("note", "called", "ana"), ("intervention", "plan", ""), ("intervention", "training", "ana"),
        ("ticket", "urgent, still open", ""),
    ]  # fmt: skip
