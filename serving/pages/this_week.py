"""The page of this week: the list, what is at stake, what changed; and the same rows as CSV and Excel."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
from fastapi import APIRouter
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from rind.reports.look_back import look_back_sentences
from rind.reports.wording import words_of
from rind.serving.pages.feedback import row_filler
from rind.serving.pages.shared import page
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Exporter, Reader, RequestContext
from rind.serving.views.downloads import as_csv, as_workbook
from rind.serving.views.filters import ALL, ListFilter, ListOrder, ListPage, parsed
from rind.serving.views.run_facts import ORDERS, capacity, facts_of, list_order

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/", "This week")
RENEWALS = (30, 60, 90, 180)
FILTERS = ("segment", "csm", "band", "renewal_within_days", "watermelons", "not_worked", "within_capacity", "q")


@router.get("/")
async def this_week(context: Reader) -> HTMLResponse:
    """The list with filters; a CSM starts with the own accounts."""
    chosen, visibility = parsed(ListPage, context.request.query_params), context.visibility
    if visibility.only:
        chosen = chosen.model_copy(update={"csm": None})
    elif visibility.first and "csm" not in context.request.query_params:
        chosen = chosen.model_copy(update={"csm": visibility.first})
    key = (chosen, context.feedback_key(chosen), frozenset(context.feedback.snoozed))
    fill = row_filler(context)
    return await page(context, "week.html.j2", "This week", key, lambda: _values(context, chosen), fill)


@router.get("/risk-list.csv")
async def csv(context: Exporter) -> Response:
    """The rows of the page with its filters, as CSV."""
    context.request.state.action = "export"
    content = await run_in_threadpool(as_csv, _chosen_rows(context))
    return _download(context, content, "csv", "text/csv; charset=utf-8")


@router.get("/risk-list.xlsx")
async def xlsx(context: Exporter) -> Response:
    """The rows of the page with its filters, as the workbook of the weekly run."""
    context.request.state.action = "export"
    facts = replace(facts_of(context.week), currency=context.format.currency)  # that of the page beside it
    content = await run_in_threadpool(as_workbook, _chosen_rows(context), facts)
    return _download(context, content, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _chosen_rows(context: RequestContext) -> pd.DataFrame:
    chosen = parsed(ListOrder, context.request.query_params)
    positions = context.chosen(chosen)
    return context.risk_list.frame.iloc[positions].reset_index(drop=True)


def _download(context: RequestContext, content: bytes, suffix: str, media_type: str) -> Response:
    name = f"risk_list_{context.week.as_of.isoformat()}.{suffix}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _values(context: RequestContext, chosen: ListPage) -> dict[str, Any]:
    risk_list, visibility, size = context.risk_list, context.visibility, context.serving.settings.page_size
    positions = context.chosen(chosen)
    shown = positions[(chosen.page - 1) * size : chosen.page * size]
    query = _query(context, chosen)
    summary = context.summary.filtered(chosen, visibility, positions).awake(context.feedback.snoozed)
    return {
        "chosen": chosen, "query_values": query, "size": size, "pages": max(1, math.ceil(len(positions) / size)),
        "total": len(positions), "rows": rendered_rows(context, shown.tolist()),
        "everybody": len(risk_list.select(ListOrder(), visibility)),
        "segments": risk_list.segments, "csms": [] if visibility.only else risk_list.csms, "renewals": RENEWALS,
        "as_of": context.week.as_of, "facts": facts_of(context.week),
        "own_order": list_order(context.week), "orders": ORDERS,
        "capacity": capacity(context.week), "own": bool(context.visibility.first or context.visibility.only),
        "summary": summary, "look_back": look_back_sentences(context.week.as_of, summary.since),
        "filtered": any(name in query for name in FILTERS), "chosen_words": filter_words(chosen),
    }  # fmt: skip


def filter_words(chosen: ListFilter) -> list[str]:
    """What the filters choose, as a title says it: ["small business", "CSM Ben Carter", "red"]."""
    words = [
        chosen.segment and words_of(chosen.segment),
        chosen.csm and f"CSM {chosen.csm}",
        chosen.band,
        chosen.renewal_within_days is not None and f"renewal within {chosen.renewal_within_days} days",
        chosen.watermelons and "watermelons",
        chosen.not_worked and "not yet worked",
        chosen.within_capacity and "of this week's work",
        chosen.q and f"\u201c{chosen.q}\u201d in the name",
    ]
    return [word for word in words if word]


def _query(context: RequestContext, chosen: ListPage) -> dict[str, Any]:
    """The filters, order and page that the links of the page carry on; what has its default is left out."""
    defaults = {"sort": "rank", "page": 1}
    values = {name: value for name, value in chosen.model_dump().items() if value not in (None, False)}
    query = {name: value for name, value in values.items() if defaults.get(name) != value}
    if context.visibility.first and not context.visibility.only:
        query["csm"] = chosen.csm or ALL
    return query


def rendered_rows(context: RequestContext, positions: list[int]) -> list[Markup]:
    """The table rows of these accounts; each is rendered once a week and locale, whatever page shows it."""
    renderer, fmt = context.serving.renderer, context.format
    key = ("rows", context.week.version, fmt.name)
    rows: dict[int, Markup] | None = renderer.cache.get(key)
    if rows is None:
        rows = {}
        renderer.cache.put(key, rows)
    template = renderer.environment.get_template("row.html.j2")
    common = {
        "fmt": fmt,
        "as_of": context.week.as_of,
        "first_run": context.summary.first_run,
        "capacity": capacity(context.week),
    }
    for n in positions:
        if n not in rows:
            rows[n] = Markup(template.render(row=context.risk_list.records[n], **common))
    return [rows[n] for n in positions]
