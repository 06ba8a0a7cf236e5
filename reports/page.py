"""The risk list as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from reports.charts import AnyChart
from reports.facts import RunFacts
from reports.risk_list import Changes
from reports.summary import Summary


@dataclass(frozen=True)
class PageContext:
    """What the page shows.

    Parameters
    ----------
    run
        Dates, measures, families left out.
    risk_list
        One row per account, riskiest first (columns of `reports.risk_list.COLUMNS`).
    summary, changes
        Of the same list (`summarise`, `changes`).
    charts
        Title -> chart, in order.
    top
        How many accounts the page lists; the rest is said to be in ``elsewhere``.
    elsewhere
        Where the whole list lies.
    """

    run: RunFacts
    risk_list: pd.DataFrame
    summary: Summary
    changes: Changes
    charts: Mapping[str, AnyChart] = field(default_factory=dict)
    top: int = 200
    elsewhere: str = "risk_list.xlsx and risk_list.csv"


def render_page(context: PageContext) -> str:
    """One HTML document: no address outside, no script."""
    raise NotImplementedError
