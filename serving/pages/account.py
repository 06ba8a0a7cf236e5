"""The page of one account, and its pictures."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from rind.serving.pages.shared import page
from rind.serving.problems import ProblemError
from rind.serving.rendering.pictures import Drawing, sorry
from rind.serving.request_context import AccountId, Asked, Reader
from rind.serving.views.account import FAMILIES, WORTH_SAYING
from rind.serving.views.run_facts import facts_of, health_bands

router = APIRouter(include_in_schema=False)
Chart = Literal["risk", "families", "usage", "tickets", "contacts", "surveys"]
SENTENCES = 3
LATELY = 13  # weeks
WIDE, SMALL = {"risk": 1090, "families": 480}, 500  # pixels, without the axis
NARROW, SLIM = {"families": 200}, 270


@router.get("/accounts/{account_id:path}/{chart}.svg")
async def picture(
    request: Request, given: Reader, account_id: AccountId, chart: Chart, theme: Literal["light", "dark"] = "light",
    narrow: bool = False,
) -> Response:  # fmt: skip
    """One chart of the account; of a former one, that of its risk."""
    if given.board.visible(account_id, given.view) is None:
        await given.former(account_id)
    tag = f'"{given.week.version}-{theme}-{narrow:d}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    key = ("svg", given.week.version, account_id, chart, theme, narrow)
    svg = given.serving.pages.kept.get(key)
    if svg is None:
        drawing = await given.work(lambda: _drawing(given, account_id, chart, theme, narrow))
        try:
            svg = await given.serving.pictures.svg(drawing)
        except ProblemError as problem:  # said where the picture would be
            return Response(sorry(theme), problem.status, media_type="image/svg+xml")
        given.serving.pages.kept.put(key, svg)
    return Response(svg, media_type="image/svg+xml", headers=headers)


@router.get("/accounts/{account_id:path}")
async def account(given: Reader, account_id: AccountId) -> HTMLResponse:
    """Everything about one account; of one that is not on the list any more, its past."""
    row = given.board.visible(account_id, given.view)
    if row is None:
        return await _former(given, account_id)
    title = row["name"] or row["account_id"]
    link = f"{given.request.url.scheme}://{given.request.headers['host']}{given.request.url.path}"
    return await page(given, "account.html.j2", title, (account_id, link), lambda: _account(given, row, link))


async def _former(given: Asked, account_id: str) -> HTMLResponse:
    found = await given.former(account_id)
    before, past = found["before"], found["past"]
    name, days = before.get("name") or account_id, past.get("as_of") or []
    values = {
        "account_id": account_id, "name": name, "before": {"segment": None, "csm": None, **before},
        "last": {column: cells[-1] for column, cells in past.items() if cells},
        "weeks": len(days), "first_week": days[0] if days else None,
        "as_of": given.week.as_of, "facts": facts_of(given.week),
    }  # fmt: skip
    return await page(given, "former.html.j2", name, (account_id,), lambda: values)


def _drawing(given: Asked, account_id: str, chart: Chart, theme: Literal["light", "dark"], narrow: bool) -> Drawing:
    told = given.told
    width = NARROW.get(chart, SLIM) if narrow else WIDE.get(chart, SMALL)
    if chart == "risk":
        history = given.week.history(account_id)[["as_of", "churn_probability"]]
        if len(history):
            ends = told.renewals(account_id)
            ends = ends[ends["term_ends_on"] >= history["as_of"].min()]
            frames = (history, ends, facts_of(given.week).red_from, width)
            return Drawing("account_charts.risk_history", frames, "Churn risk over the past weeks", theme)
    elif chart == "families":
        explained = told.explained(account_id)
        if explained.base is not None:
            return Drawing(
                "account_charts.waterfall", (explained.parts(), width), "From average to this account", theme
            )
    else:
        feature, title = told.panels.get(chart, ("", ""))
        points = told.points(account_id, feature) if feature else None
        if points is not None:
            return Drawing("account_charts.small_series", (points, chart != "surveys", width), title, theme)
    raise ProblemError(404, "There is nothing to draw here.")


def _account(given: Asked, row: dict[str, Any], link: str) -> dict[str, Any]:
    told, account_id = given.told, row["account_id"]
    explained = told.explained(account_id)
    past = told.lists("history", account_id, ("as_of", "churn_probability", "health_score"))
    dates = past.get("as_of", [])
    return {
        "row": row, "link": link, "as_of": given.week.as_of, "facts": facts_of(given.week),
        "accounts": len(given.board.records),
        "weeks": len(dates), "first_week": dates[0] if dates else None,
        "lately": list(zip(*past.values(), strict=True))[: -LATELY - 1 : -1],
        "families": [
            {"name": name, "by": by, "facts": explained.strongest(SENTENCES, name, WORTH_SAYING)}
            for name, by in explained.totals.items()
        ],
        "health": [(name, row.get(f"health_{name}")) for name in FAMILIES if row.get(f"health_{name}") is not None],
        "peers": told.like(row), "young": told.young(account_id),
        "panels": {name: title for name, (_, title) in told.panels.items()},
        "health_from": health_bands(given.week),
        "reasons": [row[f"reason_{n}"] for n in (1, 2, 3) if row.get(f"reason_{n}")],
    }  # fmt: skip
