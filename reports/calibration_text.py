"""Whether as many accounts left as the probabilities had said, in words."""

from __future__ import annotations

from typing import Any, NamedTuple

from rind.reports.formats import NOTHING

FIELDS = ("accounts", "expected", "left", "low", "high")


class CalibrationLine(NamedTuple):
    """A part of the accounts: departures expected, departures seen, how many would be usual, and a sentence or "".

    ``on`` are the dates that were counted, YYYY-MM-DD.
    """

    name: str
    accounts: int
    on: tuple[str, ...]
    expected: float
    left: int
    usual: str
    sentence: str


def calibration_line(name: str, part: dict[str, Any]) -> CalibrationLine | None:
    """One part as `models.evaluation.calibration` counted it; None where its record is incomplete."""
    accounts, expected, left, low, high = (part.get(field) for field in FIELDS)
    if accounts is None or expected is None or left is None:
        return None
    known = low is not None and high is not None
    usual = f"{low} to {high}" if known else NOTHING
    words = f"expected {expected:.0f}, left {left}, {usual} would be usual"
    return CalibrationLine(
        name, int(accounts), tuple(part.get("dates") or ()), float(expected), int(left), usual,
        _sentence(name, str(part.get("verdict")), words, float(expected)),
    )  # fmt: skip


def _sentence(name: str, verdict: str, words: str, expected: float) -> str:
    if verdict == "more":
        return f"{name}: more accounts left than the probabilities say, beyond chance ({words}). Read them as too low."
    if verdict == "fewer":
        return (
            f"{name}: fewer accounts left than the probabilities say, beyond chance ({words}). Read them as too high."
        )
    if verdict == "too_few":
        return f"{name}: too few accounts to judge; the probabilities expect {expected:.1f} departures."
    return ""
