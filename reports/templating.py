"""The templates of the reports and their filters: money, percent, days, sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from rind.reports.facts import said
from rind.reports.wording import capitalised

NOTHING = "\u2013"  # an en dash for an empty cell


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
        "money": _money, "percent": _percent, "day": _day, "distance": _distance, "interval": said,
        "sentence": _sentence,
    }  # fmt: skip
    return made


def _money(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}"


def _percent(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.1%}".replace("%", " %") if 0 < value < 0.0095 else f"{value:.0%}".replace("%", " %")


def _day(value: Any) -> str:
    if value is None:
        return NOTHING
    day = pd.Timestamp(value)
    return f"{day.day} {day:%b %Y}"


def _distance(day: Any, as_of: Any) -> str:
    days = (pd.Timestamp(day) - pd.Timestamp(as_of)).days
    if days == 0:
        return "today"
    length = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {length}" if days > 0 else f"{length} ago"


def _sentence(text: str) -> str:
    return f"{capitalised(text.rstrip('.'))}."
