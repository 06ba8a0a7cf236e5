"""The data behind the plots of the watermelons' record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rind.common.facts.figures import Limits
from rind.common.facts.watermelons import WatermelonFigures, by_rule, figure_of
from rind.models.common.resampling import Floats, account_draws, complete_dates, interval, outcome, ratio
from rind.models.watermelons.evaluation import WITHIN_DAYS

SHARES = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
LEAD_STEP_DAYS = 15


def recall_within(record: WatermelonFigures) -> pd.DataFrame:
    """Green-churn recall of the flags and of three simple rules.

    Parameters
    ----------
    record
        Of `models.watermelons.evaluation.flag_figures`.

    Returns
    -------
    pandas.DataFrame
        One row per (rule, within_days): recall, low, high (95 %, by account); none where nothing was measured.
    """
    rows = []
    for rule, figures in by_rule(record).items():
        for days in WITHIN_DAYS:
            recall, limits = figure_of(figures, f"recall_within_{days}_days")
            if recall is not None:
                rows.append((rule, days, recall, *_ends(limits)))
    return pd.DataFrame(rows, columns=["rule", "within_days", "recall", "low", "high"])


def lead_times(gone: pd.DataFrame, horizon_days: int) -> pd.DataFrame:
    """How many days before leaving green churn was first flagged.

    Parameters
    ----------
    gone
        Of `models.watermelons.green_churn.post_mortem`: one row per departure, flagged_days_ahead (NaN: never).

    Returns
    -------
    pandas.DataFrame
        One row per step of 15 days, farthest first: from_days and to_days before leaving, accounts; last those that
        were never flagged, without days.
    """
    ahead = gone["flagged_days_ahead"].to_numpy("float64")
    steps = np.arange(1, horizon_days + 1, LEAD_STEP_DAYS)[::-1]
    rows = [
        (first, min(first + LEAD_STEP_DAYS - 1, horizon_days),
         int(((ahead >= first) & (ahead < first + LEAD_STEP_DAYS)).sum()))
        for first in steps
    ]  # fmt: skip
    never = (None, None, int(np.isnan(ahead).sum()))
    table = pd.DataFrame([*rows, never], columns=["from_days", "to_days", "accounts"])
    return table.astype({"from_days": "Int64", "to_days": "Int64"})


def trade_off(history: pd.DataFrame, record: WatermelonFigures, draws: int, seed: int) -> pd.DataFrame:
    """Precision against recall when another share of the green accounts were flagged on every date.

    Parameters
    ----------
    history
        The backtest: account_id, as_of, health_band, health_score, churn_probability, churned. Dates whose outcomes are
        all known count.
    record
        Of `models.watermelons.evaluation.flag_figures`: the flags as they were made.

    Returns
    -------
    pandas.DataFrame
        One row per (rule, share): recall, precision, low and high (95 % of the precision, by account). Rules: riskiest,
        lowest_health, random_green, of each date's green accounts, and ``watermelon``, one row: the flags as made.
    """
    columns = ["rule", "share", "recall", "precision", "low", "high"]
    rows = history[complete_dates(history) & (history["health_band"] == "green")] if len(history) else history
    left = outcome(rows["churned"])
    if not left.sum():
        return pd.DataFrame(columns=columns)
    codes, names = pd.factorize(rows["account_id"], sort=True)
    weights = np.vstack([np.ones(len(names)), account_draws(len(names), draws, seed)])
    size = rows.groupby("as_of")["account_id"].transform("size").to_numpy("float64")
    orders = {"riskiest": -rows["churn_probability"], "lowest_health": rows["health_score"]}
    places = {rule: order.groupby(rows["as_of"]).rank(method="first").to_numpy() for rule, order in orders.items()}
    points = []
    for share in SHARES:
        picks = {rule: (place <= share * size).astype("float64") for rule, place in places.items()}
        for rule, pick in (picks | {"random_green": np.full(len(rows), share)}).items():
            points.append((rule, share, *_worth(pick, left, codes, weights)))
    made = _made(record)
    return pd.DataFrame([*points, *([made] if made else [])], columns=columns)


def _worth(pick: Floats, left: Floats, codes: Any, weights: Floats) -> tuple[float, float, float | None, float | None]:
    caught, taken = (np.bincount(codes, weights=v) for v in (pick * left, pick))
    precision = ratio(weights @ caught, weights @ taken)
    return float(caught.sum() / left.sum()), float(precision[0]), *_ends(interval(precision[1:]))


def _made(record: WatermelonFigures) -> tuple[Any, ...] | None:
    precision, limits = figure_of(record, "precision")
    if precision is None or record.get("recall") is None:
        return None
    share = record["flagged_rows"] / record["green_rows"]
    return ("watermelon", share, record["recall"], precision, *_ends(limits))


def _ends(limits: Limits | None) -> tuple[float | None, float | None]:
    return (limits["low"], limits["high"]) if limits else (None, None)
