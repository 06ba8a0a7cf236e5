"""What will still be there at a quarter's end: expected revenue with an interval, beside a naive forecast.

Per account: the probability of leaving by the quarter's end (the model's, brought from its horizon to the length of the
quarter along the calendar of departures), and the change of those that stay (the past's mean of the segment). The
interval is simulated: a shock that all accounts share, a change of growth that all share, and each account's chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from rind.models.book.past_quarters import QUARTER_DAYS, Calendar, Growth
from rind.models.book.settings import BookSettings
from rind.models.book.shared_shock import Shock
from rind.models.book.shift import LEAST, MOST
from rind.models.common.resampling import Floats

ALL = "all"
CHUNK = 50
MONTHS_A_YEAR = 12
LEVEL = 0.8
COLUMNS = [
    "segment", "csm", "accounts", "arr", "arr_up_for_renewal", "arr_leaving", "arr_contraction", "arr_expansion",
    "arr_expected", "low", "high", "arr_naive", "arr_actual",
]  # fmt: skip


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
    """

    shock: Shock
    growth: dict[str, Growth]
    kept: dict[str, float]
    calendar: Calendar
    horizon_days: int


def leaving(accounts: pd.DataFrame, known: Outlooks) -> Floats:
    """Each account's probability of leaving by the quarter's end, without the shared shock.

    Parameters
    ----------
    accounts
        One row per account: churn_probability (within the horizon; null: of the cohort's mean), days to the quarter's
        end, to_term_end, term_days.
    """
    probability = accounts["churn_probability"].to_numpy("float64")
    mean = float(np.nanmean(probability)) if np.isfinite(probability).any() else 0.05
    probability = np.where(np.isfinite(probability), probability, mean)
    to_end, length = (accounts[name].to_numpy("float64") for name in ("to_term_end", "term_days"))
    quarter = known.calendar.exposure(float(accounts["days"].iloc[0]), to_end, length)
    horizon = known.calendar.exposure(float(known.horizon_days), to_end, length)
    times = np.divide(quarter, horizon, out=np.ones_like(quarter), where=horizon > 0)
    return np.asarray(np.clip(1 - (1 - np.clip(probability, LEAST, MOST)) ** times, LEAST, MOST), dtype="float64")


def forecast(accounts: pd.DataFrame, known: Outlooks, settings: BookSettings, seed: int) -> pd.DataFrame:
    """The forecast of one quarter on one day, for the company, its segments and its CSMs.

    Parameters
    ----------
    accounts
        One row per account that pays on the day: account_id, segment, csm, mrr, mrr_up_for_renewal, mrr_leaving (under
        notice), mrr_end (null: not known), and what `leaving` reads.

    Returns
    -------
    pandas.DataFrame
        One row per group, `COLUMNS`; money a year. low, high: the 80 % interval of arr_expected. arr_actual is null
        where mrr_end is.
    """
    accounts = accounts.sort_values("account_id", ignore_index=True)
    margin = logit(leaving(accounts, known))
    staying = (accounts["mrr"] - accounts["mrr_leaving"]).clip(lower=0).to_numpy("float64") * MONTHS_A_YEAR
    growth = [known.growth.get(segment, known.growth[""]) for segment in accounts["segment"]]
    shrunk, grown, account_sd = (np.array([getattr(one, name) for one in growth])
                                 for name in ("contraction", "expansion", "account_sd"))  # fmt: skip
    span = float(accounts["days"].iloc[0]) / QUARTER_DAYS
    shrunk, grown, account_sd = shrunk * span, grown * span, account_sd * span**0.5
    stays = 1 - _mean_leaving(margin, known.shock)
    groups, names = _groups(accounts)
    drawn = _draws(margin, staying, 1 - shrunk + grown, account_sd, groups, known, span, settings, seed)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    kept = np.array([known.kept.get(segment, known.kept.get("", 1.0)) for segment in accounts["segment"]])
    amounts = {
        "accounts": np.ones(len(accounts)),
        "arr": accounts["mrr"].to_numpy("float64") * MONTHS_A_YEAR,
        "arr_up_for_renewal": accounts["mrr_up_for_renewal"].to_numpy("float64") * MONTHS_A_YEAR,
        "arr_leaving": accounts["mrr_leaving"].to_numpy("float64") * MONTHS_A_YEAR + staying * (1 - stays),
        "arr_contraction": staying * stays * shrunk,
        "arr_expansion": staying * stays * grown,
        "arr_expected": staying * stays * (1 - shrunk + grown),
        "arr_naive": accounts["mrr"].to_numpy("float64") * MONTHS_A_YEAR * kept**span,
        "arr_actual": accounts["mrr_end"].to_numpy("float64") * MONTHS_A_YEAR,
    }
    sums = {name: groups.T @ values for name, values in amounts.items()}
    return pd.DataFrame(names, columns=["segment", "csm"]).assign(**sums, low=low, high=high)[COLUMNS]


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
