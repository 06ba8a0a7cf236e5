"""The backtest of one outcome: the rolling pass of churn (`models.churn.backtest.roll`) over other answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from rind.common.errors import HistoryError
from rind.common.facts.figures import NOT_MEASURED
from rind.common.facts.outcomes import OutcomeExtent, OutcomeMetrics
from rind.models.churn.backtest import Rolled, roll
from rind.models.churn.estimators import Hyperparameters, MakeEstimator
from rind.models.churn.settings import FitSettings
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.common.resampling import complete_dates
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import Fold
from rind.models.evaluation.metrics import METRICS, measure
from rind.models.outcomes.settings import OutcomeModelSettings

AS_CHURN = {"happened": "churned", "probability": "churn_probability"}
"""Column of an outcome's results -> the name by which the machinery of churn knows it."""

OF_OUTCOME = {churn: name for name, churn in AS_CHURN.items()}
COLUMNS = [
    "account_id", "as_of", "fold", "trained_as_of", "happened", "probability", "boosting_probability",
    "logistic_probability",
]  # fmt: skip
MODELS = {"model": "churn_probability", "boosting": "boosting_probability", "baseline": "logistic_probability"}


def roll_outcome(
    snapshots: Snapshots,
    answers: pd.DataFrame,
    folds: Sequence[Fold],
    seen_until: date,
    directions: Mapping[str, int],
    hyper: Hyperparameters,
    fit_settings: FitSettings,
    settings: OutcomeModelSettings,
    progress: Callable[[str], None] = lambda _: None,
    estimator: MakeEstimator | None = None,
    treated: pd.DataFrame | None = None,
    *,
    threads: int,
    seed: int,
) -> Rolled | None:
    """Fit, calibrate and score an outcome fold by fold, on what was known of it at each training date.

    Parameters
    ----------
    snapshots
        The dates of the backtest; ``churned`` is not looked at.
    answers
        One row per (account_id, as_of, known_from): happened 1/0, known_until (null: to this day).
    seen_until
        The predictions carry the outcomes known at this date.
    directions
        Feature -> -1/0/+1: of the outcome, not of churn.
    treated
        One row per (account_id, as_of) under an intervention: known_from; it teaches as
        ``fit_settings.intervention_weight`` says.

    Returns
    -------
    Rolled or None
        With the column names of churn (`AS_CHURN`); None where too few accounts have it, or there is no training date.
    """
    named = answers.rename(columns=AS_CHURN)
    known = KnownOutcomes.of(snapshots.outcomes, named, treated, fit_settings.intervention_weight)
    rows = replace(snapshots, outcomes=snapshots.outcomes.assign(churned=known.at(seen_until)))
    if rows.outcomes.loc[rows.outcomes["churned"] == 1, "account_id"].nunique() < settings.fewest_accounts:
        return None
    fewer_bags = fit_settings.model_copy(update={"bags": settings.bags})
    try:
        return roll(
            rows, folds, directions, hyper, fewer_bags, settings.every_days, progress, known,
            estimator=estimator, threads=threads, seed=seed,
        )  # fmt: skip
    except HistoryError:
        return None


def measured(history: pd.DataFrame, draws: int, seed: int) -> OutcomeMetrics:
    """What the model of an outcome is worth on the dates whose answers are all known, as for churn.

    Parameters
    ----------
    history
        One row per (account_id, as_of) of the reported past: `COLUMNS` and mrr.
    """
    rows = history.rename(columns=AS_CHURN)
    known = rows[complete_dates(rows)]
    extent = _extent(known)
    if known["churned"].nunique() < 2:
        nothing = dict.fromkeys(METRICS, NOT_MEASURED)
        return OutcomeMetrics(
            model=nothing, boosting=nothing, baseline=nothing, model_minus_baseline=nothing, rows=extent
        )
    figures = measure(known, MODELS, draws, seed)
    return OutcomeMetrics(
        model=figures["model"], boosting=figures["boosting"], baseline=figures["baseline"],
        model_minus_baseline=figures["model_minus_baseline"], rows=extent,
    )  # fmt: skip


def has_skill(metrics: OutcomeMetrics) -> bool:
    """Whether the model ranks accounts better than chance: the AUC's interval lies above one half."""
    low = metrics["model"]["auc"]["low"]
    return low is not None and low > 0.5


def _extent(rows: pd.DataFrame) -> OutcomeExtent:
    return OutcomeExtent(
        rows=len(rows),
        accounts=int(rows["account_id"].nunique()),
        happened_accounts=int(rows.loc[rows["churned"] == 1, "account_id"].nunique()),
        dates=int(rows["as_of"].nunique()),
        base_rate=float(rows["churned"].mean()) if len(rows) else None,
    )
