"""The templates of the reports and their filters: money, percent, days, sentences."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from rind.reports.facts import interval_words
from rind.reports.formats import HOUSE, NOTHING, format_of
from rind.reports.look_back import said_then
from rind.reports.wording import capitalised

__all__ = ["NOTHING", "environment"]


def environment(currency: str = "") -> Environment:
    """The templates of the reports and their filters; money has the sign of ``currency``, an ISO 4217 code."""
    house = format_of(HOUSE.name, currency)
    made = Environment(
        loader=PackageLoader("rind.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "money": house.money, "arr": house.arr, "percent": HOUSE.percent, "day": HOUSE.day, "distance": _distance,
        "number": HOUSE.number, "change": partial(house.change, money=True), "interval": interval_words,
        "sentence": _sentence, "written": HOUSE.sentence, "points": _points,
    }  # fmt: skip
    made.globals |= {"said_then": lambda row: said_then(row, house)}
    return made


def _points(share: float | None) -> str:
    return HOUSE.number(None if share is None else 100 * share)


def _distance(day: Any, as_of: Any) -> str:
    return HOUSE.distance(day, pd.Timestamp(as_of).date())


def _sentence(text: str) -> str:
    return f"{HOUSE.sentence(capitalised(text.rstrip('.')))}."
