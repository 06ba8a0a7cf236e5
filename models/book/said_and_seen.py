"""The post-mortem of green churn beside what the accounts themselves said: what was said, and what was seen."""

from __future__ import annotations

from typing import Any

import pandas as pd

SEEN = ("account_id", "left_on", "health_score", "caught", "told_family", "mrr")
SAID = ("reason", "competitor", "comment")


def said_and_seen(green_churn: pd.DataFrame, departures: pd.DataFrame, within_days: int) -> pd.DataFrame:
    """Every account that left while it was green, with what it said of it.

    Parameters
    ----------
    green_churn
        Of `models.watermelons.green_churn.post_mortem`: `SEEN`.
    departures
        One row per departure as the account explained it: account_id, left_on, reason, comment.
    within_days
        The two days may lie so far apart; of several statements the nearest counts.

    Returns
    -------
    pandas.DataFrame
        One row per row of green_churn, in its order: `SEEN`, and reason, competitor, comment; "": nothing was said.
    """
    left_on = pd.to_datetime(green_churn["left_on"])
    departed = green_churn[list(SEEN)].assign(row=range(len(green_churn)), left_on=left_on)
    statements = departures.reindex(columns=["account_id", "left_on", *SAID]).rename(columns={"left_on": "said_of"})
    pairs = departed.merge(statements.assign(said_of=pd.to_datetime(statements["said_of"])), on="account_id")
    apart = (pairs["said_of"] - pairs["left_on"]).dt.days.abs()
    pairs = pairs.assign(apart=apart)[apart <= within_days].sort_values(["row", "apart"], kind="stable")
    nearest = pairs.drop_duplicates("row").set_index("row")[list(SAID)]
    texts = {name: nearest[name].astype("object").reindex(departed["row"]).fillna("").to_numpy() for name in SAID}
    return departed.drop(columns="row").assign(**texts).reset_index(drop=True).astype(dict.fromkeys(SAID, "str"))


def by_reason(joined: pd.DataFrame, fewest: int) -> list[dict[str, Any]]:
    """Reason -> how many left for it while green, how many were flagged, and which family had raised their risk.

    Reasons that fewer than ``fewest`` accounts named are one, under "": a reason in an account's own words is its own.
    """
    stated = joined[joined["reason"] != ""]
    counts = stated.groupby("reason")["account_id"].nunique()
    common = stated["reason"].where(stated["reason"].map(counts) >= fewest, "")
    rows = []
    for reason, own in stated.groupby(common, sort=True):
        families = own.loc[own["told_family"] != "", "told_family"].value_counts()
        rows.append(
            {
                "reason": str(reason), "departures": len(own), "flagged": int(own["caught"].sum()),
                "mrr": float(own["mrr"].sum()), "silent": int((own["told_family"] == "").sum()),
                "families": {str(name): int(n) for name, n in families.items()},
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-int(row["departures"]), str(row["reason"])))
