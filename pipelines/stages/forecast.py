"""The forecast of revenue by quarter, as it could have been made on each day, against what came."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from rind.features.book.kpis import whole_months
from rind.features.book.movements import month_after
from rind.features.book.standing import Outlook, quarter_of, standing
from rind.features.storage import load
from rind.models.book.commitments import commitment_record
from rind.models.book.quarters import Times, judged_quarters, quarterly_forecasts, record_of
from rind.pipelines.data import read, read_dates, write, write_document
from rind.pipelines.family_settings import family_settings
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.forecast_text import FORECAST_NOTES, record_sentences

LATEST_DAYS = 14
"""A quarter is forecast by the last predictions of the days before it; older ones make none."""


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write forecast.parquet and forecast_record.json."""
    tables, dates = load(space.tables), read_dates(space.dates)
    as_of, data_end = dates["as_of"], dates["data_end"]
    predicted = _predicted(read(space.predictions), read(space.scores), as_of)
    months = whole_months(tables, data_end, as_of, params.book.months)
    outlooks = planned(months, sorted(predicted["made_on"].dt.date.unique()), as_of, params.book.quarters_ahead)
    progress(f"{len(outlooks)} forecasts")
    rows: pd.DataFrame = standing(tables, outlooks, family_settings(params), as_of).to_pandas()
    days = {name: pd.to_datetime(rows[name]) for name in ("made_on", "quarter", "last_day", "term_ends_on")}
    rows = rows.assign(**days).merge(predicted, on=["account_id", "made_on"], how="left", validate="many_to_one")
    times = Times(params.labels.horizon_days, params.labels.grace_days)
    made = quarterly_forecasts(rows, pd.Timestamp(data_end), params.book, times, params.seed)
    write(made, space.forecast)
    record = record_of(judged_quarters(made))
    ended = (pd.Timestamp(data_end), params.labels.grace_days)
    record["commitments"] = commitment_record(read(space.commitments), rows, *ended)
    words = {"words": record_sentences(record), "notes": list(FORECAST_NOTES)}
    write_document(space.forecast_record, record | words)


def _predicted(predictions: pd.DataFrame, scores: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """account_id, made_on, churn_probability: of each past date by the model of its day, today's by today's."""
    names = {"as_of": "made_on"}
    columns = ["account_id", "as_of", "churn_probability"]
    past = predictions.loc[predictions["as_of"] < pd.Timestamp(as_of), columns]
    now = scores.loc[scores["as_of"] == pd.Timestamp(as_of), columns]
    return pd.concat([past, now], ignore_index=True).rename(columns=names)


def planned(months: list[date], predicted: list[date], as_of: date, ahead: int) -> list[Outlook]:
    """One forecast for each quarter of the months, made shortly before it or on its first day, and those of today.

    Parameters
    ----------
    predicted
        The days with predictions, in order. Quarters without one in the `LATEST_DAYS` before stand for the past alone,
        as of their first day.
    """
    present = quarter_of(as_of)
    quarters = sorted({quarter_of(month) for month in months if quarter_of(month) >= months[0]} | {present})
    outlooks = []
    for quarter in quarters:
        near = [day for day in predicted if timedelta() <= quarter - day < timedelta(days=LATEST_DAYS)]
        if quarter <= as_of and (near or quarter != present):
            outlooks.append(Outlook(near[-1] if near else quarter, quarter))
    return outlooks + [Outlook(as_of, month_after(present, 3 * n)) for n in range(ahead + 1)]
