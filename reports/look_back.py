"""What a reader must know of the comparison with the list before: whose model scored it, and how long ago it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from rind.reports.formats import Format

TODAYS_MODEL = (
    "Both dates are scored by today's model, so that only the accounts moved; what was published then may have said "
    "another risk."
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def said_then(row: Mapping[str, Any], fmt: Format) -> str:
    """What the list before said of an account, where that reads differently from what today's model says of then; "".

    Parameters
    ----------
    row
        previous_probability and, of a list that was published, published_probability.
    """
    published, looked_back = row.get("published_probability"), row.get("previous_probability")
    if published is None or pd.isna(published) or fmt.percent(published) == fmt.percent(looked_back):
        return ""
    return f"the list then said {fmt.percent(published)}"


def look_back_sentences(as_of: date, since: date | None) -> list[str]:
    """The sentences below "What changed"; none where there is no list before.

    Parameters
    ----------
    since
        The date of the list before.
    """
    if since is None:
        return []
    days = (as_of - since).days
    if days % 7 == 0:
        return [TODAYS_MODEL]
    between = "1 day lies" if days == 1 else f"{days} days lie"
    weekdays = WEEKDAYS[as_of.weekday()], WEEKDAYS[since.weekday()]
    return [
        f"This list is of a {weekdays[0]} and the one before of a {weekdays[1]}: {between} between them.",
        TODAYS_MODEL,
    ]
