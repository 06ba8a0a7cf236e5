"""The templates of the reports and their filters: money, percent, days, sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from rind.reports.facts import interval_words
from rind.reports.formats import HOUSE, NOTHING
from rind.reports.wording import capitalised

__all__ = ["NOTHING", "environment"]


def environment() -> Environment:
    """The templates of the reports and their filters."""
    made = Environment(
        loader=PackageLoader("rind.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "money": HOUSE.money, "arr": HOUSE.arr, "percent": HOUSE.percent, "day": HOUSE.day, "distance": _distance,
        "number": HOUSE.number, "change": _change, "interval": interval_words, "sentence": _sentence,
        "written": HOUSE.sentence, "points": _points,
    }  # fmt: skip
    return made


def _points(share: float | None) -> str:
    return HOUSE.number(None if share is None else 100 * share)


def _change(value: float) -> str:
    return HOUSE.change(value, money=True)


def _distance(day: Any, as_of: Any) -> str:
    return HOUSE.distance(day, pd.Timestamp(as_of).date())


def _sentence(text: str) -> str:
    return f"{HOUSE.sentence(capitalised(text.rstrip('.')))}."
