"""Adoption: will a young account become a long-term customer, as far as its age now can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import numpy as np
import pandas as pd

from rind.common.errors import HistoryError
from rind.common.facts.adoption import LANDMARK, AdoptionFigures, NextStep, ShapReason
from rind.common.facts.moments import Moment
from rind.models.adoption.landmarks import Launch, landmark_rows, outcomes
from rind.models.adoption.next_steps import next_steps
from rind.models.adoption.reasons import reasons_of, usual_counts
from rind.models.churn.backtest import Rolled, roll
from rind.models.churn.settings import FitSettings
from rind.models.common.frames import KEYS, datetimes
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import rolling_folds
from rind.models.common.survival import follow
from rind.models.evaluation.metrics import METRICS, measure

SEGMENT_MODEL = "segment_probability"
MEASURED = ("auc", "average_precision", "brier", "log_loss", "calibration_slope", "calibration_error")
ACCOUNT_COLUMNS = ["account_id", "as_of", "adoption_probability", "segment", "csm", "age_days", "landmark_days"]


@dataclass(frozen=True)
class Young:
    """The accounts in launch, the least likely to stay first.

    Parameters
    ----------
    accounts
        One row per account with 0 < age < launch_days that has not left by as_of: account_id, as_of,
        adoption_probability (NaN where no outcome is known at all), segment, csm, age_days, landmark_days (of the
        landmark at which the model scored it; empty: the retention of its segment stands in).
    steps
        The next step of each.
    reasons
        What it did early that moves its chance most, strongest first; none without a model.
    """

    accounts: pd.DataFrame
    steps: list[NextStep]
    reasons: list[tuple[ShapReason, ...]]


def train(
    early: pd.DataFrame,
    cohorts: pd.DataFrame,
    past: pd.DataFrame,
    launch: Launch,
    settings: FitSettings,
    progress: Callable[[str], None] = lambda _: None,
    *,
    threads: int,
    seed: int,
) -> tuple[pd.DataFrame, KnownOutcomes, Rolled | None]:
    """The rows at all landmarks, and the model: fold by fold on what was known on the training date, as for churn.

    Parameters
    ----------
    early, cohorts
        As for `models.moments.discovery.find`: known at the scoring date.
    past
        One row per (account_id, known_at): what was known of the outcomes on each training date, every
        refit_every_days back from the scoring date (`training_dates`).

    Returns
    -------
    (rows, known, rolled)
        rows: of `models.adoption.landmarks.landmark_rows`; known: what was known of their outcomes, and when;
        rolled: None where the history holds no training fold.
    """
    rows = landmark_rows(early, aged(cohorts, launch.as_of), launch.windows, launch.success)
    known = outcomes(rows, past, launch.success)
    dates = sorted({*rows["as_of"].dt.date, launch.as_of})
    try:
        folds = rolling_folds(dates, launch.label(cohorts), launch.refit_every_days, launch.settings.fewest_dates)
        hyper = launch.hyper
        rolled = roll(Snapshots.held(rows), folds, {}, hyper, settings, 1, progress, known, threads=threads, seed=seed)
    except HistoryError:
        rolled = None
    return rows, known, rolled


def measured(rolled: Rolled, rows: pd.DataFrame, known: KnownOutcomes, draws: int, seed: int) -> AdoptionFigures:
    """Out of sample, for the chance *not* to adopt: model, LightGBM, logistic regression, and the segment's rate at
    the time, each with intervals by account; and the number of rows, accounts and of those that did not adopt."""
    keys = [*KEYS, "mrr", "start__segment__now", LANDMARK]
    # Two landmarks of one account never share a day.
    judged = rolled.predictions.merge(rows[keys], on=KEYS, validate="one_to_one")
    judged = judged[judged["churned"].notna()].copy()
    facts: AdoptionFigures = {
        "rows": len(judged),
        "accounts": int(judged["account_id"].nunique()),
        "not_adopted": int(judged.loc[judged["churned"] == 1, "account_id"].nunique()),
    }
    if judged["churned"].nunique() < 2:
        return facts
    judged[SEGMENT_MODEL] = _past_rate(judged, rows, known)
    columns = {
        "model": "churn_probability",
        "boosting": "boosting_probability",
        "logistic": "logistic_probability",
        "segment": SEGMENT_MODEL,
    }
    columns = {name: column for name, column in columns.items() if judged[column].notna().all()}
    metrics = {name: METRICS[name] for name in MEASURED}
    return cast(AdoptionFigures, facts | measure(judged, columns, draws, seed, metrics))


def predict(
    early: pd.DataFrame,
    cohorts: pd.DataFrame,
    launch: Launch,
    moments: Sequence[Moment] = (),
    score: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> Young:
    """Every account in launch at as_of, with its chance to stay and its next step.

    Parameters
    ----------
    early, cohorts
        As for `models.moments.discovery.find`; ``early`` counts what was known at as_of: the window that is still open
        holds the count so far.
    moments
        The confirmed moments.
    score
        Rows of `landmark_rows` -> churn_probability and one SHAP column per feature, same index; None: no model, the
        retention of the segment stands in, as it does before the first landmark.
    """
    now = pd.Timestamp(launch.as_of)
    cohorts = aged(cohorts, launch.as_of)
    age, left = cohorts["age_days"], datetimes(cohorts["left_on"])
    young = cohorts[(age > 0) & (age < launch.launch_days) & ~(left <= now)]
    usual = segment_rates(cohorts, launch)
    expected = young["segment"].map(usual).astype("float64").fillna(usual.get("", np.nan))
    young = young.assign(as_of=now, adoption_probability=expected, landmark_days=np.nan)
    reasons: dict[Any, tuple[ShapReason, ...]] = {}
    if score is not None and len(young):
        young, reasons = _scored(young, early, cohorts, launch, score)
    steps = dict(zip(young["account_id"], next_steps(early, cohorts, young, expected, moments, launch), strict=True))
    accounts = young[ACCOUNT_COLUMNS].sort_values(["adoption_probability", "account_id"], ignore_index=True)
    ids = accounts["account_id"].tolist()
    return Young(accounts, [steps[one] for one in ids], [reasons.get(one, ()) for one in ids])


def aged(cohorts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The accounts with their age at as_of; a segment that is not known is called so."""
    segment = cohorts["segment"].astype("object").where(cohorts["segment"].notna(), "unknown").astype("str")
    age = (pd.Timestamp(as_of) - datetimes(cohorts["signed_on"])).dt.days
    csm = cohorts.get("csm")
    return cohorts.assign(segment=segment, age_days=age, csm=csm)


def segment_rates(cohorts: pd.DataFrame, launch: Launch) -> dict[str, float]:
    """Retention (Kaplan-Meier) of each segment, "" of all; those without a known outcome are absent."""
    followed = follow(cohorts, launch.success)
    rates = {}
    for name in ["", *cohorts["segment"].unique()]:
        own = followed.only(np.asarray(cohorts["segment"] == name) if name else np.ones(len(cohorts), dtype=bool))
        if own.known.any():
            rates[str(name)] = own.only(own.duration >= 0).retention()
    return rates


def _scored(
    young: pd.DataFrame,
    early: pd.DataFrame,
    cohorts: pd.DataFrame,
    launch: Launch,
    score: Callable[[pd.DataFrame], pd.DataFrame],
) -> tuple[pd.DataFrame, dict[Any, tuple[ShapReason, ...]]]:
    """The accounts with the model's chances, each at the latest landmark that it has passed, and the reasons."""
    rows = landmark_rows(early, cohorts, launch.windows, launch.success)
    own = rows[rows["account_id"].isin(young["account_id"])]
    latest = own.sort_values(LANDMARK).groupby("account_id").tail(1)
    if latest.empty:
        return young, {}
    usual = usual_counts(rows).loc[latest.index].reset_index(drop=True)
    latest = latest.reset_index(drop=True)
    scores = score(latest)
    passed = young["account_id"].isin(latest["account_id"])
    place = latest.set_index("account_id").index.get_indexer(pd.Index(young.loc[passed, "account_id"]))
    young = young.copy()
    young.loc[passed, "adoption_probability"] = 1 - scores["churn_probability"].to_numpy()[place]
    young.loc[passed, "landmark_days"] = latest[LANDMARK].to_numpy("float64")[place]
    return young, reasons_of(latest, usual, scores[[c for c in scores.columns if c.count("__") >= 2]])


def _past_rate(judged: pd.DataFrame, rows: pd.DataFrame, known: KnownOutcomes) -> np.ndarray:
    """The share of each row's segment that had not adopted, among outcomes known on the training date of its fold."""
    rate = np.empty(len(judged))
    for trained in pd.DatetimeIndex(judged["trained_as_of"].unique()):
        part = judged[judged["trained_as_of"] == trained]
        past = rows.assign(churned=known.at(trained.date()))
        past = past[past["churned"].notna()]
        rates = past.groupby("start__segment__now")["churned"].mean()
        values = part["start__segment__now"].map(rates).astype("float64").fillna(past["churned"].mean())
        rate[judged.index.get_indexer(part.index)] = values
    return rate
