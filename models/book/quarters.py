"""The forecast of every quarter, and of its months, as it could have been made on its day; and the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rind.models.book.forecast import ALL, COLUMNS, Outlooks, forecast, leaving, shift_to_rates
from rind.models.book.past_quarters import (
    QUARTER_DAYS,
    calendar_of,
    change_of,
    growth_of_stayers,
    kept_rates,
    known_quarters,
)
from rind.models.book.settings import BookSettings
from rind.models.book.shared_shock import Residual, halfway, residual, shock_of

FEWEST_QUARTERS = 4
"""Past quarters that a comparison with the naive forecast needs."""


@dataclass(frozen=True)
class Times:
    """How long it takes until something is known: days."""

    horizon_days: int
    grace_days: int


@dataclass(frozen=True)
class ChangeShares:
    """The shares by which revenue falls and rises where the outcomes of the models happen; None: no such outcome."""

    falls: float | None = None
    rises: float | None = None


class Forecasts(NamedTuple):
    """Every forecast of the book: one row per (made_on, quarter, group), and one per (made_on, month, group)."""

    quarters: pd.DataFrame
    months: pd.DataFrame


def forecasts(
    quarters: pd.DataFrame,
    months: pd.DataFrame,
    data_end: pd.Timestamp,
    settings: BookSettings,
    times: Times,
    shares: ChangeShares,
    seed: int,
) -> Forecasts:
    """Every forecast of the book, each by what was known on its day.

    Parameters
    ----------
    quarters
        One row per (account_id, made_on, quarter), datetime64: last_day of the quarter, segment, csm, mrr,
        mrr_up_for_renewal, mrr_leaving, mrr_end, mrr_end_first, term_ends_on, term_days (`features.book.standing`), and
        churn_probability as predicted on made_on (null: not predicted). Days without any probability make no
        forecast; they tell later ones what the past was like. What else was predicted on the day, where it was:
        `models.churn.horizons.CURVE_DAYS`, contraction_probability, expansion_probability.
    months
        The same of (account_id, made_on, month). They are forecast by what the quarters taught by their day.
    data_end
        The last day that is covered.

    Returns
    -------
    Forecasts
        With `models.book.forecast.COLUMNS`. arr_actual is null for a period that had not ended grace_days before the
        data end.
    """
    quarters, months = (_as_covered(_with_days(rows), data_end, times) for rows in (quarters, months))
    past = _as_first_known(quarters[quarters["mrr_end"].notna()])
    residuals: list[tuple[pd.Timestamp, Residual]] = []
    known = dict[pd.Timestamp, Outlooks]()
    made = []
    nearest = {made_on: _nearest_to_a_quarter(rows) for made_on, rows in quarters.groupby("made_on")}
    for (made_on, quarter), accounts in _predicted(quarters, "quarter"):
        if made_on not in known:
            known[made_on] = _known_on(nearest[made_on], past, residuals, settings, times, shares)
        made.append(forecast(accounts, known[made_on], settings, seed).assign(made_on=made_on, quarter=quarter))
        one = _residual_of(_as_first_known(accounts), known[made_on])
        if one is not None:
            residuals.append((accounts["last_day"].iloc[0], one))
    by_month = [
        forecast(accounts, known[made_on], settings, seed).assign(made_on=made_on, month=month)
        for (made_on, month), accounts in _predicted(months, "month")
        if made_on in known
    ]
    return Forecasts(_together(made, "quarter"), _together(by_month, "month"))


def _as_covered(rows: pd.DataFrame, data_end: pd.Timestamp, times: Times) -> pd.DataFrame:
    """The rows with what was paid at the end, where that is known: the grace after it is covered."""
    over = rows["last_day"] + pd.Timedelta(days=times.grace_days) <= data_end
    return rows.assign(**{name: rows[name].where(over) for name in ("mrr_end", "mrr_end_first")})


def _predicted(rows: pd.DataFrame, period: str) -> Iterator[tuple[tuple[pd.Timestamp, pd.Timestamp], pd.DataFrame]]:
    """The accounts of each day and period for which anything was predicted, in order of time."""
    for _, accounts in rows.groupby(["made_on", period], sort=True):
        if accounts["churn_probability"].notna().any():
            yield (pd.Timestamp(accounts["made_on"].iloc[0]), pd.Timestamp(accounts[period].iloc[0])), accounts


def _together(made: list[pd.DataFrame], period: str) -> pd.DataFrame:
    names = ["made_on", period, *COLUMNS]
    return pd.concat(made, ignore_index=True)[names] if made else pd.DataFrame(columns=names)


def _as_first_known(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows to learn from: what is recorded later than the grace teaches no forecast that was made before."""
    return rows.assign(mrr_end=rows["mrr_end_first"])


def _with_days(standing: pd.DataFrame) -> pd.DataFrame:
    return standing.assign(
        days=(standing["last_day"] - standing["made_on"]).dt.days.astype("float64"),
        to_term_end=(standing["term_ends_on"] - standing["made_on"]).dt.days.astype("float64"),
        term_days=standing["term_days"].astype("float64"),
    )


def _nearest_to_a_quarter(rows: pd.DataFrame) -> pd.DataFrame:
    """Of the rows of a day those of the quarter that ends nearest to three months later: rates of a quarter say
    little of a few days."""
    away = (rows["days"] - QUARTER_DAYS).abs().to_numpy()
    nearest: pd.DataFrame = rows[rows["quarter"] == rows["quarter"].iloc[int(away.argmin())]]
    return nearest


def _known_on(
    accounts: pd.DataFrame, past: pd.DataFrame, residuals: list[tuple[pd.Timestamp, Residual]], settings: BookSettings,
    times: Times, shares: ChangeShares,
) -> Outlooks:  # fmt: skip
    """What is known on the day of a forecast.

    Parameters
    ----------
    accounts
        Those of the quarter for which the model and last year's rates are brought together (`shared_shock.halfway`).
    """
    made_on = accounts["made_on"].iloc[0]
    known = known_quarters(past, made_on, times.grace_days, settings.naive_quarters)
    until_known = pd.Timedelta(days=times.grace_days + 1)
    known_residuals = [one for last_day, one in residuals if last_day + until_known <= made_on]
    falls, rises = (
        None if share is None else change_of(known, sign, share)
        for sign, share in ((-1, shares.falls), (1, shares.rises))
    )
    growth, kept, calendar = growth_of_stayers(known), kept_rates(known), calendar_of(known)
    by_model = Outlooks(shock_of(known_residuals), growth, kept, calendar, times.horizon_days, falls, rises)
    return replace(by_model, shock=shock_of(known_residuals, halfway(shift_to_rates(accounts, by_model))))


def _residual_of(accounts: pd.DataFrame, known: Outlooks) -> Residual | None:
    """How far the accounts without notice lay from their probabilities; None where it is not known yet."""
    free = accounts[accounts["mrr_leaving"] <= 0]
    free = free[free["churn_probability"].notna() & free["mrr_end"].notna()]
    if free.empty:
        return None
    return residual(leaving(free, known), np.asarray((free["mrr_end"] <= 0).to_numpy(), dtype="float64"))


def judged(forecasts: pd.DataFrame, period: str) -> pd.DataFrame:
    """The first forecast of each quarter, or month, that is over, of the whole company: error and hit.

    Parameters
    ----------
    period
        The column of its first day.

    Returns
    -------
    pandas.DataFrame
        One row per period: made_on, its first day, arr, arr_expected, low, high, arr_naive, arr_actual; error and
        naive_error: expected less actual as a share of arr; inside: whether low <= actual <= high.
    """
    whole = forecasts[(forecasts["segment"] == ALL) & (forecasts["csm"] == ALL)]
    over = whole[whole["arr_actual"].notna() & (whole["arr"] > 0)]
    first = over.sort_values([period, "made_on"]).groupby(period).head(1)
    return first.assign(
        error=(first["arr_expected"] - first["arr_actual"]) / first["arr"],
        naive_error=(first["arr_naive"] - first["arr_actual"]) / first["arr"],
        inside=(first["low"] <= first["arr_actual"]) & (first["arr_actual"] <= first["high"]),
    ).reset_index(drop=True)


def record_of(judged: pd.DataFrame) -> dict[str, Any]:
    """What the forecasts were worth: mean errors, bias, coverage, and which forecast was nearer.

    better: ``model`` or ``naive`` where it was nearer on average by more than twice the standard error of the
    difference; ``cannot_tell`` otherwise, and with fewer than `FEWEST_QUARTERS` quarters that both forecast.
    """
    both = judged[judged["naive_error"].notna()]
    size, naive_size = both["error"].abs().to_numpy("float64"), both["naive_error"].abs().to_numpy("float64")
    return {
        "quarters": len(judged),
        "compared": len(both),
        "error": _mean(judged["error"].abs().to_numpy("float64")),
        "bias": _mean(judged["error"].to_numpy("float64")),
        "covered": int(judged["inside"].sum()),
        "compared_error": _mean(size),
        "naive_error": _mean(naive_size),
        "naive_bias": _mean(both["naive_error"].to_numpy("float64")),
        "better": _better(size, naive_size),
        "by_quarter": list(_by_quarter(judged)),
    }


def months_record(judged: pd.DataFrame) -> dict[str, Any]:
    """What the forecasts of single months were worth, one to three months ahead: `record_of` has those of quarters."""
    return {
        "months": len(judged),
        "months_error": _mean(judged["error"].abs().to_numpy("float64")),
        "months_bias": _mean(judged["error"].to_numpy("float64")),
        "months_covered": int(judged["inside"].sum()),
    }


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def _better(size: np.ndarray, naive_size: np.ndarray) -> str:
    if len(size) < FEWEST_QUARTERS:
        return "cannot_tell"
    gain = naive_size - size
    noise = float(gain.std(ddof=1)) / len(gain) ** 0.5
    if abs(gain.mean()) <= 2 * noise:
        return "cannot_tell"
    return "model" if gain.mean() > 0 else "naive"


def _by_quarter(judged: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in judged.to_dict("records"):
        days = {name: str(pd.Timestamp(row[name]).date()) for name in ("made_on", "quarter")}
        numbers = {name: None if pd.isna(row[name]) else float(row[name]) for name in ("error", "naive_error")}
        yield days | numbers | {"inside": bool(row["inside"])}
