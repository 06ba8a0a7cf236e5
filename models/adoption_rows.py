"""The rows of the adoption model: each account as it stood at each landmark of its launch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.follow_up import Outcome, due, follow, tenure
from models.health import days

LEARNED = ("events", "users")  # measures of product features that the model reads; the others say nearly the same
LANDMARK = "early__landmark_days__now"


def landmark_rows(early: pd.DataFrame, cohorts: pd.DataFrame, windows: Sequence[int], outcome: Outcome) -> pd.DataFrame:
    """One row per (account, landmark) that the account lived to see and was followed to.

    Parameters
    ----------
    early, cohorts
        As for `models.true_north.find`; cohorts with age_days at the scoring date too.

    Returns
    -------
    pandas.DataFrame
        account_id; as_of: signed_on + landmark, the day on which the row's counts were complete; the features
        ``early__<behaviour>__now`` (counts until the landmark), `LANDMARK` (days) and ``start__*__now`` (day 0);
        churned: 1 did not become a long-term customer, 0 did, NaN not known; mrr.
    """
    followed = follow(cohorts, outcome)
    failed = followed.failed & (followed.duration <= followed.horizon)
    # Not who left before its time was up: among the young only the leavers are known, and all would seem to leave.
    ripe = cohorts["followed_days"].to_numpy("float64") >= due(cohorts, outcome)
    cohorts = cohorts.assign(churned=np.where(ripe, failed.astype("float64"), np.nan))
    lived = tenure(cohorts)
    parts = []
    for within in windows:
        there = cohorts[(lived >= within) & (cohorts["age_days"] >= within)]
        parts.append(_at(early[early["within_days"] == within], there, int(within)))
    return pd.concat(parts, ignore_index=True).sort_values(["as_of", "account_id"], ignore_index=True)


def _at(early: pd.DataFrame, cohorts: pd.DataFrame, within: int) -> pd.DataFrame:
    about = early["behaviour"].str.contains(":", regex=False)
    early = early[~about | early["behaviour"].str.split(":").str[0].isin([*LEARNED, "contacts"])]
    wide = early.pivot_table(index="account_id", columns="behaviour", values="count", aggfunc="sum")
    wide = wide.reindex(cohorts["account_id"]).fillna(0.0).add_prefix("early__").add_suffix("__now")
    rows = cohorts[["account_id", "churned", "mrr"]].reset_index(drop=True)
    signed = days(cohorts["signed_on"]).reset_index(drop=True)
    start = {f"start__{c}__now": cohorts[c].to_numpy() for c in ("segment", "plan", "seats", "mrr", "term_days")}
    return pd.concat(
        [
            rows.assign(as_of=signed + pd.Timedelta(days=within), **{LANDMARK: float(within)}),
            pd.DataFrame(start),
            wide.reset_index(drop=True),
        ],
        axis=1,
    )
