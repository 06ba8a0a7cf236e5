"""Today's scores against what the past leads one to expect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import bdtrc

from rind.common.guards import Finding
from rind.models.common.frames import KEYS
from rind.models.common.resampling import Floats, complete_dates
from rind.models.evaluation.drift import psi
from rind.models.guards.settings import LoneDrift, TooManyToday


def too_many_today(probabilities: pd.Series, rows: pd.DataFrame, as_of: date, limits: TooManyToday) -> Finding:
    """Whether today's mean probability is many times the share that left in the same season before.

    Parameters
    ----------
    probabilities
        Of the cohort of the scoring date.
    rows
        One row per past snapshot: as_of, churned (1/0/NaN). Only dates with all their outcomes count.
    """
    known = rows[complete_dates(rows)]
    if not len(known) or not len(probabilities):
        return Finding("too_many_today", "too odd", limits.answer)
    rates = known.assign(churned=known["churned"].astype("float64")).groupby("as_of")["churned"].mean()
    season = rates[_same_season(rates.index, as_of, limits.season_days)]
    base, years = (float(season.mean()), "the same season") if len(season) else (float(rates.mean()), "all of the past")
    base = max(base, float(rates.mean()))
    accounts, mean = len(probabilities), float(probabilities.mean())
    if base <= 0:
        return Finding("too_many_today", "too odd", limits.answer, measured={"mean": mean, "base": base})
    chance = float(bdtrc(max(np.floor(mean * accounts) - 1, 0), accounts, base))  # of so many or more
    measured = {"accounts": accounts, "mean": mean, "base": base, "times": mean / base, "p_value": chance}
    if mean < limits.times_base * base or chance > limits.p_value:
        return Finding("too_many_today", "too odd", limits.answer, measured=measured)
    evidence = (
        f"By the {accounts:,} probabilities of today {mean:.1%} will leave, {mean / base:.1f} times the {base:.1%} of "
        f"{years}."
    )
    check = "Did a feed stop, or a column change its meaning? Look at the features that moved most."
    return Finding("too_many_today", "too odd", limits.answer, True, evidence, check, measured)


def _same_season(days: pd.Index, as_of: date, within: int) -> np.ndarray:
    apart = np.abs(pd.DatetimeIndex(days).day_of_year.to_numpy() - as_of.timetuple().tm_yday)
    return np.asarray(np.minimum(apart, 365 - apart) <= within)


def lone_drift(
    past: Callable[[str], Floats], now: pd.DataFrame, explanations: pd.DataFrame, limits: LoneDrift
) -> Finding:
    """Whether one feature, which lies elsewhere today than in training, carries today's scores alone.

    Parameters
    ----------
    past
        Gives a feature's values at the snapshots of training, NaN where it is unknown.
    now
        One row per snapshot of the scoring date: the features.
    explanations
        One row per (account_id, feature) of the scoring date: feature, shap_value.
    """
    sizes = explanations.assign(size=explanations["shap_value"].abs()).groupby("feature", observed=True)["size"].sum()
    if not len(sizes) or not sizes.sum() or not len(now):
        return Finding("lone_drift", "too odd", limits.answer)
    shares = (sizes / sizes.sum()).sort_values(ascending=False)
    numeric = [n for n in shares.index if n in now and n not in KEYS and pd.api.types.is_numeric_dtype(now[n])]
    moved = {name: psi(past(name), now[name].to_numpy("float64", na_value=np.nan)) for name in numeric[:20]}
    if not moved:
        return Finding("lone_drift", "too odd", limits.answer)
    name = max(moved, key=lambda n: min(moved[n] / limits.psi, shares[n] / limits.share_of_shap))
    measured = {"feature": name, "psi": round(moved[name], 3), "share_of_shap": round(float(shares[name]), 3)}
    if moved[name] < limits.psi or shares[name] < limits.share_of_shap:
        return Finding("lone_drift", "too odd", limits.answer, measured=measured)
    evidence = (
        f"{name} lies elsewhere today than in training (index {moved[name]:.1f}; 0.25 is another population) and makes "
        f"{shares[name]:.0%} of what moves today's scores."
    )
    check = "Is it filled today as it was then? A column that is corrected only for the past leaks the outcome."
    return Finding("lone_drift", "too odd", limits.answer, True, evidence, check, measured)
