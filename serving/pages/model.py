"""The page of the model, for data scientists: figures with intervals, curves, drift, versions, the catalogue."""

from __future__ import annotations

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from rind.serving.pages.shared import inline_chart, page
from rind.serving.rendering.pictures import Drawing
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.model import model_values

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/model", "Model")
CHARTS = {
    "Can the probabilities be trusted?": ("charts.reliability", "reliability"),
    "Lift: how much of the churn the top of the list holds": ("charts.gains", "gains"),
    "Ranking through time": ("charts.auc_over_folds", "folds"),
}
"""Title -> the chart, and the table that it draws."""


@router.get("/model")
async def model(context: Reader) -> HTMLResponse:
    """How good the model is, and which one scored the list."""
    charts = await _charts(context)
    mlflow_url = context.serving.settings.mlflow_url.rstrip("/")
    return await page(
        context, "model.html.j2", "Model", (),
        lambda: model_values(context.week, context.format) | {"charts": charts, "mlflow_url": mlflow_url},
        lambda name, _: _hits(context) if name == "hits" else "",
    )  # fmt: skip


def _hits(context: RequestContext) -> str:
    """How many reasons were judged useful, by feature; it changes within the week."""
    catalogue = (context.week.document("catalogue") or {}).get("features") or []
    words = {str(feature["name"]): str(feature.get("description") or feature["name"]) for feature in catalogue}
    values = {"hits": context.feedback.hits, "words": words, "fmt": context.format}
    return context.serving.renderer.render("hit_rate.html.j2", **values)


async def _charts(context: RequestContext) -> dict[str, Markup]:
    charts = {}
    for title, (chart, name) in CHARTS.items():
        table = context.week.table(name)
        if table is not None and len(table):
            rows = table[table["model"] != "boosting"]
            charts[title] = await inline_chart(context, ("model", name), Drawing(chart, (rows,), title, "inline"))
    return charts
