"""What will still be there at a period's end: expected revenue with an interval, beside a naive forecast.

Per account: the probability of leaving by then (read off the model's curve where there is one, else the model's,
brought from its horizon to the length of the period along the calendar of departures), and the change of those that
stay: by the probability of shrinking and of growing where a model tells it, else the past's mean of the segment. The
interval is simulated: a shock that all accounts share (its mean brings the model and last year's rates together), a
change of growth that all share, and each account's chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit

from rind.models.book.past_quarters import QUARTER_DAYS, Calendar, Change, Growth
from rind.models.book.settings import BookSettings
from rind.models.book.shared_shock import Shock
from rind.models.book.shift import LEAST, MOST
from rind.models.churn.horizons import CURVE_DAYS
from rind.models.common.resampling import Floats

ALL = "all"
CHUNK = 50
MONTHS_A_YEAR = 12
LEVEL = 0.8
FURTHEST = 1.5
"""The log-odds of leaving are not moved further than that towards last year's rates."""
SUMMED = [
    "accounts", "arr", "arr_up_for_renewal", "expected_to_renew", "expected_to_contract", "expected_to_expand",
    "arr_leaving", "arr_contraction", "arr_expansion", "arr_at_risk", "arr_expected", "arr_naive", "arr_actual",
]  # fmt: skip
COLUMNS = ["segment", "csm", *SUMMED[:-2], "low", "high", "grr", "nrr", *SUMMED[-2:]]


@dataclass(frozen=True)
class Outlooks:
    """What is known on the day of a forecast.

    Parameters
    ----------
    shock
        Of all accounts.
    growth, kept
        By segment, "" for all; ``kept``: the share of revenue that stays over a quarter (the naive forecast).
    calendar
        When accounts leave.
    horizon_days
        Of the model's probabilities.
    falls, rises
        How those that stay come to pay less and more; None: too few did.
    """

    shock: Shock
    growth: dict[str, Growth]
    kept: dict[str, float]
    calendar: Calendar
    horizon_days: int
    falls: Change | None = None
    rises: Change | None = None


def leaving(accounts: pd.DataFrame, known: Outlooks) -> Floats:
    """Each account's probability of leaving by the period's end, without the shared shock.

    Parameters
    ----------
    accounts
        One row per account: churn_probability (within the horizon; null: of the cohort's mean), days to the period's
        end, to_term_end, term_days; and `CURVE_DAYS` where the model's curve is known (null: it is not).
    """
    probability = accounts["churn_probability"].to_numpy("float64")
    mean = float(np.nanmean(probability)) if np.isfinite(probability).any() else 0.05
    probability = np.clip(np.where(np.isfinite(probability), probability, mean), LEAST, MOST)
    days = float(accounts["days"].iloc[0])
    left = known.calendar.brought(probability, days, known.horizon_days, accounts)
    by_curve = _by_curve(accounts, days, known.calendar)
    return np.asarray(np.clip(np.where(np.isnan(by_curve), left, by_curve), LEAST, MOST), dtype="float64")


def _by_curve(accounts: pd.DataFrame, days: float, calendar: Calendar) -> Floats:
    """The probability of having left by a day, off the model's curve; beyond its end along the calendar; or NaN."""
    if not set(CURVE_DAYS) <= set(accounts):
        return np.full(len(accounts), np.nan)
    steps = np.array([0, *CURVE_DAYS.values()], dtype="float64")
    hazard = -np.log1p(-np.clip(accounts[list(CURVE_DAYS)].to_numpy("float64"), 0, MOST))
    hazard = np.column_stack([np.zeros(len(accounts)), hazard])
    last = int(np.clip(np.searchsorted(steps, days), 1, len(steps) - 1))
    part = (min(days, steps[-1]) - steps[last - 1]) / (steps[last] - steps[last - 1])
    left = -np.expm1(-(hazard[:, last - 1] + part * (hazard[:, last] - hazard[:, last - 1])))
    return calendar.brought(left, days, steps[-1], accounts) if days > steps[-1] else np.asarray(left)


@dataclass(frozen=True)
class Stayers:
    """Those that stay, per account: the probability of paying less and more, and by how much, as shares."""

    contracts: Floats
    expands: Floats
    contraction: Floats
    expansion: Floats
    account_sd: Floats


def stayers(accounts: pd.DataFrame, known: Outlooks) -> Stayers:
    """How each account that stays changes by the period's end.

    Parameters
    ----------
    accounts
        One row per account: segment, days, to_term_end, term_days, churn_probability; contraction_probability and
        expansion_probability within the horizon where a model tells them (null, or no column: it does not).
    """
    span = float(accounts["days"].iloc[0]) / QUARTER_DAYS
    growth = [known.growth.get(segment, known.growth[""]) for segment in accounts["segment"]]
    by_segment = {
        name: np.array([getattr(one, name) for one in growth]) * span for name in ("contraction", "expansion")
    }
    account_sd = np.array([one.account_sd for one in growth]) * span**0.5
    contracts, contraction = _changing(accounts, known, known.falls, "contraction", by_segment["contraction"], span)
    expands, expansion = _changing(accounts, known, known.rises, "expansion", by_segment["expansion"], span)
    return Stayers(contracts, expands, contraction, expansion, account_sd)


def _changing(
    accounts: pd.DataFrame, known: Outlooks, change: Change | None, name: str, usual: Floats, span: float
) -> tuple[Floats, Floats]:
    """The probability that an account that stays changes so (NaN: too few ever did), and by which share on average."""
    base = np.full(len(accounts), min(change.share * span, MOST) if change else np.nan)
    if change is None or f"{name}_probability" not in accounts:
        return base, usual
    happens = accounts[f"{name}_probability"].to_numpy("float64")
    stays = 1 - np.clip(accounts["churn_probability"].to_numpy("float64"), 0, MOST)
    if_stays = np.clip(happens / stays, 0, MOST)  # an account that leaves does not shrink
    probability = change.calendar.brought(if_stays, span * QUARTER_DAYS, known.horizon_days, accounts)
    unknown = np.isnan(probability)
    expected = probability * change.size + change.rest * span
    return np.where(unknown, base, probability), np.where(unknown, usual, expected)


def forecast(accounts: pd.DataFrame, known: Outlooks, settings: BookSettings, seed: int) -> pd.DataFrame:
    """The forecast of one quarter, or month, on one day, for the company, its segments and its CSMs.

    Parameters
    ----------
    accounts
        One row per account that pays on the day: account_id, segment, csm, mrr, mrr_up_for_renewal, mrr_leaving (under
        notice), mrr_end (null: not known), and what `leaving` and `stayers` read.

    Returns
    -------
    pandas.DataFrame
        One row per group, `COLUMNS`; money a year. low, high: the 80 % interval of arr_expected. arr_actual is null
        where mrr_end is.
    """
    accounts = accounts.sort_values("account_id", ignore_index=True)
    margin, changes = logit(leaving(accounts, known)), stayers(accounts, known)
    span = float(accounts["days"].iloc[0]) / QUARTER_DAYS
    staying = _staying(accounts)
    factor = 1 - changes.contraction + changes.expansion
    groups, names = _groups(accounts)
    drawn = _draws(margin, staying, factor, changes.account_sd, groups, known, span, settings, seed)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    amounts = _amounts(accounts, known, staying, 1 - _mean_leaving(margin, known.shock), changes, span)
    sums = pd.DataFrame({name: groups.T @ amounts[name] for name in SUMMED})
    rates = {"grr": 1 - sums["arr_at_risk"] / sums["arr"], "nrr": sums["arr_expected"] / sums["arr"]}
    labels = pd.DataFrame(names, columns=["segment", "csm"])
    return pd.concat([labels, sums.assign(**rates, low=low, high=high)], axis=1)[COLUMNS]


def shift_to_rates(accounts: pd.DataFrame, known: Outlooks) -> float:
    """What to add to the model's log-odds of leaving until the whole company is expected to pay what it would by last
    year's rates; 0 where there are none, and `FURTHEST` either way where they are out of reach.

    Parameters
    ----------
    accounts
        As for `forecast`.
    known
        With the shock of the model alone.
    """
    margin, changes = logit(leaving(accounts, known)), stayers(accounts, known)
    span = float(accounts["days"].iloc[0]) / QUARTER_DAYS

    def above(shift: float) -> float:
        shock = Shock(shift, known.shock.sd)
        amounts = _amounts(accounts, known, _staying(accounts), 1 - _mean_leaving(margin, shock), changes, span)
        return float(amounts["arr_expected"].sum() - amounts["arr_naive"].sum())

    fewest, most = above(-FURTHEST), above(FURTHEST)
    if not np.isfinite(fewest):
        return 0.0
    if fewest <= 0 or most >= 0:
        return -FURTHEST if fewest <= 0 else FURTHEST
    return float(brentq(above, -FURTHEST, FURTHEST, xtol=1e-4))


def _staying(accounts: pd.DataFrame) -> Floats:
    """Of each account, the revenue a year that is not under notice."""
    staying = (accounts["mrr"] - accounts["mrr_leaving"]).clip(lower=0).to_numpy("float64")
    return np.asarray(staying * MONTHS_A_YEAR, dtype="float64")


def _amounts(
    accounts: pd.DataFrame, known: Outlooks, staying: Floats, stays: Floats, changes: Stayers, span: float
) -> dict[str, Floats]:
    """Of each account, `SUMMED`; ``staying``: the revenue that is not under notice, ``stays``: the chance of it."""
    arr, renewing, ending, end = (
        accounts[name].to_numpy("float64") * MONTHS_A_YEAR
        for name in ("mrr", "mrr_up_for_renewal", "mrr_leaving", "mrr_end")
    )
    kept = np.array([known.kept.get(segment, known.kept.get("", 1.0)) for segment in accounts["segment"]])
    lost, shrunk, grown = ending + staying * (1 - stays), changes.contraction, changes.expansion
    return {
        "accounts": np.ones(len(accounts)),
        "arr": arr,
        "arr_up_for_renewal": renewing,
        "expected_to_renew": np.minimum(renewing, staying) * stays,
        "expected_to_contract": staying * stays * changes.contracts,
        "expected_to_expand": staying * stays * changes.expands,
        "arr_leaving": lost,
        "arr_contraction": staying * stays * shrunk,
        "arr_expansion": staying * stays * grown,
        "arr_at_risk": lost + staying * stays * shrunk,
        "arr_expected": staying * stays * (1 - shrunk + grown),
        "arr_naive": arr * kept**span,
        "arr_actual": end,
    }


def _mean_leaving(margin: Floats, shock: Shock) -> Floats:
    """The probability of leaving over all shocks (Gauss-Hermite)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    return np.asarray(sum(w * expit(margin + shock.mean + shock.sd * x) for x, w in zip(nodes, weights, strict=True))
                      / weights.sum(), dtype="float64")  # fmt: skip


def _groups(accounts: pd.DataFrame) -> tuple[Floats, list[tuple[str, str]]]:
    """1 where an account (row) belongs to a group (column), and the groups: all, each segment, each CSM."""
    names = [(ALL, ALL)]
    columns = [np.ones(len(accounts))]
    for place, dimension in enumerate(("segment", "csm")):
        for name in sorted(accounts[dimension].unique()):
            names.append((name, ALL) if place == 0 else (ALL, name))
            columns.append((accounts[dimension] == name).to_numpy("float64"))
    return np.column_stack(columns), names


def _draws(
    margin: Floats, staying: Floats, factor: Floats, account_sd: Floats, groups: Floats, known: Outlooks, span: float,
    settings: BookSettings, seed: int,
) -> Floats:  # fmt: skip
    """Revenue at the quarter's end, one row a draw, one column a group."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(known.shock.mean, known.shock.sd, settings.forecast_draws)
    growths = rng.normal(0.0, known.growth[""].quarter_sd * span**0.5, settings.forecast_draws)
    drawn = np.empty((settings.forecast_draws, groups.shape[1]))
    for rows in _chunks(settings.forecast_draws):
        stays = rng.random((len(rows), len(margin))) >= expit(margin + shocks[rows, None])
        changes = factor + growths[rows, None] + account_sd * rng.standard_normal((len(rows), len(margin)))
        drawn[rows] = (stays * staying * np.maximum(changes, 0.0)) @ groups
    return drawn


def _chunks(count: int) -> Iterable[np.ndarray]:
    return np.array_split(np.arange(count), max(1, count // CHUNK))
