"""One page for the board, to be printed: retention, forecast, the quarter, the largest risks, what worked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from rind.reports.board_text import departures_sentence, effects_in_money
from rind.reports.small_multiples import line
from rind.serving.pages.forecast import main_quarter
from rind.serving.pages.shared import page
from rind.serving.quarters import quarter_name
from rind.serving.rendering.locales import Format
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.documents import listed_objects
from rind.serving.views.filters import ListFilter
from rind.serving.views.forecast import ALL, forecasts_of
from rind.serving.views.numbers import MOVEMENTS, Key, Numbers, numbers_of
from rind.serving.views.risk_list import Row
from rind.serving.views.run_facts import facts_of

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/board", "Board")
TRENDS = ("nrr_12m", "grr_12m", "logo_churn_12m", "arr")
MOST_RISKS = 5
MONTHS_OF_A_QUARTER = 3


@router.get("/board")
async def board(context: Reader) -> HTMLResponse:
    """The sheet over all accounts; who sees the own accounts only gets that of the own book."""
    return await page(context, "board.html.j2", "Board", (), lambda: _values(context))


def _values(context: RequestContext) -> dict[str, Any]:
    only = context.visibility.only
    known, forecasts = numbers_of(context.week), forecasts_of(context.week)
    key: Key = (ALL, only or ALL, ALL)
    departures = known.notes.get("bands_and_departures")
    record: Mapping[str, Any] = departures if isinstance(departures, dict) and not only else {}
    return {
        "facts": facts_of(context.week), "as_of": context.week.as_of, "only": only, "name": quarter_name,
        "trends": [trend for metric in TRENDS if (trend := _trend(known, key, metric, context.format))],
        "main": main_quarter(forecasts.coming((ALL, only or ALL)), context.week.as_of),
        "words": [] if only else forecasts.record.get("words") or [],
        "quarter": quarter_of_movements(known, key), "sentence": departures_sentence(record),
        "until": record.get("until"), "risks": _risks(context), "worked": [] if only else _worked(context),
    }  # fmt: skip


def _worked(context: RequestContext) -> list[str]:
    """What worked, in money; nothing where the run did not look at it."""
    document = context.week.document("effects")
    return [] if document is None else effects_in_money(listed_objects(document, "effects"), context.format.money)


def _trend(known: Numbers, key: Key, metric: str, fmt: Format) -> dict[str, Any] | None:
    series = known.series(key, metric)
    if series is None:
        return None
    write = fmt.share if series.metric.kind == "percent" else fmt.money
    picture: Markup = line(series.values, f"{series.metric.title} over the last months", int(series.is_partial))
    return {"series": series, "picture": picture, "latest": write(series.latest), "year_ago": write(series.year_ago)}


def quarter_of_movements(known: Numbers, key: Key) -> dict[str, Any] | None:
    """The revenue movements of the last three whole months together: their months, and each amount a month."""
    rows = known.movements(key, MONTHS_OF_A_QUARTER)[::-1]
    if not rows:
        return None
    months: list[date] = [month for month, _ in rows]
    sums = {name: sum(row[name] for _, row in rows) for name in MOVEMENTS}
    ends = {"mrr_start": rows[0][1]["mrr_start"], "mrr_end": rows[-1][1]["mrr_end"]}
    return {"from": months[0], "to": months[-1], "partial": known.is_partial(months[-1]), **sums, **ends}


def _risks(context: RequestContext) -> list[Row]:
    positions = context.risk_list.select(ListFilter(), context.visibility)
    rows = [context.risk_list.records[n] for n in positions]
    return sorted(rows, key=lambda row: -(row["mrr_at_risk"] or 0.0))[:MOST_RISKS]
