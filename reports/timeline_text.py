"""The events of an account's timeline in words."""

from __future__ import annotations

from typing import Any

from rind.reports.formats import Format

TITLES = {
    "ticket": "Ticket", "answer": "Answer", "term": "Term", "notice": "Notice", "term_end": "Term ended",
    "intervention": "Intervention", "person_left": "Person left", "note": "Note",
    "commitment": "Commitment",
}  # fmt: skip
"""Kind of an event -> its title."""
SURVEYS = {"nps": "NPS", "csat": "CSAT", "ces": "Effort", "essential": "Essential"}
SCALES = {"nps": 10, "csat": 5, "ces": 7, "essential": 3}


def event_text(kind: str, detail: str | None, number: float | None, ended_on: Any, fmt: Format) -> str:
    """An event of `features.timeline` as a sentence without its day.

    ``ticket``, "urgent billing", ended on 3 May -> "urgent billing, solved on 3 May 2026".
    """
    what = (detail or "").replace("_", " ")
    money = f"{fmt.arr(number)} ARR" if number is not None else ""
    if kind == "ticket":
        return _joined(what, f"solved on {fmt.day(ended_on)}" if ended_on else "still open")
    if kind == "answer":
        survey = (detail or "").lower()
        scale = f" of {SCALES[survey]}" if survey in SCALES else ""
        return f"{SURVEYS.get(survey, what)}: {fmt.number(number)}{scale}"
    if kind == "term":
        return _joined(what, money, f"agreed until {fmt.day(ended_on)}" if ended_on else "")
    if kind == "notice":
        return _joined("gave notice", what, f"contract runs to {fmt.day(ended_on)}" if ended_on else "")
    if kind == "intervention":
        cost = f"cost {fmt.money(number)}" if number is not None else ""
        return _joined(what, f"ended on {fmt.day(ended_on)}" if ended_on else "", cost)
    return _joined(what, money) if kind == "term_end" else what


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
