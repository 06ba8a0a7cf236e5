"""The risk list in a few sums, for leadership."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Summary:
    """Sums over the whole risk list; money is a year's (ARR = 12 x MRR).

    Parameters
    ----------
    totals
        accounts, red, amber, green, watermelons: counts; arr, arr_at_risk, arr_red, arr_watermelons: money.
    by_band, by_segment, by_month
        One row per band, segment, month of renewal ("2026-03", "past", "none"):
        accounts, red, watermelons, arr, arr_at_risk.
    watermelons
        The rows of the risk list that are watermelons, riskiest first.
    """

    totals: dict[str, float]
    by_band: pd.DataFrame
    by_segment: pd.DataFrame
    by_month: pd.DataFrame
    watermelons: pd.DataFrame


def summarise(risk_list: pd.DataFrame) -> Summary:
    """Sum up a risk list (one row per account, columns of `reports.risk_list.COLUMNS`)."""
    raise NotImplementedError
