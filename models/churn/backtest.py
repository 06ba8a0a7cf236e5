"""Score every past date with the model that could have existed then.

One rolling pass over the folds gives everything: the out-of-sample predictions, and, from the predictions of earlier
folds whose outcome was observed by the training date, the blend's weight and the calibration of the next fold. So a
fold never uses an outcome that was not known on its training date, not even for calibration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from rind.common.errors import HistoryError
from rind.models.churn import family_shap
from rind.models.churn.calibration import evidence, fit_line, log_losses
from rind.models.churn.estimators import WEIGHT, Hyperparameters, MakeEstimator, fit, takes_weights, weights_of
from rind.models.churn.scorer import Scorer
from rind.models.churn.settings import FitSettings
from rind.models.churn.training_sample import sampled
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.common.snapshots import OUTCOME, Snapshots
from rind.models.common.splits import Fold, offsets, thin

WEIGHTS = tuple(tenths / 10 for tenths in range(11))
PREDICTED = ("boosting_margin", "logistic_margin", "churn_probability", "boosting_probability", "logistic_probability")


@dataclass(frozen=True)
class Rolled:
    """What a rolling pass leaves: out-of-sample predictions, the last model, and what drove some of the predictions."""

    predictions: pd.DataFrame
    final: Scorer
    explained: pd.DataFrame


@dataclass(frozen=True)
class TrainingSet:
    """Rows that a model learns from; their features are read when they are asked for, since several sets are large.

    Parameters
    ----------
    snapshots
        As of `roll`.
    labelled
        `OUTCOME` of the rows, by the index of the snapshots, as known on the training date, and `WEIGHT` where they do
        not teach alike.
    offered
        Rows before a sample was drawn.
    """

    snapshots: Snapshots
    labelled: pd.DataFrame
    offered: int

    def rows(self) -> pd.DataFrame:
        """The rows with all their features."""
        return self.snapshots.rows(self.labelled)


def roll(
    snapshots: Snapshots,
    folds: Sequence[Fold],
    directions: Mapping[str, int],
    hyper: Hyperparameters,
    settings: FitSettings,
    train_every_days: int,
    progress: Callable[[str], None] = lambda _: None,
    outcomes: KnownOutcomes | None = None,
    explain: bool = False,
    estimator: MakeEstimator | None = None,
    *,
    threads: int,
    seed: int,
) -> Rolled:
    """Fit, calibrate and score fold by fold.

    Parameters
    ----------
    snapshots
        The rows that teach and those that are scored.
    outcomes
        What was known of the outcomes at each training date, and how much each row teaches. None: nothing was ever
        recorded late, and every row teaches alike.
    explain
        Also explain the tested rows on every ``train_every_days``-th day, and all that left: each by its fold's model.
    estimator
        As for `models.churn.estimators.fit`: a classifier in place of ours.
    threads, seed
        Folds that are fitted at once; of LightGBM.

    Returns
    -------
    Rolled
        ``predictions``: one row per (account_id, as_of) tested: fold, trained_as_of, churned, ``PREDICTED``; none of
        a fold with fewer than two churned accounts to learn from.
        ``explained``: see `models.churn.family_shap.explain`.
    """
    predicted, final = list[pd.DataFrame](), None
    explained = list[Future[pd.DataFrame]]()
    table = snapshots.outcomes
    offered = partial(training_rows, table, train_every_days=train_every_days, outcomes=outcomes)
    explained_dates = thin(table["as_of"].drop_duplicates(), train_every_days)
    # Fits do not depend on each other, only their calibration does: one fold a thread, each on a single core.
    most = settings.max_training_rows if takes_weights(estimator) else len(table)
    sets = partial(
        bag_rows, snapshots, train_every_days=train_every_days, bags=settings.bags, outcomes=outcomes, most=most,
        seed=seed,
    )  # fmt: skip
    one_core = partial(
        _fit, sets, directions=directions, hyper=hyper, settings=settings, estimator=estimator, seed=seed
    )
    with _threads(threads) as pool:
        fits = [(fold, pool.submit(one_core, fold)) for fold in folds if _learnable(offered(fold))]
        for fold, fitted in fits:
            progress(f"fold {fold.number + 1} of {len(folds)}: trained on {fold.trained_as_of}")
            past = _observed(predicted, fold, outcomes, settings.calibration.half_life_days)
            final = calibrate(fitted.result(), past, settings)
            test = table[fold.rows_to_test(table["as_of"])]
            predicted.append(_predict(final, past, snapshots, test, fold, settings))
            if explain:
                explained.append(pool.submit(_reasons, final, snapshots, test, fold.number, explained_dates))
    if final is None:
        raise _no_churn(table)
    reasons = [part.result() for part in explained] or [pd.DataFrame()]
    return Rolled(pd.concat(predicted, ignore_index=True), final, pd.concat(reasons, ignore_index=True))


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """A pool that drops what has not begun when the block fails: Ctrl-C shall not wait for all the folds."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _reasons(model: Scorer, snapshots: Snapshots, test: pd.DataFrame, fold: int, dates: Sequence[date]) -> pd.DataFrame:
    """What drove the predictions of the sampled dates, and of all that left."""
    sampled = test["as_of"].isin(dates)
    explained = test[sampled | (test["churned"] == 1)].index
    parts = [family_shap.explain(model, rows, fold, sampled[rows.index]) for rows in snapshots.pieces(explained)]
    return pd.concat(parts, ignore_index=True)


def training_rows(
    table: pd.DataFrame, fold: Fold, train_every_days: int, outcomes: KnownOutcomes | None = None
) -> pd.DataFrame:
    """`OUTCOME` of the thinned dates that the fold may train on, as known on its training date; `WEIGHT` as there."""
    allowed = _labelled(table, fold, outcomes)
    dates = thin(allowed["as_of"].drop_duplicates(), train_every_days)
    return allowed[allowed["as_of"].isin(dates)]


def bag_rows(
    snapshots: Snapshots,
    fold: Fold,
    train_every_days: int,
    bags: int,
    outcomes: KnownOutcomes | None = None,
    most: int | None = None,
    *,
    seed: int = 0,
) -> list[TrainingSet]:
    """The rows of each bag, on dates that are shifted against those of the bag before (`splits.offsets`).

    Sets with one outcome only are left out, but for the first.

    Parameters
    ----------
    most
        Rows of a set from which on it is a sample; None: no set is.
    """
    allowed = _labelled(snapshots.outcomes, fold, outcomes)
    sets = offsets(allowed["as_of"].drop_duplicates(), train_every_days, bags)
    first, *others = (allowed[allowed["as_of"].isin(dates)] for dates in sets)
    return [
        TrainingSet(snapshots, rows if most is None else sampled(rows, most, seed), len(rows))
        for rows in (first, *(rows for rows in others if _both_outcomes(rows)))
    ]


def _both_outcomes(rows: pd.DataFrame) -> bool:
    return bool(rows["churned"].nunique() == 2)


def _labelled(table: pd.DataFrame, fold: Fold, outcomes: KnownOutcomes | None) -> pd.DataFrame:
    """`OUTCOME` of all rows that the fold may train on and whose outcome was known on its training date."""
    allowed = _as_known(table.loc[fold.rows_to_train(table["as_of"])], fold, outcomes)
    return allowed[allowed["churned"].notna()]


def _as_known(rows: pd.DataFrame, fold: Fold, outcomes: KnownOutcomes | None) -> pd.DataFrame:
    """Rows of the snapshots (by their index) with what was known of their outcome on the fold's training date.

    Where rows do not teach alike, with their weight; those that teach nothing are left out.
    """
    if outcomes is None:
        return rows
    known = rows.assign(churned=outcomes.at(fold.trained_as_of)[rows.index])
    weight = outcomes.weight_at(fold.trained_as_of)
    if weight is None:
        return known
    weighed = known.assign(**{WEIGHT: weight[rows.index]})
    return weighed[weighed[WEIGHT] > 0]


def _learnable(train: pd.DataFrame) -> bool:
    """Both outcomes, and at least two accounts that left."""
    lost = train.loc[train["churned"] == 1, "account_id"].nunique()
    return lost >= 2 and _both_outcomes(train)


def _fit(
    sets: Callable[[Fold], list[TrainingSet]],
    fold: Fold,
    directions: Mapping[str, int],
    hyper: Hyperparameters,
    settings: FitSettings,
    estimator: MakeEstimator | None,
    seed: int,
) -> Scorer:
    first, *others = sets(fold)
    further = [other.rows for other in others]
    fitted = fit(first.rows(), directions, hyper, settings, estimator, further, threads=1, seed=seed)
    sample = {} if len(first.labelled) == first.offered else {"sampled_from": first.offered}
    return replace(fitted, notes={**fitted.notes, **sample, "trained_as_of": fold.trained_as_of.isoformat()})


def calibrate(fitted: Scorer, past: pd.DataFrame, settings: FitSettings) -> Scorer:
    """The model with the most probable blend and line, given what it would have said and what became of it.

    The weight of the boosting, like the line, starts where the settings have it, and accounts, not rows, move it.

    Parameters
    ----------
    past
        Predictions of earlier folds with known outcome; may be empty: then all stays as it is.
    """
    if past.empty:
        return fitted
    churned, line = past["churned"].to_numpy(dtype=np.int64), _line_of(past, settings)
    weight = fitted.weight
    if fitted.boosters:
        row_weight, loss = evidence(churned, past["account_id"]), partial(_loss, past, churned, line)
        offered = (settings.boosting_weight, *WEIGHTS)
        weight = min(offered, key=lambda w: row_weight * loss(blended(past, w)) + _far(w, settings))
    slope, intercept = line(blended(past, weight))
    return replace(fitted, weight=weight, slope=slope, intercept=intercept)


def _line_of(past: pd.DataFrame, settings: FitSettings) -> Callable[[np.ndarray], tuple[float, float]]:
    """Margins of the past rows -> the line that calibrates them."""
    return partial(
        fit_line, churned=past["churned"].to_numpy(dtype=np.int64), accounts=past["account_id"],
        prior=settings.calibration, weights=weights_of(past),
    )  # fmt: skip


def _loss(
    past: pd.DataFrame, churned: np.ndarray, line: Callable[[np.ndarray], tuple[float, float]], margin: np.ndarray
) -> float:
    slope, intercept = line(margin)
    return float((log_losses(intercept + slope * margin, churned) * weights_of(past)).sum())


def _far(weight: float, settings: FitSettings) -> float:
    """Negative log density of a weight before any past, up to a constant."""
    return float((weight - settings.boosting_weight) ** 2 / settings.boosting_weight_sd**2 / 2)


def _observed(
    predicted: Sequence[pd.DataFrame], fold: Fold, outcomes: KnownOutcomes | None, half_life_days: float
) -> pd.DataFrame:
    """Earlier predictions whose outcome had been observed on the fold's training date; `WEIGHT` halves with age.

    What an early model got wrong, having seen few accounts leave, says little of a later one.
    """
    if not predicted:
        return pd.DataFrame(columns=["account_id", "churned", *PREDICTED])
    past = pd.concat([rows[fold.rows_to_train(rows["as_of"])] for rows in predicted])
    past = _as_known(past, fold, outcomes)
    past = past[past["churned"].notna()]
    age = (pd.Timestamp(fold.trained_as_of) - pd.to_datetime(past["as_of"])).dt.days
    return past.assign(**{WEIGHT: weights_of(past) * 0.5 ** (age.to_numpy() / half_life_days)})


def _predict(
    model: Scorer, past: pd.DataFrame, snapshots: Snapshots, test: pd.DataFrame, fold: Fold, settings: FitSettings
) -> pd.DataFrame:
    margins = [_margins(model, rows) for rows in snapshots.pieces(test.index)]
    boosting, logistic = (np.concatenate(of_pieces) for of_pieces in zip(*margins, strict=True))
    predictions = test[OUTCOME].assign(
        fold=fold.number,
        trained_as_of=pd.Timestamp(fold.trained_as_of),
        boosting_margin=boosting,
        logistic_margin=logistic,
    )
    predictions["churn_probability"] = _sigmoid(model.intercept + model.slope * blended(predictions, model.weight))
    line = _line_of(past, settings)
    for name in ("boosting", "logistic"):
        slope, intercept = line(past[f"{name}_margin"].to_numpy(dtype=np.float64))
        predictions[f"{name}_probability"] = _sigmoid(intercept + slope * predictions[f"{name}_margin"].to_numpy())
    return predictions


def _margins(model: Scorer, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Of the boosting, where there is one, and of the logistic regression."""
    encoded = model.encode(rows)
    logistic = model.logistic_margin(encoded)
    return model.boosting_margin(encoded) if model.has_boosting else logistic, logistic


def blended(frame: pd.DataFrame, weight: float) -> np.ndarray:
    """The margin of both models, the boosting's with ``weight``."""
    return np.asarray(weight * frame["boosting_margin"] + (1 - weight) * frame["logistic_margin"], dtype=np.float64)


def log_loss(margin: np.ndarray, churned: np.ndarray) -> float:
    """Mean log loss of log-odds."""
    return float(log_losses(margin, churned).mean())


def _sigmoid(margin: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-margin)))


def _no_churn(table: pd.DataFrame) -> HistoryError:
    known = int(table["churned"].notna().sum())
    lost = table.loc[table["churned"] == 1, "account_id"].nunique()
    return HistoryError(
        f"no training date has churned accounts to learn from: {lost} churned accounts in {known} labelled rows",
        "give more history, or a longer labels.horizon_days",
    )
