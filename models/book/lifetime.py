"""What a customer is worth: how long customers stay, times what one brings a month, discounted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.models.book.settings import BookSettings
from rind.models.common.resampling import Floats

WINDOW_MONTHS = 12
"""Departures of so many months make the survival curve of a month."""

COLUMNS = ["month", "segment", "metric", "value", "numerator", "denominator"]


def survival(at_risk: Floats, churned: Floats, months: int) -> Floats:
    """Share of customers that are still there at the begin of each month of their life, the first one 1.

    Parameters
    ----------
    at_risk, churned
        By months of age: customers that a month began with, and those of them that left in it. An age that nobody
        has reached yet gets the rate of all ages together.
    months
        How many shares are returned.
    """
    overall = churned.sum() / at_risk.sum() if at_risk.sum() else 0.0
    rate = np.full(months, overall)
    known = min(months, len(at_risk))
    with_customers = at_risk[:known] > 0
    rate[:known][with_customers] = churned[:known][with_customers] / at_risk[:known][with_customers]
    return np.asarray(np.concatenate([[1.0], np.cumprod(1 - rate)[:-1]]), dtype="float64")


def discounted_months(shares: Floats, discount_a_year: float) -> float:
    """What one unit of money a month is worth today, paid as long as the customer stays."""
    return float((shares * (1 + discount_a_year) ** (-np.arange(len(shares)) / 12)).sum())


def lifetime_values(ages: pd.DataFrame, settings: BookSettings) -> pd.DataFrame:
    """The lifetime value of a customer, month by month and segment by segment.

    Parameters
    ----------
    ages
        One row per (month, segment, age in months), ``all`` among the segments: at_risk, churned (accounts), mrr (of
        those at risk).

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, metric ``clv``: numerator: mrr of the month x margin x discounted months of life; denominator: the
        accounts. From the twelfth month of the history on.
    """
    months = sorted(ages["month"].unique())
    rows = []
    for segment, own in ages.groupby("segment", sort=True):
        for place in range(WINDOW_MONTHS - 1, len(months)):
            window = own[own["month"].between(months[place - WINDOW_MONTHS + 1], months[place])]
            now = window[window["month"] == months[place]]
            accounts = float(now["at_risk"].sum())
            if not accounts:
                continue
            at_risk, churned = (_by_age(window, name) for name in ("at_risk", "churned"))
            life = discounted_months(survival(at_risk, churned, settings.lifetime_months), settings.discount_a_year)
            worth = float(now["mrr"].sum()) * settings.gross_margin * life
            rows.append((months[place], segment, "clv", worth / accounts, worth, accounts))
    return pd.DataFrame(rows, columns=COLUMNS)


def _by_age(rows: pd.DataFrame, name: str) -> Floats:
    ages = rows["age"].to_numpy("int64")
    return np.bincount(ages, weights=rows[name].to_numpy("float64"), minlength=1).astype("float64")


def value_against_cost(values: pd.DataFrame, acquisition: pd.DataFrame) -> pd.DataFrame:
    """Lifetime value over the cost of winning a customer, the latter over the last twelve months with known costs.

    Parameters
    ----------
    values
        `lifetime_values`.
    acquisition
        One row per (month, segment): spent, and won: the accounts that came in it, 0 where none did.
    """
    dated = acquisition.sort_values("month")
    rows = []
    for month, segment, worth in zip(values["month"], values["segment"], values["value"], strict=True):
        own = dated[(dated["segment"] == segment) & (dated["month"] <= month)].tail(WINDOW_MONTHS)
        spent, won = float(own["spent"].sum()), float(own["won"].sum())
        if len(own) == WINDOW_MONTHS and spent > 0 and won > 0:
            rows.append((month, segment, "clv_cac", worth * won / spent, worth, spent / won))
    return pd.DataFrame(rows, columns=COLUMNS)
