"""How red the inside is: an account's probability beside the rest of its segment, and what became of ones like it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.models.common.resampling import complete_dates, outcome, wilson

LEVELS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98)


def inside(scored: pd.DataFrame, history: pd.DataFrame, base_rate: float, fewest_accounts: int) -> pd.DataFrame:
    """How each probability of one date compares with its segment and with the past.

    Parameters
    ----------
    scored
        One row per account of one date: churn_probability, health_band, segment (may be empty).
    history
        The backtest: account_id, as_of, churn_probability, health_band, churned as known on the date.
    base_rate
        Share of all accounts that leave within the horizon.
    fewest_accounts
        With fewer past accounts than this the columns about the past are NaN.

    Returns
    -------
    pandas.DataFrame
        On the index of ``scored``: ``segment_risk`` (mean probability of the rest of its segment; NaN when alone),
        ``times_segment`` and ``times_base`` (how many times that, and the base rate); for green accounts, how sure:
        ``alike_left`` of the past green rows that were scored about so, with ``alike_low``, ``alike_high`` (Wilson's
        95 % interval; as many independent draws as the rows of so uneven accounts are worth, so never of zero width)
        and ``alike_accounts``; NaN where the past has too few.
    """
    probability = scored["churn_probability"].astype("float64")
    segment = scored["segment"].astype("object").where(scored["segment"].notna(), "")
    sums, sizes = (probability.groupby(segment).transform(f) for f in ("sum", "size"))
    rest = ((sums - probability) / (sizes - 1).where(sizes > 1)).astype("float64")
    beside = pd.DataFrame({"segment_risk": rest}, index=scored.index)
    beside["times_segment"] = probability / rest
    beside["times_base"] = probability / base_rate if base_rate > 0 else np.nan
    return beside.join(_alike(scored, history, fewest_accounts))


def _alike(scored: pd.DataFrame, history: pd.DataFrame, fewest_accounts: int) -> pd.DataFrame:
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
        sizes = rows["account_id"].value_counts().to_numpy("float64")
        if len(sizes) < fewest_accounts:
            continue
        left = float(outcome(rows["churned"]).mean())
        low, high = wilson(left, float(sizes.sum() ** 2 / (sizes**2).sum()))  # Kish: rows of one account are one draw
        here = (of_now == bin_) & (scored["health_band"] == "green").to_numpy()
        empty.loc[here, columns] = [left, low, high, len(sizes)]
    return empty
