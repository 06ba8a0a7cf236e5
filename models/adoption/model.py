"""Adoption: will a young account become a long-term customer, as far as its age now can tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from rind.common.errors import HistoryError
from rind.models.adoption.landmarks import LANDMARK, landmark_rows, outcomes
from rind.models.adoption.next_steps import steps
from rind.models.adoption.settings import AdoptionSettings
from rind.models.churn.backtest import Rolled, roll
from rind.models.churn.estimators import Hyperparameters
from rind.models.churn.settings import FitSettings
from rind.models.common.frames import datetimes
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.common.settings import LabelWindow, OutcomeSettings
from rind.models.common.splits import rolling_folds
from rind.models.common.survival import due, follow
from rind.models.evaluation.metrics import METRICS, measure
from rind.models.moments.candidates import said

RATE = "retention of the segment"
SEGMENT_MODEL = "segment_probability"
MEASURED = ("auc", "average_precision", "brier", "log_loss", "calibration_slope", "calibration_error")
REASONS = 3
DAY_ZERO = {
    "segment": "the segment",
    "plan": "the plan of day 0",
    "seats": "the seats of day 0",
    "mrr": "the MRR of day 0",
    "term_days": "the days of the first term",
}


@dataclass(frozen=True)
class Launch:
    """The question to the adoption model.

    Parameters
    ----------
    as_of
        The scoring date.
    windows
        The landmarks, days after signing.
    launch_days
        Age at which launch ends.
    success, grace_days
        What makes a long-term customer, and how long until a leaver is known as such.
    refit_every_days
        Of the backtest.
    """

    as_of: date
    windows: Sequence[int]
    launch_days: int
    success: OutcomeSettings
    grace_days: int
    refit_every_days: int
    settings: AdoptionSettings

    @property
    def hyper(self) -> Hyperparameters:
        """Of the model."""
        return Hyperparameters(min_child_samples=self.settings.min_child_samples, logistic_c=self.settings.logistic_c)

    def label(self, cohorts: pd.DataFrame) -> LabelWindow:
        """The soonest that any landmark's outcome can be observed: no fold looks at later rows.

        Each row's own outcome may take longer; `models.adoption.landmarks.outcomes` keeps it until it is known.
        """
        soonest = due(cohorts, self.success).min(initial=self.success.judged_days)
        horizon = max(int(soonest) - max(self.windows), 0)
        return LabelWindow(horizon_days=horizon, grace_days=self.grace_days)


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
        rolled = roll(rows, folds, {}, hyper, settings, 1, progress, known, threads=threads, seed=seed)
    except HistoryError:
        rolled = None
    return rows, known, rolled


def measured(rolled: Rolled, rows: pd.DataFrame, known: KnownOutcomes, draws: int, seed: int) -> dict[str, Any]:
    """Out of sample, for the chance *not* to adopt: model, LightGBM, logistic regression, and the segment's rate at
    the time, each with intervals by account; and the number of rows, accounts and of those that did not adopt."""
    keys = ["account_id", "as_of", "mrr", "start__segment__now", LANDMARK]
    # Two landmarks of one account never share a day.
    told = rolled.predictions.merge(rows[keys], on=["account_id", "as_of"], validate="one_to_one")
    told = told[told["churned"].notna()].copy()
    facts = {
        "rows": len(told),
        "accounts": int(told["account_id"].nunique()),
        "not_adopted": int(told.loc[told["churned"] == 1, "account_id"].nunique()),
    }
    if told["churned"].nunique() < 2:
        return facts
    told[SEGMENT_MODEL] = _past_rate(told, rows, known)
    columns = {
        "model": "churn_probability",
        "boosting": "boosting_probability",
        "logistic": "logistic_probability",
        "segment": SEGMENT_MODEL,
    }
    columns = {name: column for name, column in columns.items() if told[column].notna().all()}
    metrics = {name: METRICS[name] for name in MEASURED}
    return facts | measure(told, columns, draws, seed, metrics)


def predict(
    early: pd.DataFrame,
    cohorts: pd.DataFrame,
    launch: Launch,
    moments: Sequence[Mapping[str, Any]] = (),
    score: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Every account in launch at as_of, with its chance to stay and its next step.

    Parameters
    ----------
    early, cohorts
        As for `models.moments.discovery.find`; ``early`` counts what was known at as_of: the window that is still open
        holds the count so far.
    moments
        The moments that stand.
    score
        Rows of `landmark_rows` -> churn_probability and one SHAP column per feature, same index; None: no model, the
        retention of the segment stands in, as it does before the first landmark.

    Returns
    -------
    pandas.DataFrame
        One row per account with 0 < age < launch_days that has not left by as_of, the least likely first:
        account_id, as_of, adoption_probability (NaN where no outcome is known at all), next_step; segment, csm,
        age_days, basis ("model at day 30" or "retention of the segment"), reason_1..3 (what moves it most, as a
        sentence with its SHAP value on the log-odds), and the columns of `models.adoption.next_steps.steps`.
    """
    now = pd.Timestamp(launch.as_of)
    cohorts = aged(cohorts, launch.as_of)
    age, left = cohorts["age_days"], datetimes(cohorts["left_on"])
    young = cohorts[(age > 0) & (age < launch.launch_days) & ~(left <= now)].copy()
    usual = segment_rates(cohorts, launch)
    overall = usual.get("", np.nan)
    young["adoption_probability"] = young["segment"].map(usual).astype("float64").fillna(overall)
    young["basis"] = RATE
    young[[f"reason_{n}" for n in range(1, REASONS + 1)]] = None
    expected = young["adoption_probability"].copy()
    if score is not None and len(young):
        _score(young, early, launch, score)
    told = steps(early, cohorts, young, expected, moments, launch)
    result = pd.concat([young, told], axis=1).assign(as_of=now)
    first = ["account_id", "as_of", "adoption_probability", "next_step", "segment", "csm", "age_days", "basis"]
    reasons = [f"reason_{n}" for n in range(1, REASONS + 1)]
    result = result[[*first, *reasons, *(c for c in told.columns if c != "next_step")]]
    return result.sort_values(["adoption_probability", "account_id"], ignore_index=True)


def aged(cohorts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The accounts with their age at as_of; a segment that is not known is called so."""
    segment = cohorts["segment"].astype("object").where(cohorts["segment"].notna(), "unknown").astype("str")
    age = (pd.Timestamp(as_of) - datetimes(cohorts["signed_on"])).dt.days
    csm = cohorts.get("csm")
    return cohorts.assign(segment=segment, age_days=age, csm=csm)


def segment_rates(cohorts: pd.DataFrame, launch: Launch) -> dict[str, float]:
    """Retention (Kaplan-Meier) of each segment, "" of all; those without a known outcome are absent."""
    followed = follow(cohorts, launch.success)
    found = {}
    for name in ["", *cohorts["segment"].unique()]:
        own = followed.only(np.asarray(cohorts["segment"] == name) if name else np.ones(len(cohorts), dtype=bool))
        if own.known.any():
            found[str(name)] = own.only(own.duration >= 0).retention()
    return found


def _score(
    young: pd.DataFrame, early: pd.DataFrame, launch: Launch, score: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    """Write the model's chances into ``young``, each account at the latest landmark that it has passed."""
    rows = landmark_rows(early, young, launch.windows, launch.success)
    latest = rows.sort_values(LANDMARK).groupby("account_id").tail(1).reset_index(drop=True)
    if latest.empty:
        return
    told = score(latest)
    shap = told[[c for c in told.columns if c.count("__") >= 2]]
    of_account = latest.set_index("account_id").index.get_indexer(pd.Index(young["account_id"]))
    passed = of_account >= 0
    place = of_account[passed]
    young.loc[passed, "adoption_probability"] = 1 - told["churn_probability"].to_numpy()[place]
    landmark = latest[LANDMARK].astype("int64").to_numpy()[place]
    young.loc[passed, "basis"] = [f"model at day {d}" for d in landmark]
    order = np.argsort(-np.abs(shap.to_numpy()), axis=1)
    for n in range(min(REASONS, shap.shape[1])):
        column = order[place, n]
        value = shap.to_numpy()[place, column]
        values = latest.reindex(columns=shap.columns).to_numpy(dtype=object)[place, column]
        parts = zip(shap.columns[column], values, landmark, value, strict=True)
        young.loc[passed, f"reason_{n + 1}"] = [reason(*each) for each in parts]


def reason(feature: str, value: Any, landmark: int, shap: float) -> str:
    """What one feature does to the chance to stay, in words: "7 users on reports by day 30 raise it (+0.45)".

    Parameters
    ----------
    shap
        On the log-odds of *not* adopting; told with the sign turned.
    """
    family, name, _ = feature.split("__")
    if family == "early" and feature != LANDMARK:
        what = f"{said(name, int(value))} by day {landmark}"
        plural = int(value) != 1
    else:
        known = "not known" if pd.isna(value) else f"{value:,.0f}" if isinstance(value, (int, float)) else str(value)
        what = f"being {landmark} days old" if feature == LANDMARK else f"{DAY_ZERO[name]}: {known}"
        plural = False
    what += "," if family == "start" else ""
    verb = ("raise" if shap < 0 else "lower") + ("" if plural else "s")
    return f"{what[0].upper()}{what[1:]} {verb} it ({-shap:+.2f})"


def _past_rate(told: pd.DataFrame, rows: pd.DataFrame, known: KnownOutcomes) -> np.ndarray:
    """The share of each row's segment that had not adopted, among outcomes known on the training date of its fold."""
    found = np.empty(len(told))
    for trained in pd.DatetimeIndex(told["trained_as_of"].unique()):
        part = told[told["trained_as_of"] == trained]
        past = rows.assign(churned=known.at(trained.date()))
        past = past[past["churned"].notna()]
        rates = past.groupby("start__segment__now")["churned"].mean()
        values = part["start__segment__now"].map(rates).astype("float64").fillna(past["churned"].mean())
        found[told.index.get_indexer(part.index)] = values
    return found
