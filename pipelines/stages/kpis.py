"""The numbers of customer success, month by month, and churn by CSM beside what the model expected."""

from __future__ import annotations

import glob
from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd
from ibis import _

from rind.features.book.kpis import (
    ADOPTION,
    Book,
    acquisition,
    ages,
    essential_asked,
    kpis,
    money_cells,
    whole_months,
)
from rind.features.book.movements import month_after
from rind.features.book.roll_up import ALL, DIMENSIONS, rolled_up
from rind.features.book.roll_up import measured as measured_rows
from rind.features.storage import load, present
from rind.models.book.bands_and_departures import bands_and_departures
from rind.models.book.csm_churn import churn_by_csm, compared_until
from rind.models.book.lifetime import lifetime_values, value_against_cost
from rind.models.book.moment_share import moment_cells
from rind.pipelines.data import read, read_dates, read_json, write, write_document
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress, in_a_line
from rind.pipelines.workspace import Workspace
from rind.reports.kpi_text import kpi_notes


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write kpis.parquet and kpi_notes.json."""
    tables, dates = load(space.tables), read_dates(space.dates)
    months = whole_months(tables, dates["data_end"], dates["as_of"], params.book.months)
    book = Book(tables, dates["as_of"], months, params.labels.grace_days, params.money.currency)
    progress("revenue, answers, tickets")
    health = tables["accounts"].get_backend().read_parquet(glob.escape(str(space.health)))
    has_costs = "costs" in present(space.tables)
    measured: pd.DataFrame = kpis(book, health, has_costs).to_pandas()
    progress("lifetime value")
    values = lifetime_values(ages(money_cells(book)).to_pandas(), params.book)
    over_cost = [value_against_cost(values, acquisition(book).to_pandas())] if has_costs else []
    worth = pd.concat([values, *over_cost]).assign(csm=ALL, plan=ALL)
    order = ["month", "segment", "csm", "plan", "metric"]
    progress("adoption")
    past, failed = adoption_or_why_not(space, book)
    every = pd.concat([measured, *(part[measured.columns] for part in (worth, past) if len(part))])
    write(every.assign(month=pd.to_datetime(every["month"])).sort_values(order, ignore_index=True), space.kpis)
    progress("churn by CSM")
    write_document(space.kpi_notes, _document(space, params, book, read(space.predictions), failed))


def no_moment_confirmed(space: Workspace) -> bool:
    """Whether True North ended and confirmed no moment; it may be missing this week, and then nothing is said of it."""
    if not space.true_north.exists():
        return False
    return not any(moment["confirmed"] for moment in read_json(space.true_north)["moments"])


def adoption_or_why_not(space: Workspace, book: Book) -> tuple[pd.DataFrame, str]:
    """The rows of `adoption`, and why there are none where it failed: that must not take the other numbers with it."""
    try:
        return adoption(space, book), ""
    except Exception as error:  # noqa: BLE001  whatever it is, it must not take the other numbers with it
        return pd.DataFrame(), in_a_line(error)


def adoption(space: Workspace, book: Book) -> pd.DataFrame:
    """Share of customers past the True North moment, as the rows of kpis.parquet; none where no moment is confirmed.

    True North may be missing this week: then nothing is told of it.
    """
    places = (space.cohorts, space.early, space.true_north)
    moments = read_json(space.true_north)["moments"] if all(place.exists() for place in places) else []
    if not any(moment["confirmed"] for moment in moments):
        return pd.DataFrame()
    paying = money_cells(book).filter(_.accounts_end == 1)
    customers = paying.select("account_id", "month", "segment", "csm", "plan").to_pandas()
    cells = moment_cells(customers, read(space.cohorts, ["account_id", "signed_on"]), read(space.early), moments)
    if cells.empty:
        return pd.DataFrame()
    texts = {name: cells[name].astype("object").where(cells[name].notna(), "") for name in DIMENSIONS}
    table = ibis.memtable(cells.assign(**texts, month=pd.to_datetime(cells["month"]).dt.date))
    rows: pd.DataFrame = measured_rows(rolled_up(table, ["moment_reached", "moment_counted"]), ADOPTION).to_pandas()
    return rows


def _document(
    space: Workspace, params: Params, book: Book, predictions: pd.DataFrame, adoption_failed: str
) -> dict[str, Any]:
    who = book.who.to_pandas().set_index("account_id")["csm"].fillna("")
    named = predictions.assign(csm=predictions["account_id"].map(who).fillna(""))
    settings = params.book
    compared = churn_by_csm(named, params.labels.horizon_days, settings.csm_churn_days, settings.csm_error_rate)
    until = compared_until(named)
    has_essential, costs = essential_asked(book), "costs" in present(space.tables)
    return {
        "months": [str(month) for month in book.months],
        "partial_from": _partial_from(book, read_dates(space.dates)["data_end"]),
        "essential_from_nps": not has_essential,
        "notes": kpi_notes(book.grace_days, has_essential, costs, not no_moment_confirmed(space), adoption_failed),
        "churn_by_csm": compared.to_dict("records"),
        "compared_until": None if until is None else str(until.date()),
        "horizon_days": params.labels.horizon_days,
        "bands_and_departures": bands_and_departures(
            named,
            read(space.health, ["account_id", "as_of", "health_band"]),
            params.labels.horizon_days,
            settings.csm_churn_days,
        ),
    }


def _partial_from(book: Book, data_end: date) -> str | None:
    """The first month so young that who left in it may still come back within grace_days."""
    grace = timedelta(days=book.grace_days)
    young = [month for month in book.months if month_after(month, 1) - timedelta(days=1) + grace > data_end]
    return str(young[0]) if young else None
