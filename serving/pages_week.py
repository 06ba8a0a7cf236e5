"""The page of this week: the list, what is at stake, what changed, and the same rows as CSV and Excel."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from fastapi import APIRouter
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from reports.risk_list import changes
from reports.summary import summarise
from serving.context import Asked, Exporter, Reader
from serving.downloads import as_csv, as_workbook
from serving.facts import facts_of
from serving.lists import ListOrder, ListPage, parsed, records
from serving.pages import page

router = APIRouter(include_in_schema=False)
RENEWALS = (30, 60, 90, 180)
FEW = 5
TOP = 50


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
        "rows": _rows(given, shown.tolist()), "everybody": len(board.select(ListOrder(), given.view)),
        "segments": board.segments, "csms": [] if given.view.only else board.csms, "renewals": RENEWALS,
        "as_of": given.week.as_of, "facts": facts_of(given.week), **_stake(given, asked),
        "filtered": any(name in kept for name in ("segment", "csm", "band", "renewal_within_days", "watermelons", "q")),
    }  # fmt: skip


def _rows(given: Asked, shown: list[int]) -> list[Markup]:
    """The table rows of these accounts; each is rendered once a week and locale, whatever page it stands on."""
    fmt, pages = given.fmt, given.serving.pages
    key = ("rows", given.week.version, fmt.name)
    made: dict[int, Markup] | None = pages.kept.get(key)
    if made is None:
        made = {}
        pages.kept.put(key, made)
    template = pages.environment.get_template("row.html.j2")
    previous = given.week.table("previous_list")
    common = {"fmt": fmt, "as_of": given.week.as_of, "first_run": previous is None or previous.empty}
    for place in shown:
        if place not in made:
            made[place] = Markup(template.render(row=given.board.records[place], **common))
    return [made[place] for place in shown]


def _stake(given: Asked, asked: ListPage) -> dict[str, Any]:
    """Sums and moves of the whole book that segment and CSM choose; the other filters only narrow the table."""
    book = ListOrder(segment=asked.segment, csm=asked.csm)
    key = ("stake", given.base, book)
    kept: dict[str, Any] | None = given.serving.pages.kept.get(key)
    if kept is None:
        kept = _sums(given, book)
        given.serving.pages.kept.put(key, kept)
    return kept


def _sums(given: Asked, book: ListOrder) -> dict[str, Any]:
    frame = given.board.frame.iloc[given.board.select(book, given.view)]
    before = _before(given, book)
    moved = changes(frame, before, _watched(given), movers=FEW)
    return {
        "totals": summarise(frame, given.week.as_of).totals,
        "was": None if before is None else summarise(before, given.week.as_of).totals,
        "moved": {name: records(getattr(moved, name).head(FEW)) for name in ("new", "gone", "movers")},
        "counts": {name: len(getattr(moved, name)) for name in ("new", "gone")},
        "first_run": moved.first_run, "top": moved.top,
        "since": (given.week.document("run") or {}).get("previous_as_of"),
    }  # fmt: skip


def _watched(given: Asked) -> int:
    run = given.week.document("run") or {}
    return int((run.get("parameters") or {}).get("risk", {}).get("watch_top", TOP))


def _before(given: Asked, book: ListOrder) -> pd.DataFrame | None:
    """The same book in the list of the week before; None where there was none."""
    listed = given.week.table("previous_list")
    if listed is None or listed.empty:
        return None
    for column, wanted in (("csm", given.view.only or None), ("segment", book.segment), ("csm", book.csm)):
        if wanted is not None:
            listed = listed[listed[column] == wanted]
    return listed
