"""The weekly list for people: CSV, workbook, page, and the plots as pictures."""

from __future__ import annotations

import pandas as pd

from rind.common.files import write_bytes, write_text
from rind.features.families import FAMILIES
from rind.models.common.frames import KEYS
from rind.pipelines.data import read, read_dates, read_json
from rind.pipelines.params import Params
from rind.pipelines.pictures import charts, draw
from rind.pipelines.runner import Progress
from rind.pipelines.training_inputs import catalogue
from rind.pipelines.workspace import Workspace
from rind.reports.charts import AnyChart, family_importance, health_quadrant
from rind.reports.excel import Business, write_workbook
from rind.reports.facts import RunFacts
from rind.reports.ledger import change_split, departures
from rind.reports.page import PageContext, render_page
from rind.reports.risk_list import changes
from rind.reports.sentences import family_totals
from rind.reports.summary import summarise
from rind.reports.tables import spreadsheet_csv
from rind.reports.watermelon_section import baselines, missed

TITLES = {
    "reliability": "Can the probabilities be trusted?",
    "gains": "How much churn the top of the list holds",
    "folds": "Ranking through time",
    "melon_recall": "Watermelons: how much green churn was flagged before",
    "melon_lead": "Watermelons: how early",
    "melon_trade_off": "Watermelons: what more flags would find, and cost",
}
"""Name of a plot -> its title on the page."""


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write risk_list.csv, risk_list.xlsx, risk_list.html and plots/*.png."""
    listed, dates, metrics = read(space.risk_list), read_dates(space.dates), read_json(space.metrics)
    earlier = read(space.previous_list)
    facts = RunFacts.of(read_json(space.facts), metrics)
    summary = summarise(listed, dates["as_of"], facts.horizon_days)
    progress("spreadsheet")
    write_bytes(space.risk_list_csv, spreadsheet_csv(listed).encode())
    write_workbook(space.risk_list_xlsx, listed, summary, facts, business_of(space))
    progress("page")
    record = read_json(space.ledger)
    before = earlier if len(earlier) else None
    context = PageContext(
        facts,
        listed,
        summary,
        changes(listed, before, params.risk.watch_top, departures=departures(record)),
        _charts(space, params, listed, facts.red_from),
        params.page.top,
        record=baselines(metrics["watermelons"]),
        missed=missed(*_post_mortem(space)) if space.green_churn.exists() else {},
        ledger=record,
        split=change_split(listed, earlier, record) if before is not None else [],
    )
    write_text(space.risk_list_html, render_page(context))
    draw(space, space.plots)


def business_of(space: Workspace) -> Business:
    """The numbers, the forecast and the commitments; empty where their parts failed."""
    places = (space.kpis, space.forecast, space.forecast_months, space.commitments)
    return Business(*(read(place) if place.exists() else pd.DataFrame() for place in places))


def _post_mortem(space: Workspace) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, str], dict[str, str]]:
    """Green churn, the features of the last dates, the catalogue, who is who, and each family's tables."""
    gone = read(space.green_churn)
    then = read(space.features, days=gone["as_of"].dt.date.unique()) if len(gone) else gone[KEYS]
    accounts = pd.read_parquet(space.tables / "accounts.parquet", columns=["account_id", "name"])
    names = dict(zip(accounts["account_id"], accounts["name"], strict=True))
    tables = {name: ", ".join(family.NEEDS) for name, family in FAMILIES.items()}
    return gone, gone[KEYS].merge(then, on=KEYS, how="left"), catalogue(space), names, tables


def _charts(space: Workspace, params: Params, listed: pd.DataFrame, red_from: float) -> dict[str, AnyChart]:
    """Title -> chart, in the order of the page."""
    titled = {TITLES[name]: chart for name, chart in charts(space).items()}
    texts = ["account_id", "family"]
    explanations = read(space.explanations, [*texts, "shap_value"], repeated=texts)
    totals = family_totals(explanations).reindex(listed["account_id"])
    mean = totals.abs().mean().rename("importance").rename_axis("family").reset_index()
    titled["What moves the scores"] = family_importance(mean)
    if listed["health_score"].notna().any():
        titled["Green outside, red inside"] = health_quadrant(listed, params.health.green_from, red_from)
    return titled
