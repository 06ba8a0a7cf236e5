"""The page of the watermelons: accounts that are green outside and red inside, and how good such flags were."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from rind.common.facts.watermelons import WatermelonFigures
from rind.models.watermelons.curves import recall_within
from rind.reports.charts import MOST_MARKS
from rind.serving.pages.shared import inline_chart, page
from rind.serving.rendering.pictures import Drawing
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.filters import ListFilter
from rind.serving.views.run_facts import facts_of, health_bands

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/watermelons", "Watermelons")
RULES = {
    "watermelon": "The flags",
    "random_green": "Green accounts drawn at random",
    "lowest_health": "Lowest health among the green",
    "probability_only": "Highest risk, without the health view",
}
"""Rule of the record -> its title."""
MOST_LISTED = 50
QUADRANT = "Health score against churn risk; every account and watermelon of the picture is in the lists"
RECALL = "Share of green churn that was flagged before, beside three other rules; the shares are in the table"


@router.get("/watermelons")
async def watermelons(context: Reader) -> HTMLResponse:
    """The picture of health against risk, the list, and the record of past flags."""
    charts = {"chart": await _quadrant(context), "recall": await _recall(context)}
    return await page(context, "watermelons.html.j2", "Watermelons", (), lambda: _values(context) | charts)


def _values(context: RequestContext) -> dict[str, Any]:
    positions = context.risk_list.select(ListFilter(watermelons=True), context.visibility)
    record = (context.week.document("metrics") or {}).get("watermelons") or {}
    flags = {name: value for name, value in record.items() if isinstance(value, float | int | type(None))}
    others = record.get("baselines") or {}
    return {
        "rows": [context.risk_list.records[n] for n in positions[:MOST_LISTED]],
        "count": len(positions),
        "record": record,
        "intervals": record.get("intervals") or {},
        "rules": [(title, flags if name == "watermelon" else others[name])
                  for name, title in RULES.items() if name == "watermelon" or name in others],
        "facts": facts_of(context.week), "as_of": context.week.as_of,
        "thinned": len(context.risk_list.records) > MOST_MARKS,
    }  # fmt: skip


async def _quadrant(context: RequestContext) -> Markup:
    """Every visible account by health and risk; empty where no account has a health score."""
    frame = context.risk_list.frame.iloc[context.risk_list.select(ListFilter(), context.visibility)]
    if frame["health_score"].notna().sum() == 0:
        return Markup("")
    fmt = context.format
    names = frame["name"].fillna(frame["account_id"])
    links = {
        account: f"{name}: health {fmt.number(health)}, risk {fmt.percent(risk)}"
        for account, name, health, risk in zip(
            frame["account_id"], names, frame["health_score"], frame["churn_probability"], strict=True
        )
    }
    columns = ["account_id", "health_score", "churn_probability", "mrr", "watermelon"]
    flagged = frame.loc[frame["watermelon"].fillna(False).astype("bool"), "account_id"].head(MOST_LISTED)
    limits = health_bands(context.week)[1], facts_of(context.week).red_from
    drawing = Drawing(
        "charts.health_quadrant", (frame[columns], *limits), QUADRANT, "inline", links, focusable=frozenset(flagged)
    )
    return await inline_chart(context, ("quadrant",), drawing)


async def _recall(context: RequestContext) -> Markup:
    """Green churn flagged within 30, 60 and 90 days, beside simple rules; empty where none was measured."""
    figures = (context.week.document("metrics") or {}).get("watermelons") or WatermelonFigures()
    table = recall_within(figures)
    if table.empty:
        return Markup("")
    return await inline_chart(
        context, ("recall",), Drawing("watermelon_charts.recall_within", (table,), RECALL, "inline")
    )
