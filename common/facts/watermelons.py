"""What the watermelon flags were worth on history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, cast

from rind.common.facts.figures import Limits


class RuleFigures(TypedDict, total=False):
    """The figures of a rule that flags green accounts; None where one is not defined."""

    precision: float | None
    recall: float | None
    recall_within_30_days: float | None
    recall_within_60_days: float | None
    recall_within_90_days: float | None
    accounts_recall: float | None
    mrr_covered: float | None
    lead_time_days: float | None
    intervals: dict[str, Limits | None]


class WatermelonFigures(RuleFigures, total=False):
    """The flags as they were made, beside the calendar and beside other rules; ``metrics.json["watermelons"]``.

    ``words``: the same in a sentence, added by `reports.watermelon_text`.
    """

    base_rate: float | None
    gain: float | None
    calendar_rate: float | None
    gain_beyond_calendar: float | None
    baselines: dict[str, RuleFigures]
    dates: int
    withheld_dates: int
    green_rows: int
    flagged_rows: int
    skill: bool
    words: str


def figure_of(rule: RuleFigures, name: str) -> tuple[float | None, Limits | None]:
    """A figure of a rule by its name, and its interval; None where one is not defined."""
    figures = cast("Mapping[str, float | None]", rule)
    return figures.get(name), (rule.get("intervals") or {}).get(name)


def by_rule(record: WatermelonFigures) -> dict[str, RuleFigures]:
    """Rule -> its figures: ``watermelon``, then those that the flags are compared with."""
    return {"watermelon": record, **(record.get("baselines") or {})}
