"""The forecast of every quarter as it could have been made on its day, and the record of those that are over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rind.models.book.forecast import ALL, COLUMNS, Outlooks, forecast, leaving
from rind.models.book.past_quarters import calendar_of, growth_of_stayers, kept_rates, known_quarters
from rind.models.book.settings import BookSettings
from rind.models.book.shared_shock import Residual, residual, shock_of

FEWEST_QUARTERS = 4
"""Past quarters that a comparison with the naive forecast needs."""


@dataclass(frozen=True)
class Times:
    """How long it takes until something is known: days."""

    horizon_days: int
    grace_days: int


def quarterly_forecasts(
    standing: pd.DataFrame, data_end: pd.Timestamp, settings: BookSettings, times: Times, seed: int
) -> pd.DataFrame:
    """Every forecast of the book, each by what was known on its day.

    Parameters
    ----------
    standing
        One row per (account_id, made_on, quarter), datetime64: last_day of the quarter, segment, csm, mrr,
        mrr_up_for_renewal, mrr_leaving, mrr_end, mrr_end_first, term_ends_on, term_days (`features.book.standing`), and
        churn_probability as predicted on made_on (null: not predicted). Days without any probability make no
        forecast; they tell later ones what the past was like.
    data_end
        The last day that is covered.

    Returns
    -------
    pandas.DataFrame
        One row per (made_on, quarter, group): `models.book.forecast.COLUMNS`. arr_actual is null for a quarter that
        had not ended grace_days before the data end.
    """
    rows = _with_days(standing)
    over = rows["last_day"] + pd.Timedelta(days=times.grace_days) <= data_end
    rows = rows.assign(**{name: rows[name].where(over) for name in ("mrr_end", "mrr_end_first")})
    past = _as_first_known(rows[over])
    residuals: list[tuple[pd.Timestamp, Residual]] = []
    made = []
    for _, accounts in rows.groupby(["made_on", "quarter"], sort=True):
        if not accounts["churn_probability"].notna().any():
            continue
        made_on, quarter = pd.Timestamp(accounts["made_on"].iloc[0]), pd.Timestamp(accounts["quarter"].iloc[0])
        known = _known_on(made_on, past, residuals, settings, times)
        table = forecast(accounts, known, settings, seed)
        made.append(table.assign(made_on=made_on, quarter=quarter))
        one = _residual_of(_as_first_known(accounts), known)
        if one is not None:
            residuals.append((accounts["last_day"].iloc[0], one))
    if not made:
        return pd.DataFrame(columns=["made_on", "quarter", *COLUMNS])
    return pd.concat(made, ignore_index=True)[["made_on", "quarter", *COLUMNS]]


def _as_first_known(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows to learn from: what is recorded later than the grace teaches no forecast that was made before."""
    return rows.assign(mrr_end=rows["mrr_end_first"])


def _with_days(standing: pd.DataFrame) -> pd.DataFrame:
    return standing.assign(
        days=(standing["last_day"] - standing["made_on"]).dt.days.astype("float64"),
        to_term_end=(standing["term_ends_on"] - standing["made_on"]).dt.days.astype("float64"),
        term_days=standing["term_days"].astype("float64"),
    )


def _known_on(
    made_on: pd.Timestamp, past: pd.DataFrame, residuals: list[tuple[pd.Timestamp, Residual]], settings: BookSettings,
    times: Times,
) -> Outlooks:  # fmt: skip
    known = known_quarters(past, made_on, times.grace_days, settings.naive_quarters)
    judged = pd.Timedelta(days=times.grace_days + 1)
    shock = shock_of([one for last_day, one in residuals if last_day + judged <= made_on])
    return Outlooks(shock, growth_of_stayers(known), kept_rates(known), calendar_of(known), times.horizon_days)


def _residual_of(accounts: pd.DataFrame, known: Outlooks) -> Residual | None:
    """How far the accounts without notice lay from their probabilities; None where it is not known yet."""
    free = accounts[accounts["mrr_leaving"] <= 0]
    free = free[free["churn_probability"].notna() & free["mrr_end"].notna()]
    if free.empty:
        return None
    return residual(leaving(free, known), np.asarray((free["mrr_end"] <= 0).to_numpy(), dtype="float64"))


def judged_quarters(forecasts: pd.DataFrame) -> pd.DataFrame:
    """The first forecast of each quarter that is over, of the whole company: error and hit.

    Returns
    -------
    pandas.DataFrame
        One row per quarter: made_on, quarter, arr, arr_expected, low, high, arr_naive, arr_actual; error and
        naive_error: expected less actual as a share of arr; inside: whether low <= actual <= high.
    """
    whole = forecasts[(forecasts["segment"] == ALL) & (forecasts["csm"] == ALL)]
    over = whole[whole["arr_actual"].notna() & (whole["arr"] > 0)]
    first = over.sort_values(["quarter", "made_on"]).groupby("quarter").head(1)
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
