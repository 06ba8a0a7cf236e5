"""How red the inside is: an account's probability beside the rest of its segment, and what became of ones like it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.resampling import account_draws, complete_dates, interval, outcome, ratio

LEVELS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
DRAWS = 200


def inside(scored: pd.DataFrame, history: pd.DataFrame, base_rate: float, seed: int = 0) -> pd.DataFrame:
    """What stands beside each probability of one date.

    Parameters
    ----------
    scored
        One row per account of one date: churn_probability, health_band, segment (may be empty).
    history
        The backtest: account_id, as_of, churn_probability, health_band, churned as known on the date.
    base_rate
        Share of all accounts that leave within the horizon.

    Returns
    -------
    pandas.DataFrame
        On the index of ``scored``: ``segment_risk`` (mean probability of the rest of its segment; NaN when alone),
        ``times_segment`` and ``times_base`` (how many times that, and the base rate); for green accounts, how sure:
        ``alike_left`` of the past green rows that were scored about so, with ``alike_low``, ``alike_high`` (95 %, by
        account) and ``alike_accounts``; NaN where the past has none.
    """
    probability = scored["churn_probability"].astype("float64")
    segment = scored["segment"].astype("object").where(scored["segment"].notna(), "")
    sums, sizes = (probability.groupby(segment).transform(f) for f in ("sum", "size"))
    rest = ((sums - probability) / (sizes - 1).where(sizes > 1)).astype("float64")
    found = pd.DataFrame({"segment_risk": rest}, index=scored.index)
    found["times_segment"] = probability / rest
    found["times_base"] = probability / base_rate if base_rate > 0 else np.nan
    return found.join(_alike(scored, history, seed))


def _alike(scored: pd.DataFrame, history: pd.DataFrame, seed: int) -> pd.DataFrame:
    columns = ["alike_left", "alike_low", "alike_high", "alike_accounts"]
    empty = pd.DataFrame(np.nan, index=scored.index, columns=columns)
    past = history[complete_dates(history)] if len(history) else history
    past = past[past["health_band"] == "green"]
    if past.empty:
        return empty
    edges = np.unique(np.quantile(past["churn_probability"], LEVELS))
    of_past = np.digitize(past["churn_probability"], edges)
    of_now = np.digitize(scored["churn_probability"], edges)
    for bin_ in np.unique(of_now[(scored["health_band"] == "green").to_numpy()]):
        rows = past[of_past == bin_]
        if rows.empty:
            continue
        codes, names = pd.factorize(rows["account_id"], sort=True)
        left, size = np.bincount(codes, weights=outcome(rows["churned"])), np.bincount(codes).astype("float64")
        weights = account_draws(len(names), DRAWS, seed)
        limits = interval(ratio(weights @ left, weights @ size)) or {"low": np.nan, "high": np.nan}
        here = (of_now == bin_) & (scored["health_band"] == "green").to_numpy()
        empty.loc[here, columns] = [left.sum() / size.sum(), limits["low"], limits["high"], len(names)]
    return empty
