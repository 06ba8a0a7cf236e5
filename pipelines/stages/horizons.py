"""Other horizons than the model's own, the chance to renew, and an interval for each account's probability."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from rind.common.facts.horizons import HorizonFigures, HorizonRecord
from rind.models.churn.horizons import (
    CURVE_DAYS,
    HORIZONS_DAYS,
    Curves,
    columns_and_curve,
    columns_of,
    curve_of,
    fit_curves,
    learned_dates,
    left_within,
    renewal_days,
)
from rind.models.churn.uncertainty import LEVEL, little_known, may_decide, probability_interval
from rind.models.common.calendar import DAYS_TO_TERM_END, TERM_DAYS
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.evaluation.calibration import apart, counted, judged
from rind.models.evaluation.metrics import auc, average_precision, brier, calibration_slope, measure
from rind.pipelines.data import read, read_dates, read_json, write, write_document
from rind.pipelines.labels_as_known import labels_at, seen_until
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace

MRR = "commercial__mrr__now"
COLUMN_OF = {days: f"probability_{days}d" for days in HORIZONS_DAYS}
METRICS = {
    "auc": auc, "average_precision": average_precision, "brier": brier, "calibration_slope": calibration_slope,
}  # fmt: skip


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write horizons.parquet, one row per account of the scoring date, and horizons.json: what they were worth.

    And curves.parquet, one row per account and date of the reported past and of the scoring date.
    """
    as_of = read_dates(space.dates)["as_of"]
    history = _with_calendar(space, read(space.predictions))
    progress("the past")
    past = pd.concat([history.iloc[:0], *_past(space, params, history)])
    progress("today")
    curves = _curves(space, params, history, as_of)
    scored = _with_calendar(space, read(space.scores, [*KEYS, "churn_probability"], [as_of])).reset_index(drop=True)
    write(_today(space, params, curves, scored), space.horizons)
    before = past[past["as_of"] < pd.Timestamp(as_of)].reindex(columns=[*KEYS, *CURVE_DAYS])
    now = pd.concat([scored[KEYS], curve_of(curves, scored)], axis=1)
    write(pd.concat([before, now], ignore_index=True).astype(dict.fromkeys(CURVE_DAYS, "float32")), space.curves)
    write_document(space.horizon_figures, _figures(space, params, past))


def fall_back(space: Workspace, params: Params) -> None:
    """Write the accounts with their interval alone: the list asks for the columns. Nothing of the past is read."""
    scored = read(space.scores, [*KEYS, "churn_probability"], [read_dates(space.dates)["as_of"]])
    scored = scored.reset_index(drop=True)
    write(_today(space, params, None, scored), space.horizons)
    write(pd.concat([scored[KEYS], curve_of(None, scored)], axis=1), space.curves)
    nothing = HorizonFigures(rows=0, churned_accounts=0, model={}, score={})
    every: list[HorizonFigures] = [{**nothing, "days": days} for days in HORIZONS_DAYS]
    write_document(space.horizon_figures, HorizonRecord(horizons=every, renewal=nothing, interval_level=LEVEL))


def _with_calendar(space: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    present = [name for name in (DAYS_TO_TERM_END, TERM_DAYS, MRR) if name in _columns(space)]
    return rows.merge(read(space.features, [*KEYS, *present]), on=KEYS, validate="one_to_one")


def _columns(space: Workspace) -> set[str]:
    return {feature["name"] for feature in read_json(space.catalogue)["features"]}


def _curves(space: Workspace, params: Params, history: pd.DataFrame, day: date) -> Curves | None:
    """What the scores before a day teach, by what was known of the outcomes on it."""
    past = history[history["as_of"] < pd.Timestamp(day)]
    past = past[past["as_of"].isin(learned_dates(past))].reset_index(drop=True)
    known = past[KEYS].merge(labels_at(space, day), on=KEYS, how="left", validate="one_to_one")
    followed = (pd.Timestamp(day) - past["as_of"]).dt.days - 1 - params.labels.grace_days
    return fit_curves(
        past, known["days_to_churn"], followed, params.labels.horizon_days, params.horizons.fewest_churned,
        seed=params.seed,
    )  # fmt: skip


def _past(space: Workspace, params: Params, history: pd.DataFrame) -> list[pd.DataFrame]:
    """The reported past, fold by fold, each by a curve of its training date."""

    def of_fold(fold: tuple[Any, pd.DataFrame]) -> pd.DataFrame | None:
        trained, rows = fold
        curves = _curves(space, params, history, pd.Timestamp(str(trained)).date())
        return None if curves is None else pd.concat([rows, columns_and_curve(curves, rows)], axis=1)

    with ThreadPoolExecutor(params.threads) as pool:
        parts = list(pool.map(of_fold, history[history["reported"]].groupby("trained_as_of")))
    return [part for part in parts if part is not None]


def _today(space: Workspace, params: Params, curves: Curves | None, scored: pd.DataFrame) -> pd.DataFrame:
    features = scored[KEYS].merge(read(space.features, days=list(scored["as_of"].dt.date.unique())), on=KEYS)
    little = little_known(features, params.horizons)
    churned = int(read_json(space.model / "scorer.json")["notes"]["churned_accounts"])
    low, high = probability_interval(
        scored["churn_probability"], little, may_decide(features), churned, params.horizons
    )
    interval = scored[KEYS].assign(probability_low=low, probability_high=high, little_known=little)
    return pd.concat([interval, columns_of(curves, scored)], axis=1)


def _figures(space: Workspace, params: Params, past: pd.DataFrame) -> HorizonRecord:
    """What each horizon was worth on the past, beside the score of the model's own horizon."""
    day = seen_until(space)
    known = past[KEYS].merge(labels_at(space, day), on=KEYS, how="left")["days_to_churn"].to_numpy("float64")
    followed = ((pd.Timestamp(day) - past["as_of"]).dt.days - 1 - params.labels.grace_days).to_numpy("float64")
    rows = past.assign(mrr=past.get(MRR, 0.0))
    of = {days: rows.assign(churned=left_within(known, followed, np.full(len(rows), days))) for days in HORIZONS_DAYS}
    fewest = params.metrics.fewest_expected
    counts = judged(
        {column: counted(apart(_known(of[days], column), days), column, fewest) for days, column in COLUMN_OF.items()}
    )
    horizons: list[HorizonFigures] = [
        _measured(of[days], column, params) | {"days": days, "counted": counts[column]}
        for days, column in COLUMN_OF.items()
    ]
    until = renewal_days(rows)
    renewing = rows.assign(
        churned=left_within(known, followed, until), left=1 - rows.get("renewal_probability", np.nan)
    )
    renewal = _measured(renewing[np.isfinite(until)], "left", params)
    return HorizonRecord(horizons=horizons, renewal=renewal, interval_level=LEVEL)


def _measured(rows: pd.DataFrame, column: str, params: Params) -> HorizonFigures:
    known = _known(rows, column)
    churned = int(known.loc[known["churned"] == 1, "account_id"].nunique())
    record = HorizonFigures(rows=len(known), churned_accounts=churned, model={}, score={})
    if churned < params.horizons.fewest_churned:
        return record
    models = {"model": column, "score": "churn_probability"}
    figures = measure(known, models, params.metrics.bootstrap_draws, params.seed, METRICS)
    return record | {"model": figures["model"], "score": figures["score"], "difference": figures["model_minus_score"]}


def _known(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows of dates with all their outcomes that have this probability."""
    present = rows if column in rows else rows.assign(**{column: np.nan})
    return present[complete_dates(present) & present[column].notna()]
