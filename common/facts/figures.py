"""A figure with its interval, as the JSON results hold it."""

from __future__ import annotations

from typing import TypedDict


class Limits(TypedDict):
    """The two ends of an interval."""

    low: float
    high: float


class Figure(TypedDict):
    """An estimate with its interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


NOT_MEASURED: Figure = {"value": None, "low": None, "high": None}
