"""The page of the forecast: what will be there at the quarters' ends, and what past forecasts were worth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil, floor
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from rind.common.quarters import end_of
from rind.reports.commitment_text import MEANINGS, TITLES, commitment_sentences
from rind.reports.forecast_picture import quarters_picture, shares
from rind.serving.pages.shared import page
from rind.serving.quarters import quarter_in_view, quarter_name
from rind.serving.rendering.locales import Format
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.commitments import committed_sums, record_of
from rind.serving.views.filters import ListFilter, Text
from rind.serving.views.forecast import ALL, Forecasts, Key, Row, forecasts_of
from rind.serving.views.run_facts import facts_of

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/forecast", "Forecast")
PICTURE = "Share of the ARR still there at the end of each quarter: forecast, interval and what came; figures are below"
Line = Annotated[Text, Query()]


@router.get("/forecast")
async def forecast(context: Reader, segment: Line = None, csm: Line = None) -> HTMLResponse:
    """The forecast of all accounts, a segment or a CSM; who sees the own accounts only sees the own forecast."""
    only = context.visibility.only
    who = only or csm or ALL
    key = ((segment or ALL) if who == ALL else ALL, who)
    left_out = (segment or ALL) != key[0]
    depends = (*key, left_out, context.feedback.revision)
    return await page(
        context,
        "forecast.html.j2",
        "Forecast",
        depends,
        lambda: _values(context, key, left_out) | _commitments(context, key),
    )


def _values(context: RequestContext, key: Key, segment_left_out: bool) -> dict[str, Any]:
    known, only, fmt = forecasts_of(context.week), context.visibility.only, context.format
    coming, past = known.coming(key), known.past(key)
    main = main_quarter(coming, context.week.as_of)
    return {
        "facts": facts_of(context.week), "as_of": context.week.as_of, "key": key, "only": only, "coming": coming,
        "past": past[::-1], "main": main, "months": known.months(key),
        "record": known.record if key == (ALL, ALL) else {}, "end_of": end_of,
        "name": quarter_name, "picture": _picture(past, main, fmt), "segments": [] if only else known.names(0),
        "csms": [only] if only else known.names(1), "by_segment": _by(known, 0, main, only),
        "by_csm": _by(known, 1, main, only), "segment_left_out": segment_left_out,
        "notes": known.record.get("notes") or [],
    }  # fmt: skip


def _commitments(context: RequestContext, key: Key) -> dict[str, Any]:
    """What CSMs commit to for the quarter in view, and what past commitments were worth; of a segment no record."""
    segment, csm = (None if name == ALL else name for name in key)
    quarter = quarter_in_view(context.week.as_of)
    positions = context.risk_list.select(ListFilter(segment=segment, csm=csm), context.visibility)
    rows = [context.risk_list.records[n] for n in positions]
    past = [] if segment else record_of(forecasts_of(context.week).record, key[1])
    return {
        "quarter": quarter, "committed": committed_sums(rows, quarter, context.feedback), "listed": bool(rows),
        "past_commitments": past, "commitment_words": commitment_sentences(past), "meanings": MEANINGS,
        "titles": TITLES,
    }  # fmt: skip


def main_quarter(coming: Sequence[Row], as_of: date) -> Row | None:
    """The forecast of the quarter that a reader comes for, or the last one that there is."""
    ahead = [row for row in coming if row["quarter"] >= quarter_in_view(as_of)]
    return ahead[0] if ahead else (coming[-1] if coming else None)


def _by(known: Forecasts, dimension: int, main: Row | None, only: str) -> list[Row]:
    return [] if main is None or (only and dimension == 0) else known.by(dimension, main["quarter"], only)


def _picture(past: Sequence[Row], main: Row | None, fmt: Format) -> Any:
    rows = [(quarter_name(row["quarter"]), row) for row in (*past, *([main] if main else [])) if row.get("arr")]
    every = [share for _, row in rows for share in shares(row).values()]
    if not every:
        return ""
    low, high = floor(50 * min(every)) / 50, ceil(50 * max(every)) / 50
    steps = max(round((high - low) / 0.02), 1)
    stride = ceil(steps / 6)
    ticks = {round(low + 0.02 * n, 2): fmt.percent(low + 0.02 * n) for n in range(0, steps + 1, stride)}
    ticks.setdefault(high, fmt.percent(high))
    return quarters_picture(rows, PICTURE, ticks)
