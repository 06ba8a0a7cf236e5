"""Watermelons: green outside by the health score, red inside by the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rind.models.common.calendar import CELL
from rind.models.common.frames import datetimes
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.common.resampling import Floats, complete_dates, outcome
from rind.models.common.settings import LabelWindow
from rind.models.watermelons.calendar_skill import unproven
from rind.models.watermelons.settings import WatermelonSettings

__all__ = ["Rule", "flag", "flag_history", "flag_on", "threshold_at", "withheld_at"]


DECIDING = ("account_id", "as_of", "churn_probability", "health_band", "churned", CELL)
"""What of the history chooses thresholds and judges earlier flags."""


@dataclass(frozen=True)
class Rule:
    """The settings with what other sections own.

    Parameters
    ----------
    label
        The outcome of a date is known horizon + grace days later.
    draws, seed
        Of the bootstrap by account that judges earlier flags.
    """

    settings: WatermelonSettings
    label: LabelWindow
    draws: int
    seed: int


def threshold_at(history: pd.DataFrame, rule: Rule, as_of: Any) -> float:
    """The probability from which a green account is flagged, chosen on dates before as_of only.

    For a capacity the dates in [as_of - look_back_days, as_of) count; for a precision that window lies
    earlier by the days that outcomes take to be known (horizon + grace).

    Parameters
    ----------
    history
        The backtest, one row per (account_id, as_of): as_of, churn_probability, health_band, churned.
    rule
        See `Rule`.
    as_of
        The date whose accounts are to be flagged.

    Returns
    -------
    float
        NaN when no earlier date can tell; infinity (nobody is flagged) when none of the past's thresholds
        kept the rule.
    """
    last = pd.Timestamp(as_of)
    if rule.settings.precision is not None:
        last -= rule.label.observed_after
        history = history[complete_dates(history)]
    on = datetimes(history["as_of"])
    before = on < last
    since = on >= last - pd.Timedelta(days=rule.settings.look_back_days)
    past = history[before & since & (history["health_band"] == "green")]
    return _lowest_allowed(past, rule) if len(past) else float("nan")


def _lowest_allowed(past: pd.DataFrame, rule: Rule) -> float:
    """The lowest probability that keeps the rule among past green rows; equal probabilities stay together."""
    past = past.sort_values("churn_probability", ascending=False)
    probability = past["churn_probability"].to_numpy("float64")
    last_of_ties = np.append(np.diff(probability) != 0, True)
    listed = np.arange(1, len(past) + 1)
    if rule.settings.precision is None:
        room = (rule.settings.capacity or 0.0) * len(past)
        if rule.settings.accounts_per_week is not None:
            room = rule.settings.accounts_per_week * past["as_of"].nunique()
        kept = listed <= room
    else:
        left = outcome(past["churned"]).cumsum()
        accounts = (~past["account_id"].duplicated()).to_numpy().cumsum()
        kept = (left / listed >= rule.settings.precision) & (accounts >= rule.settings.fewest_accounts)
    allowed: Floats = probability[kept & last_of_ties]
    return float(allowed[-1]) if len(allowed) else float("inf")


def flag(scored: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Mark the watermelons of one date.

    Parameters
    ----------
    scored
        One row per account: churn_probability, health_band (as it stood on the day).
    threshold
        Of `threshold_at`; NaN flags nobody.

    Returns
    -------
    pandas.DataFrame
        ``scored`` with ``watermelon_threshold`` and ``watermelon``: green, and a probability of at least it.
    """
    inside_red = scored["churn_probability"] >= threshold
    green = scored["health_band"] == "green"
    return scored.assign(watermelon_threshold=threshold, watermelon=(green & inside_red).astype(bool))


def withheld_at(history: pd.DataFrame, rule: Rule, as_of: Any) -> bool:
    """Whether nobody is flagged on a date, because the flags of earlier dates showed no skill beyond the calendar.

    Parameters
    ----------
    history
        As for `threshold_at`, with ``watermelon_candidate``, ``watermelon_threshold`` and ``calendar``?; churned as
        it was known on ``as_of``.
    """
    last = pd.Timestamp(as_of) - rule.label.observed_after
    past = history[(datetimes(history["as_of"]) < last) & history["watermelon_threshold"].notna()]
    past = past[complete_dates(past)] if len(past) else past
    return bool(len(past)) and unproven(past, rule.settings.fewest_departed, rule.draws, rule.seed)


def flag_on(day: Any, scored: pd.DataFrame, history: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Flag the accounts of a date by the threshold that earlier dates chose; nobody where their flags showed no skill.

    Parameters
    ----------
    scored
        As for `flag`: the accounts of ``day``.
    history
        As for `threshold_at` and `withheld_at`; churned as it was known on ``day``.
    """
    withheld = "watermelon_candidate" in history and withheld_at(history, rule, day)
    return flag(scored, float("inf") if withheld else threshold_at(history, rule, day))


def _narrow(history: pd.DataFrame) -> pd.DataFrame:
    """What thresholds and their skill rest on, in types that are fast to cut: each date looks at all rows before it."""
    deciding = history[[c for c in DECIDING if c in history]]
    codes = pd.factorize(history["account_id"], sort=True)[0]
    return deciding.assign(
        account_id=codes, as_of=datetimes(deciding["as_of"]), health_band=deciding["health_band"].astype("category")
    )


def flag_history(history: pd.DataFrame, rule: Rule, outcomes: KnownOutcomes | None = None) -> pd.DataFrame:
    """Flag every date of the backtest by a threshold that earlier dates chose.

    Parameters
    ----------
    outcomes
        What was known of the history's outcomes at each date; None: nothing was ever recorded late.

    Returns
    -------
    pandas.DataFrame
        ``history``, same order and index, with the two columns of `flag`; the threshold is NaN on dates before
        which nothing could choose one. ``watermelon_candidate``: green, and a probability of at least the threshold;
        ``watermelon_withheld``: the date's candidates are not flagged, see `withheld_at`.
    """
    place, dates = pd.factorize(history["as_of"], sort=True)
    narrow = _narrow(history)

    def known(on: Any) -> pd.DataFrame:
        return narrow if outcomes is None else narrow.assign(churned=outcomes.at(pd.Timestamp(on).date()))

    chosen = np.array([threshold_at(known(on), rule, on) for on in dates], dtype="float64")[place]
    candidate = (history["health_band"] == "green") & (history["churn_probability"] >= chosen)
    candidate = candidate.astype(bool)
    narrow = narrow.assign(watermelon_threshold=chosen, watermelon_candidate=candidate)
    withheld = np.array([withheld_at(known(on), rule, on) for on in dates], dtype=bool)[place]
    return history.assign(
        watermelon_threshold=chosen,
        watermelon_candidate=candidate,
        watermelon_withheld=withheld,
        watermelon=candidate & ~withheld,
    )
