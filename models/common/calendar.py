"""What only the contract's calendar says: when an account can leave, not why.

Much of a probability is knowing whose term ends. A flag that follows the calendar alone tells a CSM nothing that the
renewal list does not; so what a flag is worth is also measured against accounts with as near a renewal.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

CALENDAR = tuple(
    f"commercial__{what}__now"
    for what in (
        "days_to_term_end",
        "term_days",
        "term_position",
        "term_ends_in_horizon",
        "term_overrun",
        "days_over_term",
        "mrr_up_for_renewal",
    )
)
"""When the account decides, not why: these say nothing about what to do."""

CELL = "calendar"
"""The column that holds each row's number of `cells`."""

DAYS_TO_TERM_END, TERM_DAYS, TERM_END = CALENDAR[0], CALENDAR[1], CALENDAR[3]
STEP_DAYS = 15  # accounts whose terms end within so many days of each other count as alike
FARTHEST_DAYS = 240
TERM_LENGTHS_DAYS = (45, 135, 270)  # a month, a quarter, half a year; longer


def cells(days_to_term_end: pd.Series, term_days: pd.Series) -> np.ndarray:
    """A number for each row: rows of one number have terms of about one length that end at about one time.

    Parameters
    ----------
    days_to_term_end, term_days
        Per row, days; NaN where no end is known (these are alike, too). Negative: past its end.
    """
    ahead = np.clip(days_to_term_end.to_numpy("float64", na_value=np.nan), -STEP_DAYS, FARTHEST_DAYS)
    nearness = np.where(np.isnan(ahead), -2, np.floor(ahead / STEP_DAYS)).astype("int64") + 2
    length = term_days.to_numpy("float64", na_value=np.nan)
    kind = np.where(np.isnan(length), 0, np.digitize(np.nan_to_num(length), TERM_LENGTHS_DAYS) + 1).astype("int64")
    return np.asarray(nearness * 10 + kind)
