"""Watermelons: green outside by the health score, red inside by the model. Flagged, and measured on history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Rule:
    """How the threshold is chosen: exactly one of the two is given.

    Parameters
    ----------
    capacity
        Share of the green accounts that the CSMs can call in a week (0.1 = a tenth).
    precision
        Share of the flagged accounts that should really leave.
    horizon_days, grace_days
        Of the labels: an outcome counts as known at as_of + horizon + grace.
    look_back_days
        Only weeks this recent choose the threshold.
    """

    capacity: float | None = 0.1
    precision: float | None = None
    horizon_days: int = 90
    grace_days: int = 30
    look_back_days: int = 364


def threshold_at(history: pd.DataFrame, rule: Rule, as_of: Any) -> float:
    """The probability from which a green account is flagged at as_of, from earlier weeks only; NaN = none yet.

    ``history`` is the backtest, one row per (account_id, as_of): as_of, churn_probability, health_band, churned.
    """
    raise NotImplementedError


def flag(scored: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """``scored`` with ``watermelon``: health_band is green and churn_probability >= threshold (NaN flags nobody)."""
    raise NotImplementedError


def flag_history(history: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """``history`` with ``watermelon_threshold`` and ``watermelon``, every week by `threshold_at` its own date."""
    raise NotImplementedError


def measure(flagged: pd.DataFrame, draws: int = 400, seed: int = 0) -> dict[str, Any]:
    """What the flags were worth: the content of ``metrics.json["watermelons"]``.

    ``flagged`` is the result of `flag_history`: account_id, as_of, churn_probability, health_score, health_band,
    watermelon, watermelon_threshold, churned (null = unknown), days_to_churn (null = not seen), optionally mrr.
    """
    raise NotImplementedError
