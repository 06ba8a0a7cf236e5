"""What every table of numbers has in common: the columns that say whose row it is, and one resolution for dates."""

from __future__ import annotations

import pandas as pd

KEYS = ["account_id", "as_of"]
"""One row per account and date: a snapshot."""

SEGMENT = "commercial__segment__now"
"""The feature that holds the account's segment as it was known on the date."""


def datetimes(values: pd.Series) -> pd.Series:
    """Dates in one resolution, whichever way they were handed over; times of day are kept."""
    return pd.to_datetime(values).astype("datetime64[us]")
