"""Adoption: will a young account become a long-term customer, and what is its next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd


def predict(
    early: pd.DataFrame,
    accounts: pd.DataFrame,
    as_of: Any,
    moments: Sequence[Mapping[str, Any]] = (),
    *,
    launch_days: int = 90,
    retention_days: int = 365,
    grace_days: int = 30,
    seed: int = 0,
) -> pd.DataFrame:
    """Every account in launch at as_of, with its chance to stay and its next step.

    Parameters
    ----------
    early, accounts
        As for `models.true_north.find`; ``early`` counts only what was known at as_of, so that an open window
        holds the count so far.
    as_of
        The scoring date. Learned from are only accounts whose outcome was complete by then
        (signed_on + retention_days + grace_days <= as_of).
    moments
        The confirmed moments of `models.true_north.find`.

    Returns
    -------
    pandas.DataFrame
        One row per account with 0 <= age < launch_days that has not left, likeliest to fail first: account_id,
        as_of, adoption_probability (NaN when nothing is known of any outcome), next_step, and: segment, age_days,
        basis ("model at day 30" or "retention of the segment"), moment_status (reached, open, missed, none),
        days_left.
    """
    raise NotImplementedError
