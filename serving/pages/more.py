"""Watermelons, True North, the model, the audit log."""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from rind.models.watermelons.curves import recall_within
from rind.reports.charts import MOST_MARKS
from rind.serving.pages.shared import page
from rind.serving.rendering.pictures import Drawing
from rind.serving.request_context import Asked, Reader, needs
from rind.serving.views.model import model_values
from rind.serving.views.risk_lists import ListFilter
from rind.serving.views.run_facts import facts_of, health_bands

router = APIRouter(include_in_schema=False)
RULES = {
    "watermelon": "The flags",
    "random_green": "Green accounts by lot",
    "lowest_health": "Lowest health among the green",
    "probability_only": "Highest risk, without the health view",
}
MOST_LISTED = 50
MOMENT_CHARTS = {
    "surface": "Every count and window that was tried",
    "retention": "Those that reached it and those that did not",
    "stability": "Does it hold, cohort by cohort?",
}


@router.get("/watermelons")
async def watermelons(given: Reader) -> HTMLResponse:
    """Green outside, red inside: the picture, the list, the record."""
    drawn = {"chart": await _quadrant(given), "recall": await _recall(given)}
    return await page(given, "watermelons.html.j2", "Watermelons", (), lambda: _melons(given) | drawn)


async def _quadrant(given: Asked) -> Markup:
    frame = given.board.frame.iloc[given.board.select(ListFilter(), given.view)]
    if frame["health_score"].notna().sum() == 0:
        return Markup("")
    fmt = given.fmt
    names = frame["name"].fillna(frame["account_id"])
    links = {
        account: f"{name}: health {fmt.number(health)}, risk {fmt.percent(risk)}"
        for account, name, health, risk in zip(
            frame["account_id"], names, frame["health_score"], frame["churn_probability"], strict=True
        )
    }
    columns = ["account_id", "health_score", "churn_probability", "mrr", "watermelon"]
    melons = frame.loc[frame["watermelon"].fillna(False).astype("bool"), "account_id"].head(MOST_LISTED)
    drawing = Drawing(
        "charts.health_quadrant", (frame[columns], health_bands(given.week)[1], facts_of(given.week).red_from),
        "Health score against churn risk; every account and watermelon of the picture is in the lists", "inline", links,
        frozenset(melons),
    )  # fmt: skip
    return await inline(given, ("quadrant",), drawing)


async def _recall(given: Asked) -> Markup:
    """Green churn that was flagged within 30, 60 and 90 days, beside simple rules; nothing where none was measured."""
    table = recall_within((given.week.document("metrics") or {}).get("watermelons") or {})
    if table.empty:
        return Markup("")
    title = "Share of green churn that was flagged before, beside three other rules; the shares are in the table"
    return await inline(given, ("recall",), Drawing("melon_charts.recall_within", (table,), title, "inline"))


async def inline(given: Asked, key: tuple[str, ...], drawing: Drawing) -> Markup:
    """A chart for the inside of a page, drawn once a week, locale and view."""
    whole = ("inline", *given.base, given.fmt.name, *key)
    kept = given.serving.pages.kept.get(whole)
    if kept is None:
        kept = Markup(await given.serving.pictures.svg(drawing))
        given.serving.pages.kept.put(whole, kept)
    found: Markup = kept
    return found


def _melons(given: Asked) -> dict[str, Any]:
    rows = given.board.select(ListFilter(watermelons=True), given.view)
    record = (given.week.document("metrics") or {}).get("watermelons") or {}
    own = {name: value for name, value in record.items() if isinstance(value, float | int | type(None))}
    others = record.get("baselines") or {}
    return {
        "rows": [given.board.records[n] for n in rows[:MOST_LISTED]],
        "count": len(rows),
        "record": record,
        "intervals": record.get("intervals") or {},
        "rules": [(words, own if name == "watermelon" else others[name])
                  for name, words in RULES.items() if name == "watermelon" or name in others],
        "facts": facts_of(given.week), "as_of": given.week.as_of, "thinned": len(given.board.records) > MOST_MARKS,
    }  # fmt: skip


@router.get("/true-north")
async def true_north(given: Reader) -> HTMLResponse:
    """The moments after which accounts stay, and the accounts in launch."""
    drawn = await _moment_charts(given)
    return await page(given, "true_north.html.j2", "True North", (), lambda: _true_north(given) | {"charts": drawn})


async def _moment_charts(given: Asked) -> dict[str, list[tuple[str, Markup]]]:
    """Segment -> the charts of its confirmed moment, where the run kept what they are drawn from."""
    found: dict[str, list[tuple[str, Markup]]] = {}
    details: Any = given.week.document("moments")  # a list, unlike the others
    for detail in details or ():
        if not detail.get("confirmed"):
            continue
        segment = str(detail["segment"])
        given_to: dict[str, tuple[Any, ...]] = {
            "surface": (pd.DataFrame(detail["surface"]), int(detail["count"]), int(detail["within_days"])),
            "retention": (pd.DataFrame(detail["curves"]),),
            "stability": (pd.DataFrame(detail["cohorts"]),),
        }
        for chart, frames in given_to.items():
            if len(frames[0]):
                drawing = Drawing(f"moment_charts.{chart}", frames, MOMENT_CHARTS[chart], "inline")
                svg = await inline(given, ("moment", segment, chart), drawing)
                found.setdefault(segment, []).append((MOMENT_CHARTS[chart], svg))
    return found


def _true_north(given: Asked) -> dict[str, Any]:
    found = given.week.document("true_north")
    adoption = given.week.table("adoption")
    young = []
    for account_id in [] if adoption is None else adoption["account_id"].tolist():
        row = given.board.visible(account_id, given.view)
        if row is not None:
            young.append({**row, **(given.told.young(account_id) or {})})
    young.sort(key=lambda row: (row.get("adoption_probability") is None, row.get("adoption_probability") or 0.0))
    return {"found": found, "young": young, "facts": facts_of(given.week), "as_of": given.week.as_of}


@router.get("/model")
async def model(given: Reader) -> HTMLResponse:
    """For the data scientist: figures with intervals, curves, drift, versions, the catalogue."""
    drawn = {
        "Can the probabilities be trusted?": ("charts.reliability", "reliability"),
        "Lift: how much of the churn the top of the list holds": ("charts.gains", "gains"),
        "Ranking through time": ("charts.auc_over_folds", "folds"),
    }
    charts = {}
    for title, (chart, name) in drawn.items():
        table = given.week.table(name)
        if table is not None and len(table):
            shown = table[table["model"] != "boosting"]
            charts[title] = await inline(given, ("model", name), Drawing(chart, (shown,), title, "inline"))
    url = given.serving.settings.mlflow_url.rstrip("/")
    return await page(
        given, "model.html.j2", "Model", (), lambda: model_values(given.week) | {"charts": charts, "mlflow_url": url}
    )


@router.get("/audit")
async def audit(
    request: Request, given: Annotated[Asked, needs("audit")], who: Annotated[str, Query(max_length=100)] = "",
    action: Annotated[str, Query(max_length=30)] = "",
) -> HTMLResponse:  # fmt: skip
    """Who saw and exported what; for admins."""
    events = given.serving.access.events(200, who, action)
    template = given.serving.pages.environment.get_template("audit.html.j2")
    names = sorted(user["name"] for user in given.serving.access.users())
    content = Markup(template.render(events=events, who=who, action=action, names=names, fmt=given.fmt))
    text = given.serving.pages.frame(content, "Audit log", given.who, request.url.path, given.fmt)
    return HTMLResponse(text)
