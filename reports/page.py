"""The risk list as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rind.reports.charts import AnyChart
from rind.reports.facts import RunFacts
from rind.reports.inline_svg import inline_svg
from rind.reports.ledger import EMPTY, by_kind
from rind.reports.risk_list import Changes
from rind.reports.summary import Summary
from rind.reports.tables import records
from rind.reports.templating import environment

MOST_WATERMELONS = 40


@dataclass(frozen=True)
class PageContext:
    """What the page shows.

    Parameters
    ----------
    run
        Dates, measures, families left out.
    risk_list
        One row per account, by rank (columns of `reports.risk_list.COLUMNS`).
    summary, changes
        Of the same list (`summarise`, `changes`).
    charts
        Title -> chart, in order.
    top
        How many accounts the page lists; the rest is said to be in ``elsewhere``.
    elsewhere
        Where the whole list lies.
    record, missed
        What the flags were worth and the green churn that they missed (of `reports.watermelon_section`).
    ledger, split
        What happened since the date before, and what it did to ARR at risk (of `reports.ledger`).
    """

    run: RunFacts
    risk_list: pd.DataFrame
    summary: Summary
    changes: Changes
    charts: Mapping[str, AnyChart] = field(default_factory=dict)
    top: int = 200
    elsewhere: str = "risk_list.xlsx and risk_list.csv"
    record: Sequence[Mapping[str, str]] = ()
    missed: Mapping[str, Any] = field(default_factory=dict)
    ledger: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    split: Sequence[Mapping[str, Any]] = ()


def render_page(context: PageContext) -> str:
    """One HTML document that needs nothing else: styles and charts inside, no address, no script.

    Texts are escaped (names come from outside); the page prints on A4 landscape, turns its rows into cards
    on a phone, and follows the reader's light or dark setting.
    """
    moved = context.changes
    return environment(context.run.currency).get_template("risk_list.html.j2").render(
        run=context.run,
        totals=context.summary.totals,
        rows=records(context.risk_list.head(context.top)),
        rest=max(0, len(context.risk_list) - context.top),
        elsewhere=context.elsewhere,
        melons=records(context.summary.watermelons.head(MOST_WATERMELONS)),
        record=context.record,
        missed=context.missed,
        summary={
            "by_segment": records(context.summary.by_segment),
            "by_month": records(context.summary.by_month),
        },
        changes={
            "first_run": moved.first_run,
            "top": moved.top,
            "new": records(moved.new),
            "gone": records(moved.gone),
            "movers": records(moved.movers),
            "movers_by_money": records(moved.movers_by_money),
            "ledger": by_kind(context.ledger) if context.ledger["since"] else [],
            "save_or_close": context.ledger["save_or_close"],
            "since": context.ledger["since"],
            "split": context.split,
        },
        charts={title: inline_svg(chart, title) for title, chart in context.charts.items()},
    )  # fmt: skip
