"""The page of the numbers of customer success: small pictures through time, each with its definition."""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import HTMLResponse

from rind.reports.formats import NOTHING
from rind.reports.kpi_text import Kind
from rind.reports.small_multiples import line
from rind.serving.pages.shared import inline_chart, page
from rind.serving.rendering.locales import Format
from rind.serving.rendering.pictures import Drawing
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.filters import Text
from rind.serving.views.numbers import ALL, SHOWN, Key, Numbers, Series, numbers_of
from rind.serving.views.run_facts import facts_of

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/numbers", "Numbers")
MONTHS_OF_MOVEMENTS = 13
FUNNEL = "Departures of each book against those that the model expected; every book is in the table"
Line = Annotated[Text, Query()]


@router.get("/numbers")
async def numbers(context: Reader, segment: Line = None, csm: Line = None, plan: Line = None) -> HTMLResponse:
    """The numbers of all accounts, of a segment, of a plan, or of a CSM; who sees the own ones only sees those."""
    known = numbers_of(context.week)
    key = chosen(context.visibility.only, segment, csm, plan)
    left_out = {"plan_left_out": (plan or ALL) != key[2]}
    drawn = {"funnel": await _funnel(context, known)}
    return await page(
        context,
        "numbers.html.j2",
        "Numbers",
        (*key, *left_out.values()),
        lambda: _values(context, known, key) | left_out | drawn,
    )


def chosen(only: str, segment: str | None, csm: str | None, plan: str | None) -> Key:
    """Whose numbers are shown. By plan and CSM at once there are none: the CSM wins."""
    who = only or csm or ALL
    return (segment or ALL, who, (plan or ALL) if who == ALL else ALL)


def _values(context: RequestContext, known: Numbers, key: Key) -> dict[str, Any]:
    only = context.visibility.only
    return {
        "facts": facts_of(context.week), "key": key, "notes": known.notes.get("notes") or [], "only": only,
        "groups": [(title, [_card(series, context.format, known) for series in listed])
                   for title, listed in known.groups(key)],
        "movements": known.movements(key, MONTHS_OF_MOVEMENTS), "is_partial": known.is_partial,
        "segments": known.names(0), "csms": [only] if only else known.names(1), "plans": known.names(2),
        "books": known.churn_by_csm(only),
        "horizon_days": known.notes.get("horizon_days"), "compared_until": known.notes.get("compared_until"),
    }  # fmt: skip


def _card(series: Series, fmt: Format, known: Numbers) -> dict[str, Any]:
    metric = series.metric
    partial = sum(known.is_partial(month) for month in known.months[-SHOWN:]) if series.is_partial else 0
    words = f"{metric.title} over the last {len(series.values)} months, now {written(series.latest, metric.kind, fmt)}"
    return {
        "metric": metric, "series": series, "picture": line(series.values, words, partial),
        "latest": written(series.latest, metric.kind, fmt), "year_ago": written(series.year_ago, metric.kind, fmt),
        "mean": written(series.mean, metric.kind, fmt),
    }  # fmt: skip


def written(value: float | None, kind: Kind, fmt: Format) -> str:
    """A number as its kind is written; a dash where it is missing."""
    if value is None or pd.isna(value):
        return NOTHING
    if kind == "percent":
        return fmt.share(value)
    if kind == "score":
        return fmt.number(value, 1)
    if kind == "times":
        return f"{fmt.number(value, 1)} times"
    return {"money": fmt.money, "arr": fmt.arr, "number": fmt.number}[kind](value)


async def _funnel(context: RequestContext, known: Numbers) -> Markup:
    """The books against chance; empty where one book alone may be seen, or none can be compared."""
    books = pd.DataFrame(known.churn_by_csm())
    if context.visibility.only or len(books) < 2 or not (books["expected"] > 0).all():
        return Markup("")
    return await inline_chart(context, ("funnel",), Drawing("book_charts.churn_funnel", (books,), FUNNEL, "inline"))
