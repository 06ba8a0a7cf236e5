from __future__ import annotations

from typing import Any

import pytest

from rind.reports.calibration_text import calibration_line

PART: dict[str, Any] = {
    "accounts": 300, "dates": ["2026-01-05"], "expected": 41.2, "left": 38, "low": 30, "high": 52, "verdict": "usual",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, ""),
        ({"left": 60, "verdict": "more"}, "more accounts left than the probabilities say, beyond chance (expected 41, "
         "left 60, 30 to 52 would be usual). Read them as too low."),
        ({"left": 20, "verdict": "fewer"}, "fewer accounts left"),
        ({"low": None, "high": None, "verdict": "too_few"}, "too few accounts to judge; the probabilities expect 41.2"),
        ({"verdict": None}, ""),
    ],
)  # fmt: skip
def test_a_part_speaks_only_where_it_is_off_or_cannot_be_judged(changed: dict[str, Any], sentence: str) -> None:
    line = calibration_line("Enterprise", PART | changed)
    assert line is not None
    assert sentence in line.sentence
    assert bool(line.sentence) == bool(sentence)
    assert line.usual == ("30 to 52" if changed.get("low", 1) else "\u2013")


@pytest.mark.parametrize("lacking", ["accounts", "expected", "left"])
def test_an_incomplete_record_has_no_line(lacking: str) -> None:
    assert calibration_line("Enterprise", PART | {lacking: None}) is None
