"""Fit a churn model: bagged, monotone LightGBM and a monotone logistic regression, always both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.utils.validation import has_fit_parameter

from rind.models.churn.monotone_logistic import fit_monotone
from rind.models.churn.scorer import Scorer, logistic_of
from rind.models.churn.settings import FitSettings
from rind.models.common.calendar import TERM_END

Sample = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of training rows: the encoded features, churned 0/1, and how much each row teaches."""

Rows = Callable[[], pd.DataFrame]
"""Makes training rows when they are needed: the features of several sets at once would fill the memory."""

MakeEstimator = Callable[[], Any]
"""Makes a new classifier with scikit-learn's ``fit`` and ``predict_proba``."""

WEIGHT = "weight"
"""Column of training rows: how much each teaches, above 0; where it is absent, all teach alike."""

AT_ONCE = 16
"""Columns that are scaled at a time."""

BACKGROUND = 8
"""Training rows that SHAP compares with where a classifier of one's own scores; the work grows with them."""


@dataclass(frozen=True)
class Hyperparameters:
    """What the search may choose.

    Small shallow trees are explained faster than LightGBM's defaults, and generalise better on the few hundred
    churned accounts that a company has (`python -m benchmarks.companies` has both).
    """

    num_leaves: int = 5
    n_estimators: int = 160
    learning_rate: float = 0.04
    min_child_samples: int = 150
    feature_fraction: float = 0.25
    lambda_l2: float = 30.0
    logistic_c: float = 0.001


def fit(
    train: pd.DataFrame,
    directions: Mapping[str, int],
    hyper: Hyperparameters,
    settings: FitSettings,
    estimator: MakeEstimator | None = None,
    further: Sequence[Rows] = (),
    *,
    threads: int,
    seed: int,
) -> Scorer:
    """Fit both models, uncalibrated, blended by ``settings.boosting_weight``.

    Parameters
    ----------
    train
        One row per labelled (account_id, as_of): the features (columns with ``__``), churned 0/1, and `WEIGHT` where
        rows do not teach alike.
    directions
        Feature -> -1/0/+1 from the catalogue.
    estimator
        Makes a classifier (``fit``, ``predict_proba``) that learns in place of the boosting, and alone: its weight in
        the blend is 1. It gets a float matrix, NaN where a value is unknown, texts as 0/1 indicators; and
        ``sample_weight`` where rows do not teach alike.
    further
        What makes rows of the same kind on other dates, with both outcomes: each bag of the boosting learns from one
        set, ``train`` among them, in turn. Weekly dates are nearly copies, but not quite: bags that see different ones
        agree less by chance.
    threads
        OpenMP threads of LightGBM, pinned: its own choice is far slower on a loaded machine with few cores.
    """
    numeric, levels = choose_columns(train, settings)
    blank = Scorer(numeric, levels, (), (), weight=0.0)
    matrix, churned, weights = _sample(blank, train)
    regime = choose_regime(train, numeric, settings.min_churned_in_a_regime)
    parts = (train[regime].to_numpy() <= 0, train[regime].to_numpy() > 0) if regime else (np.ones(len(train), bool),)
    signs = [directions.get(name, 0) if settings.monotone else 0 for name in blank.encoded]
    logistics = tuple(_fit_logistic(matrix[rows], churned[rows], weights[rows], signs, hyper) for rows in parts)
    lost_accounts = int(train.loc[train["churned"] == 1, "account_id"].nunique())
    enough = lost_accounts >= settings.min_churned_for_boosting
    boosters: tuple[lgb.Booster, ...] = ()
    if enough and estimator is None:
        others = [partial(_sample_of, blank, rows) for rows in further]
        boosters = _fit_boosters((matrix, churned, weights), others, signs, hyper, settings, threads=threads, seed=seed)
    notes = {
        "churned_accounts": lost_accounts,
        "rows": len(train),
        "model": "blend" if enough else "logistic",
        "left_out": sorted(c for c in feature_columns(train) if c not in {*numeric, *levels}),
    }
    weight = settings.boosting_weight if enough else 0.0
    fitted = replace(blank, logistics=logistics, regime=regime, boosters=boosters, weight=weight, notes=notes)
    return fitted if estimator is None else _with_own(fitted, estimator(), (matrix, churned, weights), seed)


def takes_weights(estimator: MakeEstimator | None) -> bool:
    """Whether rows may teach by weight: our own models do (None), a classifier where its ``fit`` says so."""
    return estimator is None or has_fit_parameter(estimator(), "sample_weight")


def weights_of(rows: pd.DataFrame) -> np.ndarray:
    """How much each row teaches, shape (rows,)."""
    return np.asarray(rows[WEIGHT] if WEIGHT in rows else np.ones(len(rows)), dtype=np.float64)


def _sample(blank: Scorer, rows: pd.DataFrame) -> Sample:
    return blank.encode(rows), np.asarray(rows["churned"], dtype=np.int64), weights_of(rows)


def _sample_of(blank: Scorer, rows: Rows) -> Sample:
    return _sample(blank, rows())


def _unless_alike(weights: np.ndarray) -> np.ndarray | None:
    return None if (weights == 1).all() else weights


def _with_own(fitted: Scorer, own: Any, sample: Sample, seed: int) -> Scorer:
    """The same beside a classifier of one's own; the logistic regressions stay as the baseline."""
    encoded, churned, weights = sample
    matrix = np.asarray(encoded, dtype=np.float64)
    alike = _unless_alike(weights) is None  # not every classifier takes weights
    own.fit(matrix, churned, **({} if alike else {"sample_weight": weights}))
    rows = np.random.default_rng(seed).choice(len(matrix), size=min(BACKGROUND, len(matrix)), replace=False)
    notes = {**fitted.notes, "model": type(own).__name__}
    return replace(fitted, own=own, background=matrix[np.sort(rows)], boosters=(), weight=1.0, notes=notes)


def choose_regime(train: pd.DataFrame, numeric: Sequence[str], min_churned: int) -> str:
    """`TERM_END` (the term ends inside the horizon), where enough accounts left with it and without it; else ""."""
    if TERM_END not in numeric:
        return ""
    lost = train[train["churned"] == 1]
    accounts = lost.groupby(lost[TERM_END] > 0)["account_id"].nunique()
    return TERM_END if len(accounts) == 2 and accounts.min() >= min_churned else ""


def feature_columns(frame: pd.DataFrame) -> list[str]:
    """Columns named ``family__what__window``."""
    return [c for c in frame.columns if c.count("__") >= 2]


def choose_columns(train: pd.DataFrame, settings: FitSettings) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Numeric features that vary in training, and the levels of text features that enough accounts have."""
    numeric, levels = [], {}
    for name in feature_columns(train):
        column = train[name]
        if not pd.api.types.is_numeric_dtype(column):
            accounts = train.groupby(name, observed=True)["account_id"].nunique()
            common = accounts[accounts >= settings.min_accounts_per_level].nlargest(settings.max_levels)
            if len(common) > 1 or (len(common) == 1 and len(accounts) > 1):
                levels[name] = tuple(sorted(str(level) for level in common.index))
        elif column.nunique(dropna=False) > 1:
            numeric.append(name)
    return tuple(numeric), levels


def _fit_logistic(
    matrix: np.ndarray, churned: np.ndarray, weights: np.ndarray, directions: Sequence[int], hyper: Hyperparameters
) -> Pipeline:
    """Ranks instead of values: robust to heavy tails, bounded outside the training range.

    A column without any value here (it may have some in the other regime) is held constant, so it gets no weight.
    What says only whether a value is missing has no direction. All steps work in one table: scikit-learn's own pipeline
    would hold four of them at once.
    """
    columns, unknown = matrix.shape[1], np.isnan(matrix)
    empty = unknown.all(axis=0)
    with_gaps = np.flatnonzero(unknown.any(axis=0) & ~empty)
    whole = np.empty((len(matrix), columns + len(with_gaps)))
    values = whole[:, :columns]
    values[:] = np.where(empty, 0.0, matrix) if empty.any() else matrix
    ranks = QuantileTransformer(n_quantiles=min(50, len(matrix)), subsample=20_000, random_state=0, copy=False)
    values[:] = ranks.fit_transform(values)
    medians = np.array([np.nanmedian(values[:, column]) for column in range(columns)])
    for column in with_gaps:
        values[unknown[:, column], column] = medians[column]
    whole[:, columns:] = unknown[:, with_gaps]
    mean, scale = np.empty(whole.shape[1]), np.empty(whole.shape[1])
    for start in range(0, whole.shape[1], AT_ONCE):
        some, scaler = slice(start, start + AT_ONCE), StandardScaler(copy=False)
        whole[:, some] = scaler.fit_transform(whole[:, some])
        mean[some], scale[some] = scaler.mean_, scaler.scale_
    signs = np.pad(np.asarray(directions), (0, len(with_gaps)))
    fitted = fit_monotone(whole, churned, signs, hyper.logistic_c, weights)
    return logistic_of(
        {
            "references": ranks.references_,
            "quantiles": ranks.quantiles_,
            "medians": medians,
            "with_gaps": with_gaps.tolist(),
            "mean": mean,
            "scale": scale,
            "coefficients": fitted.coef_[0],
            "intercept": fitted.intercept_,
        }
    )


def _fit_boosters(
    sample: Sample,
    others: Sequence[Callable[[], Sample]],
    signs: Sequence[int],
    hyper: Hyperparameters,
    settings: FitSettings,
    *,
    threads: int,
    seed: int,
) -> tuple[lgb.Booster, ...]:
    params: dict[str, Any] = {
        "objective": "binary",
        "num_leaves": hyper.num_leaves,
        "learning_rate": hyper.learning_rate,
        "min_child_samples": hyper.min_child_samples,
        "feature_fraction": hyper.feature_fraction,
        "bagging_fraction": settings.bagging_fraction,
        "bagging_freq": 1,
        "lambda_l2": hyper.lambda_l2,
        "max_bin": 63,
        "num_threads": threads,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }
    if any(signs):
        params |= {"monotone_constraints": list(signs), "monotone_constraints_method": "basic"}
    seeds = [int(one % 2**31) for one in np.random.SeedSequence(seed).generate_state(settings.bags)]
    first = _dataset(sample, {**params, "seed": seeds[0]})
    boosters = []
    for n, one in enumerate(seeds):
        place = n % (1 + len(others))
        data = first if place == 0 else _dataset(others[place - 1](), params, reference=first)
        boosters.append(lgb.train({**params, "seed": one}, data, num_boost_round=hyper.n_estimators))
    return tuple(boosters)


def _dataset(sample: Sample, params: dict[str, Any], reference: lgb.Dataset | None = None) -> lgb.Dataset:
    """The sample in the bins of the reference, without the sample itself."""
    matrix, churned, weights = sample
    return lgb.Dataset(matrix, churned, weight=_unless_alike(weights), reference=reference, params=params).construct()
