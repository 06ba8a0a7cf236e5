"""When an account leaves, not only whether: the churn score of one horizon turned into a curve over a year.

A discrete-time hazard (Singer and Willett 1993, doi:10.3102/10769986018002155; Tutz and Schmid 2016) on steps of
`STEP_DAYS`: the chance of leaving in a step for who is still there at its start, given the score of the day and where
the step lies in the contract's calendar. It learns from out-of-sample scores only, and a row counts with the steps that
are already known, so the newest weeks teach too. Inside the horizon of the score the curve ends at the score itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.models.common.calendar import DAYS_TO_TERM_END, TERM_DAYS
from rind.models.common.splits import thin

Floats = npt.NDArray[np.float64]

STEP_DAYS = 30
STEPS = 13
"""A little over a year: the renewals of yearly terms lie within."""

LEAST, MOST = 1e-6, 1 - 1e-6
LEARNED_EVERY_DAYS = 28
"""Weekly scores of an account are nearly copies."""

HORIZONS_DAYS = (30, 180, 365)
"""Beside the model's own."""

CURVE_DAYS = {f"left_by_{STEP_DAYS * n}d": STEP_DAYS * n for n in range(1, STEPS + 1)}
"""Column of `curve_of` -> its day."""

COLUMNS = ("margin", "step", "days_to_end", "ends_in_step", "term_days")
TREES: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.05,
    "min_child_samples": 200,
    "lambda_l2": 10.0,
    "max_bin": 63,
    "monotone_constraints": [1, 0, 0, 0, 0],
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
    "num_threads": 1,  # curves of several dates are fitted at once; a fit of few columns gains nothing from two
}
ROUNDS = 120

CHUNK = 50_000
"""Rows whose steps are predicted at a time: there are `STEPS` times as many."""


@dataclass(frozen=True)
class Curves:
    """The chance of leaving by day, fitted on past scores.

    Parameters
    ----------
    booster
        The hazard of a step, from `COLUMNS`.
    horizon_days
        Of the score that the curve goes through.
    """

    booster: lgb.Booster
    horizon_days: int

    def left_by(self, rows: pd.DataFrame, days: npt.NDArray[np.int64]) -> Floats:
        """The chance of having left by each of ``days`` after as_of.

        Parameters
        ----------
        rows
            One row per (account_id, as_of): churn_probability, and the features of the calendar.
        days
            Shape (rows, k): days after as_of, 0 to STEPS * STEP_DAYS.

        Returns
        -------
        numpy.ndarray
            Shape (rows, k); never falls from an earlier day to a later one.
        """
        pieces = [slice(start, start + CHUNK) for start in range(0, len(rows), CHUNK)]
        parts = [self._left_by(rows.iloc[piece], days[piece]) for piece in pieces]
        return np.concatenate(parts) if parts else np.zeros((0, days.shape[1]))

    def _left_by(self, rows: pd.DataFrame, days: npt.NDArray[np.int64]) -> Floats:
        """The same of some rows."""
        spans = steps_of(rows)
        hazard = np.asarray(self.booster.predict(spans[list(COLUMNS)].to_numpy("float64"), num_threads=1))
        cumulative = -np.log1p(-np.clip(hazard, LEAST, MOST)).reshape(len(rows), STEPS).cumsum(axis=1)
        cumulative = np.column_stack([np.zeros(len(rows)), cumulative])
        score = -np.log1p(-np.clip(rows["churn_probability"].to_numpy("float64"), LEAST, MOST))
        to_horizon = _at(cumulative, np.full((len(rows), 1), self.horizon_days))
        by_day = _at(cumulative, days)
        inside = score[:, None] * by_day / np.maximum(to_horizon, LEAST)
        beyond = score[:, None] + by_day - to_horizon
        return np.asarray(-np.expm1(-np.where(days <= self.horizon_days, inside, beyond)))


def fit_curves(
    past: pd.DataFrame,
    days_to_churn: pd.Series,
    followed_days: pd.Series,
    horizon_days: int,
    fewest: int,
    *,
    seed: int,
) -> Curves | None:
    """Learn the hazard of each step from past scores; None where fewer than ``fewest`` accounts left.

    Parameters
    ----------
    past
        One row per (account_id, as_of): churn_probability, out of sample, and the features of the calendar.
    days_to_churn, followed_days
        Same index: days to the departure as far as it is known, else NaN; days for which it is known whether the
        account stayed.
    """
    if past.empty:
        return None
    kept = past["as_of"].isin(learned_dates(past))
    past, days, followed = past[kept], days_to_churn[kept], followed_days[kept]
    spans = steps_of(past)
    row, start = spans["row"].to_numpy(), spans["step"].to_numpy() * STEP_DAYS
    left_after = days.to_numpy("float64", na_value=np.nan)[row]
    seen_for = followed.to_numpy("float64")[row]
    at_risk = ~(left_after <= start)
    left = (left_after > start) & (left_after <= start + STEP_DAYS)
    known = at_risk & (left | (seen_for >= start + STEP_DAYS) | (left_after > start + STEP_DAYS))
    if past["account_id"].iloc[row[known & left]].nunique() < fewest:
        return None
    params = {**TREES, "seed": seed}
    data = lgb.Dataset(spans.loc[known, list(COLUMNS)].to_numpy("float64"), left[known].astype(int), params=params)
    return Curves(lgb.train(params, data, num_boost_round=ROUNDS), horizon_days)


def learned_dates(past: pd.DataFrame) -> list[date]:
    """The dates of past scores that a curve learns from."""
    return thin(past["as_of"].drop_duplicates(), LEARNED_EVERY_DAYS)


def steps_of(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per row and step, in order: ``row`` (position), and `COLUMNS` as they are at the step's start.

    An end that has passed by then is followed by the next one, a term's length later.
    """
    row, step = np.repeat(np.arange(len(rows)), STEPS), np.tile(np.arange(STEPS), len(rows))
    probability = np.clip(rows["churn_probability"].to_numpy("float64"), LEAST, MOST)
    length = _numbers(rows, TERM_DAYS)[row]
    left = _numbers(rows, DAYS_TO_TERM_END)[row] - step * STEP_DAYS
    follows = (left < 0) & (step > 0) & (length > 0)
    left = np.where(follows, np.mod(left, np.where(length > 0, length, 1.0)), left)
    return pd.DataFrame(
        {
            "row": row,
            "margin": np.log(probability / (1 - probability))[row],
            "step": step,
            "days_to_end": left,
            "ends_in_step": ((left >= 0) & (left <= STEP_DAYS)).astype(float),
            "term_days": length,
        }
    )


NAMES = [*(f"probability_{days}d" for days in HORIZONS_DAYS), "renewal_probability"]


def columns_of(curves: Curves | None, rows: pd.DataFrame) -> pd.DataFrame:
    """The probabilities of each row as the list names them; empty without a curve.

    Returns
    -------
    pandas.DataFrame
        Same index: probability_<days>d of each of `HORIZONS_DAYS`, and renewal_probability: to be a customer still at
        the end of the step in which the present term ends; empty where no end is known or it lies beyond a year.
    """
    return columns_and_curve(curves, rows)[NAMES]


def curve_of(curves: Curves | None, rows: pd.DataFrame) -> pd.DataFrame:
    """The chance of having left by the end of each step; same index, `CURVE_DAYS`; empty without a curve."""
    return columns_and_curve(curves, rows)[list(CURVE_DAYS)]


def columns_and_curve(curves: Curves | None, rows: pd.DataFrame) -> pd.DataFrame:
    """`columns_of` and `curve_of` side by side: the hazards are predicted once."""
    names = [*NAMES, *CURVE_DAYS]
    if curves is None:
        return pd.DataFrame(np.nan, rows.index, names)
    until = renewal_days(rows)
    fixed = [np.full(len(rows), days) for days in (*HORIZONS_DAYS, *CURVE_DAYS.values())]
    left = curves.left_by(rows, np.column_stack([*fixed, np.nan_to_num(until)]).astype(np.int64))
    renews = np.where(np.isnan(until), np.nan, 1 - left[:, -1])
    columns = [name for name in names if name != "renewal_probability"]
    return pd.DataFrame(left[:, :-1], rows.index, columns).assign(renewal_probability=renews)[names]


def renewal_days(rows: pd.DataFrame) -> Floats:
    """Days until the end of the step in which each row's term ends; NaN where none is known or ahead within a year."""
    left = _numbers(rows, DAYS_TO_TERM_END)
    until = np.maximum(np.ceil(left / STEP_DAYS), 1) * STEP_DAYS
    return np.where((left >= 0) & (until <= STEPS * STEP_DAYS), until, np.nan)


def left_within(days_to_churn: Floats, followed_days: Floats, within: Floats) -> Floats:
    """1: left within so many days; 0: stayed; NaN: not known yet. All per row, in days; NaN: no departure is known."""
    left = days_to_churn <= within
    return np.where(left, 1.0, np.where(followed_days >= within, 0.0, np.nan))


def _numbers(rows: pd.DataFrame, name: str) -> Floats:
    return np.asarray(rows[name] if name in rows else np.full(len(rows), np.nan), dtype=np.float64)


def _at(cumulative: Floats, days: npt.NDArray[np.int64]) -> Floats:
    """The cumulative hazard at days that may lie inside a step, where it grows evenly."""
    place = np.clip(days / STEP_DAYS, 0, cumulative.shape[1] - 1)
    below = np.minimum(place.astype(int), cumulative.shape[1] - 2)
    row = np.arange(len(cumulative))[:, None]
    low, high = cumulative[row, below], cumulative[row, below + 1]
    return np.asarray(low + (place - below) * (high - low))
