"""Where those that left stood by the health score: the sentence that makes a leader listen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rind.common.bands import AMBER, GREEN, RED
from rind.models.book.csm_churn import comparison_dates, judged


def bands_and_departures(
    predictions: pd.DataFrame, health: pd.DataFrame, horizon_days: int, days: int
) -> dict[str, Any]:
    """Of the accounts that left, the share that stood in green; and the share that left from each band.

    Parameters
    ----------
    predictions
        One row per (account_id, as_of): churned within the horizon (null: unknown); dates with an unknown outcome are
        passed over.
    health
        One row per (account_id, as_of): health_band.

    Returns
    -------
    dict
        departures, of them the share ``from_green`` (None without any), ``until`` (the latest date), and for each band
        ``accounts`` and ``left`` (a share), at dates at least horizon_days apart over so many days.
    """
    known = judged(predictions)
    known = known[known["as_of"].isin(comparison_dates(known["as_of"], horizon_days, days))]
    rows = known[["account_id", "as_of", "churned"]].merge(
        health[["account_id", "as_of", "health_band"]], on=["account_id", "as_of"]
    )
    rows = rows[rows["health_band"].isin((RED, AMBER, GREEN))]
    left = rows[rows["churned"] > 0]
    bands = rows.groupby("health_band")["churned"].agg(["size", "mean"])
    return {
        "departures": len(left),
        "from_green": float((left["health_band"] == GREEN).mean()) if len(left) else None,
        "until": None if rows.empty else str(pd.Timestamp(rows["as_of"].max()).date()),
        "bands": {
            str(band): {"accounts": int(row["size"]), "left": float(row["mean"])} for band, row in bands.iterrows()
        },
    }
