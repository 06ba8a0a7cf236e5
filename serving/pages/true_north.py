"""The page of True North: the moments after which accounts stay, and the accounts in launch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from rind.reports.moment_text import watch_words
from rind.serving.pages.shared import inline_chart, page
from rind.serving.rendering.pictures import Drawing
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.documents import mapping_of
from rind.serving.views.risk_list import Row
from rind.serving.views.run_facts import facts_of

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/true-north", "True North")
CHARTS = {
    "surface": "Every count and window that was tried",
    "retention": "Those that reached it and those that did not",
    "stability": "Does it hold, cohort by cohort?",
}
"""Chart of a confirmed moment -> its title."""


@router.get("/true-north")
async def true_north(context: Reader) -> HTMLResponse:
    """The moments with their charts, and the accounts in launch with their next step."""
    charts = await _charts(context)
    return await page(context, "true_north.html.j2", "True North", (), lambda: _values(context) | {"charts": charts})


def _values(context: RequestContext) -> dict[str, Any]:
    document = context.week.document("true_north")
    segments = mapping_of(document, "segments")
    watched = [watch_words(name, facts) for name, facts in segments.items() if isinstance(facts, Mapping)]
    return {
        "true_north": document, "watched": watched, "in_launch": _in_launch(context),
        "facts": facts_of(context.week), "as_of": context.week.as_of,
    }  # fmt: skip


def _in_launch(context: RequestContext) -> list[Row]:
    """The visible accounts in launch: their row of the list and of adoption.parquet, the least likely to stay first."""
    adoption = context.week.table("adoption")
    rows = []
    for account_id in [] if adoption is None else adoption["account_id"].tolist():
        row = context.risk_list.row(account_id, context.visibility)
        if row is not None:
            rows.append({**row, **(context.accounts.adoption(account_id) or {})})
    rows.sort(key=lambda row: (row.get("adoption_probability") is None, row.get("adoption_probability") or 0.0))
    return rows


async def _charts(context: RequestContext) -> dict[str, list[tuple[str, Markup]]]:
    """Segment -> title and chart of its confirmed moment, where the run kept what they are drawn from."""
    charts: dict[str, list[tuple[str, Markup]]] = {}
    moments: Any = context.week.document("moments")  # a list, unlike the others
    for moment in moments or ():
        if not moment.get("confirmed"):
            continue
        segment = str(moment["segment"])
        for chart, arguments in _chart_arguments(moment).items():
            if len(arguments[0]):
                drawing = Drawing(f"moment_charts.{chart}", arguments, CHARTS[chart], "inline")
                svg = await inline_chart(context, ("moment", segment, chart), drawing)
                charts.setdefault(segment, []).append((CHARTS[chart], svg))
    return charts


def _chart_arguments(moment: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        "surface": (pd.DataFrame(moment.get("surface") or []), int(moment["count"]), int(moment["within_days"])),
        "retention": (pd.DataFrame(moment.get("curves") or []),),
        "stability": (pd.DataFrame(moment.get("cohorts") or []),),
    }
