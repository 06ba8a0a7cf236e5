"""Sums of the risk list for leadership."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rind.common.bands import AMBER, GREEN, RED

MONTHS_A_YEAR = 12
NO_SEGMENT, PAST, NO_TERM = "(no segment)", "past its end", "(no end known)"
BEYOND = " (after the horizon)"
"""What a month of renewals is called that a risk within the horizon says nothing of."""


@dataclass(frozen=True)
class Summary:
    """Sums over the whole risk list; money is a year's (ARR = 12 x MRR).

    Parameters
    ----------
    totals
        Counts: accounts, red, amber, green, watermelons. Money: arr, arr_at_risk, arr_red, arr_watermelons.
    by_band, by_segment, by_month
        One row per ``band`` (red, amber, green), ``segment`` (largest ARR at risk first), ``month`` of
        renewal in order ("2026-03"; `PAST` before the as_of date, `NO_TERM` last): accounts, red,
        watermelons: counts; arr, arr_at_risk: money. by_month has ``forecast``: False where the renewal lies beyond the
        horizon, so that the risk says nothing of it; the month in which the horizon ends has two rows.
    watermelons
        The rows of the risk list that are watermelons, by rank.
    """

    totals: dict[str, float]
    by_band: pd.DataFrame
    by_segment: pd.DataFrame
    by_month: pd.DataFrame
    watermelons: pd.DataFrame


def summarise(risk_list: pd.DataFrame, as_of: object, horizon_days: int = 90) -> Summary:
    """Sum up a risk list (one row per account, columns of `reports.risk_list.COLUMNS`) as of a date.

    arr_at_risk is the expected loss: the sum of ARR x probability, not the ARR of all accounts with a risk.
    """
    accounts = _per_account(risk_list, pd.Timestamp(str(as_of)), horizon_days)
    by_segment = _sums(accounts, "segment").sort_values(["arr_at_risk", "segment"], ascending=[False, True])
    return Summary(
        totals=totals(risk_list),
        by_band=_sums(accounts, "band").set_index("band").reindex([RED, AMBER, GREEN], fill_value=0).reset_index(),
        by_segment=by_segment.reset_index(drop=True),
        by_month=_by_month(_sums(accounts, "month")),
        watermelons=risk_list[yes(risk_list["watermelon"])].reset_index(drop=True),
    )


def totals(risk_list: pd.DataFrame) -> dict[str, float]:
    """The sums of `Summary.totals` over a risk list."""
    band = risk_list["risk_band"].to_numpy(dtype=object)
    melon = yes(risk_list["watermelon"]).to_numpy()
    arr = MONTHS_A_YEAR * np.nan_to_num(risk_list["mrr"].to_numpy("float64"))
    at_risk = MONTHS_A_YEAR * np.nan_to_num(risk_list["mrr_at_risk"].to_numpy("float64"))
    return {
        "accounts": float(len(risk_list)),
        "watermelons": float(melon.sum()),
        "arr": float(arr.sum()),
        "arr_at_risk": float(at_risk.sum()),
        **{name: float((band == name).sum()) for name in (RED, AMBER, GREEN)},
        "arr_red": float(arr[band == RED].sum()),
        "arr_watermelons": float(arr[melon].sum()),
    }


def _per_account(risk_list: pd.DataFrame, as_of: pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    ends = pd.to_datetime(risk_list["term_ends_on"])
    month = ends.dt.strftime("%Y-%m").astype("object").mask(ends < as_of, PAST)
    month = month.mask(ends > as_of + pd.Timedelta(days=horizon_days), month + BEYOND)
    return pd.DataFrame(
        {
            "band": risk_list["risk_band"],
            "segment": risk_list["segment"].astype("object").where(risk_list["segment"].notna(), NO_SEGMENT),
            "month": month.where(ends.notna(), NO_TERM),
            "accounts": 1,
            "red": (risk_list["risk_band"] == RED).astype(int),
            "watermelons": yes(risk_list["watermelon"]).astype(int),
            "arr": MONTHS_A_YEAR * risk_list["mrr"].fillna(0.0),
            "arr_at_risk": MONTHS_A_YEAR * risk_list["mrr_at_risk"].fillna(0.0),
        }
    )


def yes(flags: pd.Series) -> pd.Series:
    """Flags of which some may be unknown, as plain booleans: unknown is no."""
    return flags.astype("boolean").fillna(False).astype(bool)


def _sums(accounts: pd.DataFrame, by: str) -> pd.DataFrame:
    return accounts.groupby(by, as_index=False)[["accounts", "red", "watermelons", "arr", "arr_at_risk"]].sum()


def _by_month(months: pd.DataFrame) -> pd.DataFrame:
    places = months["month"].map({PAST: 0, NO_TERM: 2}).fillna(1)
    ordered = months.assign(_place=places).sort_values(["_place", "month"]).drop(columns="_place")
    beyond = ordered["month"].str.endswith(BEYOND)
    named = ordered["month"].str.removesuffix(BEYOND)
    both = beyond & named.isin(set(named[~beyond]))  # the month in which the horizon ends stands twice
    return ordered.assign(month=named.mask(both, named + ", later"), forecast=~beyond).reset_index(drop=True)
