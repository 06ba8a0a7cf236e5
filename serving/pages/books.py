"""The page of all books, for leadership, and the page of one CSM's book."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rind.reports.commitment_text import commitment_sentences
from rind.serving.pages.feedback import row_filler
from rind.serving.pages.shared import page
from rind.serving.problems import ProblemError
from rind.serving.quarters import quarter_in_view, quarter_name
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.books import MOST_OPEN, book_of, books, open_rows, renewals, shares
from rind.serving.views.commitments import MOST_SHOWN, committed_accounts, record_of
from rind.serving.views.filters import ALL, ListFilter, blank_is_none
from rind.serving.views.forecast import forecasts_of
from rind.serving.views.risk_list import Row
from rind.serving.views.run_facts import capacity, facts_of

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/books", "Books")


@router.get("/books")
async def all_books(context: Reader) -> HTMLResponse:
    """One line per CSM; who sees the own accounts only sees the own line."""
    key = (context.feedback.revision,)
    return await page(context, "books.html.j2", "Books", key, lambda: _all_values(context))


@router.get("/book")
async def one_book(context: Reader, csm: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The book of a CSM, one's own unless another is named: what is open, what renews when, what changed."""
    wanted = context.visibility.only or blank_is_none(csm) or context.principal.csm
    if wanted in ("", ALL):
        return RedirectResponse("/books", 303)
    rows = _rows(context, wanted)
    if not rows:
        raise ProblemError(404, "No account of this week's list carries this name as its CSM.")
    key = (wanted, context.principal.csm == wanted, context.feedback.revision)
    title = f"Book of {wanted}"
    return await page(context, "book.html.j2", title, key, lambda: _values(context, wanted, rows), row_filler(context))


def _rows(context: RequestContext, csm: str | None = None) -> list[Row]:
    positions = context.risk_list.select(ListFilter(csm=csm), context.visibility)
    return [context.risk_list.records[n] for n in positions]


def _all_values(context: RequestContext) -> dict[str, Any]:
    rows = _rows(context, context.visibility.only or None)
    listed = books(rows, context.week.as_of, context.feedback)
    return {
        "books": listed, "as_of": context.week.as_of, "facts": facts_of(context.week),
        "total": book_of("", rows, context.week.as_of, context.feedback),
        "hits": context.feedback.hits,
    }  # fmt: skip


def _commitments(context: RequestContext, csm: str, rows: list[Row]) -> dict[str, Any]:
    """What the CSM commits to for the quarter in view, and what past commitments were worth."""
    quarter = quarter_in_view(context.week.as_of)
    committed = committed_accounts(rows, quarter, context.feedback)
    return {
        "quarter": quarter_name(quarter), "committed": committed[:MOST_SHOWN], "commitments": len(committed),
        "commitment_words": commitment_sentences(record_of(forecasts_of(context.week).record, csm)),
    }  # fmt: skip


def _week_of(context: RequestContext, csm: str, rows: list[Row]) -> dict[str, Any]:
    """What a CSM is expected to manage this week, and how much of it is taken care of."""
    work = [row["account_id"] for row in rows if row.get("within_capacity")]
    done = sum(account in context.feedback.worked for account in work)
    mine = context.principal.csm == csm
    return {"capacity": capacity(context.week), "week_work": len(work), "week_done": done, "mine": mine}


def _values(context: RequestContext, csm: str, rows: list[Row]) -> dict[str, Any]:
    as_of, feedback = context.week.as_of, context.feedback
    months, state = renewals(rows, as_of), context.serving.feedback
    under_way = [
        (row, one) for row in rows for one in state.of(row["account_id"]).interventions if one.runs_on(as_of)
    ]  # fmt: skip
    waiting = open_rows(rows, feedback)
    return {
        "csm": csm, "as_of": as_of, "facts": facts_of(context.week), "book": book_of(csm, rows, as_of, feedback),
        "months": months, "shares": shares(months), "open": waiting[:MOST_OPEN], "waiting": len(waiting),
        "under_way": under_way, "summary": context.summary.of(None, csm).awake(feedback.snoozed),
        "snoozed": [row for row in rows if row["account_id"] in feedback.snoozed],
        "assigned": [row for row in _rows(context) if feedback.assigned.get(row["account_id"]) == csm],
        "csms": [] if context.visibility.only else context.risk_list.csms,
        **_week_of(context, csm, rows), **_commitments(context, csm, rows),
    }  # fmt: skip
