"""What guards that fired say to the readers of a list."""

from __future__ import annotations

from collections.abc import Iterable

from rind.common.guards import Finding, fired

ALARM_NOTES = ("Too odd: ", "Too late: ")
"""How `guard_notes` begin."""


def withheld(findings: Iterable[Finding]) -> str:
    """Why the list of the date is empty; "" where it is not."""
    return " ".join(f.words for f in fired(findings) if f.answer == "withhold")


def too_good(findings: Iterable[Finding]) -> str:
    """What to check before anybody believes the figures; "" where nothing is too good."""
    return " ".join(f.words for f in fired(findings) if f.kind == "too good" and f.answer != "withhold")


def guard_notes(findings: Iterable[Finding]) -> list[str]:
    """One line for each guard that fired and does not already speak in the verdict."""
    return [
        f"{f.kind.capitalize()}: {f.words}" for f in fired(findings) if f.answer != "withhold" and f.kind != "too good"
    ]
