"""What then happened: logo churn by the contract's own definition, from the subscriptions alone."""

from __future__ import annotations

import pandas as pd


def logo_churn(subscriptions: pd.DataFrame, grace_days: int = 30) -> pd.DataFrame:
    """One row a logo churn by the contract: account_id, churned_on."""
    table = subscriptions.sort_values(["account_id", "starts_on"])
    gap = (table.groupby("account_id")["starts_on"].shift(-1) - table["ended_on"]).dt.days
    gone = table["ended_on"].notna() & ~(gap <= grace_days)
    return table.loc[gone, ["account_id", "ended_on"]].rename(columns={"ended_on": "churned_on"})


def days_to_churn(rows: pd.DataFrame, churned: pd.DataFrame) -> pd.DataFrame:
    """Add `days`: until the next logo churn after as_of, NaN when none was seen."""
    joined = pd.merge_asof(
        rows.sort_values("as_of"), churned.sort_values("churned_on"), left_on="as_of", right_on="churned_on",
        by="account_id", direction="forward", allow_exact_matches=False,
    )  # fmt: skip
    return joined.assign(days=(joined["churned_on"] - joined["as_of"]).dt.days)
