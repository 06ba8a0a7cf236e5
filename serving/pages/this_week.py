"""The page of this week: the list, what is at stake, what changed, and the same rows as CSV and Excel."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from fastapi import APIRouter
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from rind.serving.pages.shared import page
from rind.serving.rendering.locales import Format
from rind.serving.request_context import Asked, Exporter, Reader, Serving
from rind.serving.store.protocols import Week
from rind.serving.views.downloads import as_csv, as_workbook
from rind.serving.views.risk_lists import ListOrder, ListPage, parsed
from rind.serving.views.run_facts import facts_of

router = APIRouter(include_in_schema=False)
RENEWALS = (30, 60, 90, 180)


@router.get("/")
async def this_week(given: Reader) -> HTMLResponse:
    """The list with filters; a CSM starts with the own accounts."""
    asked = parsed(ListPage, given.request.query_params)
    if given.view.only:
        asked = asked.model_copy(update={"csm": None})
    elif given.view.first and "csm" not in given.request.query_params:
        asked = asked.model_copy(update={"csm": given.view.first})
    return await page(given, "week.html.j2", "This week", (asked,), lambda: _week(given, asked))


@router.get("/risk-list.csv")
async def csv(given: Exporter) -> Response:
    """The rows of the page with its filters, as CSV."""
    given.request.state.action = "export"
    frame = _chosen(given, parsed(ListOrder, given.request.query_params))
    return _file(given, await run_in_threadpool(as_csv, frame), "csv", "text/csv; charset=utf-8")


@router.get("/risk-list.xlsx")
async def xlsx(given: Exporter) -> Response:
    """The rows of the page with its filters, as the workbook of the weekly run."""
    given.request.state.action = "export"
    frame = _chosen(given, parsed(ListOrder, given.request.query_params))
    made = await run_in_threadpool(as_workbook, frame, facts_of(given.week))
    return _file(given, made, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _chosen(given: Asked, asked: ListOrder) -> pd.DataFrame:
    return given.board.frame.iloc[given.board.ordered(asked, given.view)].reset_index(drop=True)


def _file(given: Asked, body: bytes, suffix: str, kind: str) -> Response:
    name = f"risk_list_{given.week.as_of.isoformat()}.{suffix}"
    return Response(body, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def _week(given: Asked, asked: ListPage) -> dict[str, Any]:
    board, size = given.board, given.serving.settings.page_size
    rows = board.ordered(asked, given.view)
    pages = max(1, math.ceil(len(rows) / size))
    shown = rows[(asked.page - 1) * size : asked.page * size]
    filters = {name: value for name, value in asked.model_dump().items() if value not in (None, False)}
    defaults = {"sort": "rank", "page": 1}
    kept = {name: value for name, value in filters.items() if defaults.get(name) != value}
    if given.view.first and not given.view.only:
        kept["csm"] = asked.csm or "all"
    return {
        "asked": asked, "kept": kept, "size": size, "pages": pages, "total": len(rows),
        "rows": rows_of(given.serving, given.week, given.fmt, shown.tolist()),
        "everybody": len(board.select(ListOrder(), given.view)),
        "segments": board.segments, "csms": [] if given.view.only else board.csms, "renewals": RENEWALS,
        "as_of": given.week.as_of, "facts": facts_of(given.week),
        **given.serving.stakes.of(given.week).of(asked.segment, given.view.only or asked.csm),
        "filtered": any(name in kept for name in ("segment", "csm", "band", "renewal_within_days", "watermelons", "q")),
    }  # fmt: skip


def rows_of(serving: Serving, week: Week, fmt: Format, shown: list[int]) -> list[Markup]:
    """The table rows of these accounts; each is rendered once a week and locale, whatever page it stands on."""
    key = ("rows", week.version, fmt.name)
    made: dict[int, Markup] | None = serving.pages.kept.get(key)
    if made is None:
        made = {}
        serving.pages.kept.put(key, made)
    template = serving.pages.environment.get_template("row.html.j2")
    board = serving.boards.of(week)
    common = {"fmt": fmt, "as_of": week.as_of, "first_run": serving.stakes.of(week).first}
    for place in shown:
        if place not in made:
            made[place] = Markup(template.render(row=board.records[place], **common))
    return [made[place] for place in shown]
