"""The page of one account, and its pictures."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from rind.common.families import FAMILIES
from rind.serving.pages.feedback import account_events, account_filler
from rind.serving.pages.shared import page
from rind.serving.problems import ProblemError
from rind.serving.rendering.pictures import Drawing, unavailable
from rind.serving.request_context import AccountId, Reader, RequestContext
from rind.serving.views.explanation import RENEWAL, WORTH_SAYING
from rind.serving.views.horizons import outlook
from rind.serving.views.outcomes import account_outcomes
from rind.serving.views.risk_list import Row
from rind.serving.views.run_facts import facts_of, health_bands

router = APIRouter(include_in_schema=False)
MENU = None
Chart = Literal["risk", "families", "usage", "tickets", "contacts", "surveys"]
PictureTheme = Literal["light", "dark"]
MOST_SENTENCES = 3
MOST_WEEKS = 13
WIDE_WIDTHS, WIDE_DEFAULT = {"risk": 1090, "families": 480}, 500  # pixels, without the axis
NARROW_WIDTHS, NARROW_DEFAULT = {"families": 200}, 270


@router.get("/accounts/{account_id:path}/{chart}.svg")
async def picture(
    request: Request, context: Reader, account_id: AccountId, chart: Chart, theme: PictureTheme = "light",
    narrow: bool = False,
) -> Response:  # fmt: skip
    """One chart of the account; of an account that is not on the list any more, that of its risk."""
    if context.risk_list.row(account_id, context.visibility) is None:
        await context.former(account_id)
    tag = f'"{context.week.version}-{theme}-{narrow:d}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    cache, key = context.serving.renderer.cache, ("svg", context.week.version, account_id, chart, theme, narrow)
    svg = cache.get(key)
    if svg is None:
        width = NARROW_WIDTHS.get(chart, NARROW_DEFAULT) if narrow else WIDE_WIDTHS.get(chart, WIDE_DEFAULT)
        drawing = await context.run(lambda: _drawing(context, account_id, chart, theme, width))
        try:
            svg = await context.serving.pictures.svg(drawing)
        except ProblemError as problem:  # the reader sees the message in the place of the picture
            return Response(unavailable(theme), problem.status, media_type="image/svg+xml")
        cache.put(key, svg)
    return Response(svg, media_type="image/svg+xml", headers=headers)


def _drawing(context: RequestContext, account_id: str, chart: Chart, theme: PictureTheme, width: int) -> Drawing:
    if chart == "risk":
        drawing = _risk_drawing(context, account_id, theme, width)
    elif chart == "families":
        drawing = _families_drawing(context, account_id, theme, width)
    else:
        drawing = _series_drawing(context, account_id, chart, theme, width)
    if drawing is None:
        raise ProblemError(404, "There is nothing to draw here.")
    return drawing


def _risk_drawing(context: RequestContext, account_id: str, theme: PictureTheme, width: int) -> Drawing | None:
    history = context.week.history(account_id)[["as_of", "churn_probability"]]
    if not len(history):
        return None
    ends = context.accounts.renewals(account_id)
    ends = ends[ends["term_ends_on"] >= history["as_of"].min()]
    arguments = (history, ends, facts_of(context.week).red_from, width)
    return Drawing("account_charts.risk_history", arguments, "Churn risk over the past weeks", theme)


def _families_drawing(context: RequestContext, account_id: str, theme: PictureTheme, width: int) -> Drawing | None:
    explanation = context.accounts.explanation(account_id)
    if explanation.base is None:
        return None
    return Drawing("account_charts.waterfall", (explanation.bars(), width), "From average to this account", theme)


def _series_drawing(
    context: RequestContext, account_id: str, panel: str, theme: PictureTheme, width: int
) -> Drawing | None:
    if panel not in context.accounts.panels:
        return None
    feature, title = context.accounts.panels[panel]
    points = context.accounts.points(account_id, feature)
    return Drawing("account_charts.small_series", (points, panel != "surveys", width), title, theme)


@router.get("/accounts/{account_id:path}")
async def account(context: Reader, account_id: AccountId) -> HTMLResponse:
    """Everything about one account; of one that is not on the list any more, its past."""
    row = context.risk_list.row(account_id, context.visibility)
    if row is None:
        return await _former(context, account_id)
    title = row["name"] or row["account_id"]
    url = context.request.url
    link = f"{url.scheme}://{context.request.headers['host']}{url.path}"
    events = await context.run(lambda: account_events(context, account_id))
    fill = account_filler(context, row, account_id, events)
    return await page(context, "account.html.j2", title, (account_id, link), lambda: _values(context, row, link), fill)


def _values(context: RequestContext, row: Row, link: str) -> dict[str, Any]:
    accounts, account_id = context.accounts, row["account_id"]
    explanation = accounts.explanation(account_id, row.get("segment"))
    past = accounts.lists("history", account_id, ("as_of", "churn_probability", "health_score"))
    dates = past.get("as_of", [])
    return {
        "row": row, "link": link, "as_of": context.week.as_of, "facts": facts_of(context.week),
        "accounts": len(context.risk_list.records),
        "weeks": len(dates), "first_week": dates[0] if dates else None,
        "last_weeks": list(zip(*past.values(), strict=True))[: -MOST_WEEKS - 1 : -1],
        "families": [
            {"name": name, "points": points, "log_odds": explanation.totals[name],
             "facts": explanation.strongest(MOST_SENTENCES, name, WORTH_SAYING)}
            for name, points in explanation.points.items()
        ],
        "average": explanation.average,
        "health": [(name, row.get(f"health_{name}")) for name in FAMILIES if row.get(f"health_{name}") is not None],
        "peers": accounts.similar(row), "adoption": accounts.adoption(account_id),
        "panels": {name: title for name, (_, title) in accounts.panels.items()},
        "health_from": health_bands(context.week),
        "looked_back": accounts.looked_back(account_id), "published": accounts.published(account_id),
        "renewal": RENEWAL, "own_health": row.get("health_source") == "own",
        "outcomes": account_outcomes(context.week, row, context.risk_list.median),
        "outlook": outlook(row, context.risk_list.median),
        "reasons": [row[f"reason_{n}"] for n in (1, 2, 3) if row.get(f"reason_{n}")],
    }  # fmt: skip


async def _former(context: RequestContext, account_id: str) -> HTMLResponse:
    last_row, history = await context.former(account_id)
    name, dates = last_row.get("name") or account_id, history.get("as_of") or []
    values = {
        "account_id": account_id, "name": name, "last_row": {"segment": None, "csm": None, **last_row},
        "last_score": {column: cells[-1] for column, cells in history.items() if cells},
        "weeks": len(dates), "first_week": dates[0] if dates else None,
        "as_of": context.week.as_of, "facts": facts_of(context.week),
        "happened": context.accounts.happened.get(account_id),
    }  # fmt: skip
    return await page(context, "former.html.j2", name, (account_id,), lambda: values)
