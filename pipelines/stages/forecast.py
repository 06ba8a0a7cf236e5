"""The forecast of revenue by quarter and month, as it could have been made on each day, against what came."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from rind.common.quarters import quarter_of
from rind.common.results.result import BACKTEST
from rind.features.book.kpis import whole_months
from rind.features.book.movements import month_after
from rind.features.book.standing import Outlook, standing
from rind.features.outcome_settings import OutcomeSpec
from rind.features.storage import load
from rind.models.book.commitments import commitment_record
from rind.models.book.quarters import ChangeShares, Times, forecasts, judged, months_record, record_of
from rind.models.churn.horizons import CURVE_DAYS
from rind.models.common.frames import KEYS
from rind.pipelines.data import read, read_dates, write, write_document
from rind.pipelines.family_settings import family_settings
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.forecast_text import FORECAST_NOTES, record_sentences

LATEST_DAYS = 14
"""A quarter is forecast by the last predictions of the days before it; older ones make none."""

PER_DAY = ["account_id", "made_on"]
CHANGES = {"contraction": "mrr_falls", "expansion": "mrr_rises"}
"""What the forecast makes of an outcome -> what must happen in it."""


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write forecast.parquet, forecast_months.parquet and forecast_record.json."""
    tables, dates = load(space.tables), read_dates(space.dates)
    as_of, data_end = dates["as_of"], dates["data_end"]
    predicted = _predicted(read(space.predictions), read(space.scores), as_of)
    months = whole_months(tables, data_end, as_of, params.book.months)
    days = sorted(predicted["made_on"].dt.date.unique())
    quarters = planned(months, days, as_of, params.book.quarters_ahead)
    outlooks = [*quarters, *months_of([outlook for outlook in quarters if outlook.made_on in set(days)])]
    progress(f"{len(outlooks)} forecasts")
    rows: pd.DataFrame = standing(tables, outlooks, family_settings(params), as_of).to_pandas()
    rows = rows.assign(**{name: pd.to_datetime(rows[name]) for name in ("made_on", "last_day", "term_ends_on")})
    rows = rows.merge(_further(space, params, predicted, as_of), on=PER_DAY, how="left", validate="many_to_one")
    times = Times(params.labels.horizon_days, params.labels.grace_days)
    specs = {name: _outcome(params, name)[1] for name in CHANGES}
    shares = ChangeShares(*(None if spec is None else spec.share for spec in specs.values()))
    by_quarter, by_month = _of_length(rows, outlooks, 3, "quarter"), _of_length(rows, outlooks, 1, "month")
    end = pd.Timestamp(data_end)
    made = forecasts(by_quarter, by_month, end, params.book, times, shares, params.seed)
    write(made.quarters, space.forecast)
    write(made.months, space.forecast_months)
    record = record_of(judged(made.quarters, "quarter")) | months_record(judged(made.months, "month"))
    commitments = read(space.commitments)
    record["commitments"] = commitment_record(commitments, by_quarter, end, params.labels.grace_days)
    words = {"words": record_sentences(record), "notes": list(FORECAST_NOTES)}
    write_document(space.forecast_record, record | words)


def _predicted(predictions: pd.DataFrame, scores: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """account_id, made_on, churn_probability: of each past date by the model of its day, today's by today's."""
    return _past_and_now(predictions, scores, as_of, ["churn_probability"])


def _past_and_now(past: pd.DataFrame, now: pd.DataFrame, as_of: date, columns: list[str]) -> pd.DataFrame:
    day, named = pd.Timestamp(as_of), [*KEYS, *columns]
    both = [past.loc[past["as_of"] < day, named], now.loc[now["as_of"] == day, named]]
    return pd.concat(both, ignore_index=True).rename(columns={"as_of": "made_on"})


def _further(space: Workspace, params: Params, predicted: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The predictions with what else the models of the day said: the curve of leaving, contraction and expansion."""
    curves = read(space.curves, [*KEYS, *CURVE_DAYS]).rename(columns={"as_of": "made_on"})
    rows = predicted.merge(curves, on=PER_DAY, how="left", validate="one_to_one")
    for change in CHANGES:
        name, _ = _outcome(params, change)
        path = space.outcomes / name / BACKTEST
        if name and path.exists():
            past, scores = read(path), read(space.outcome_scores)
            now = scores[scores["outcome"] == name]
            if now.empty:  # no skill: today's forecast goes without it, and so must its record
                continue
            probabilities = _past_and_now(past, now, as_of, ["probability"])
            within = params.outcome_models.every_days
            rows = _with_latest(rows, probabilities, f"{change}_probability", within, as_of)
    return rows


def _outcome(params: Params, change: str) -> tuple[str, OutcomeSpec | None]:
    """The outcome that is meant by a change, the one of that name first; "" where params.yaml has none."""
    of_kind = {name: spec for name, spec in params.outcomes.items() if spec.when == CHANGES[change]}
    name = change if change in of_kind else next(iter(of_kind), "")
    return name, of_kind.get(name)


def _with_latest(
    rows: pd.DataFrame, probabilities: pd.DataFrame, column: str, within_days: int, as_of: date
) -> pd.DataFrame:
    """The rows with the latest probability of their account by their day, less than ``within_days`` before it.

    On the scoring date only one of that very date counts: a model without skill has none.
    """
    dated = probabilities.rename(columns={"probability": column}).assign(predicted_on=probabilities["made_on"])
    latest = pd.merge_asof(
        rows.sort_values("made_on"), dated.sort_values("made_on"), on="made_on", by="account_id",
        tolerance=pd.Timedelta(days=within_days - 1),
    )  # fmt: skip
    stale = (latest["made_on"] == pd.Timestamp(as_of)) & (latest["predicted_on"] != latest["made_on"])
    return latest.assign(**{column: latest[column].mask(stale)}).drop(columns="predicted_on")


def _of_length(rows: pd.DataFrame, outlooks: list[Outlook], months: int, name: str) -> pd.DataFrame:
    """The rows of the quarters (3 months), or months (1), with the first day of each."""
    plan = pd.DataFrame(
        [(one.made_on, one.last_day, one.period) for one in outlooks if one.months == months],
        columns=["made_on", "last_day", name],
    )
    days = {
        column: pd.to_datetime(plan[column]).astype(rows["made_on"].dtype) for column in ("made_on", "last_day", name)
    }
    return rows.merge(plan.assign(**days), on=["made_on", "last_day"], validate="many_to_one")


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
    today = [Outlook(as_of, month_after(present, 3 * n)) for n in range(ahead + 1)]
    return list(dict.fromkeys(outlooks + today))  # on its first day a quarter's two forecasts are one


def months_of(quarters: list[Outlook]) -> list[Outlook]:
    """Each month of the quarters that is not over on the day of the forecast."""
    months = [Outlook(one.made_on, month_after(one.period, n), 1) for one in quarters for n in range(one.months)]
    return [month for month in months if month.last_day >= month.made_on]
