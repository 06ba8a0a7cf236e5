"""Who is compared with whom: each start with untreated accounts of the last snapshot before it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from rind.models.common.frames import KEYS

BEFORE_DAYS = 91
UNTREATED = ""
"""The playbook of a row without an intervention."""


def comparison_rows(
    snapshots: pd.DataFrame, starts: pd.DataFrame, every_days: int, per_start: int, seed: int
) -> pd.DataFrame:
    """Starts with the last snapshot before them, and untreated rows of the same dates.

    Nothing that follows a start decides who is compared: an untreated row may get an intervention later, as an account
    that got one may get the next.

    Parameters
    ----------
    snapshots
        One row per (account_id, as_of) whose outcome is known: churned 1/0, days_to_churn (NaN: not seen).
    starts
        One row an intervention: account_id, playbook, started_on, cost.
    every_days
        Days from one snapshot to the next. A start belongs to the snapshot with as_of <= started_on < as_of +
        every_days; without one (the account had given notice, or is no customer) it is not judged.
    per_start
        Untreated rows drawn for each start, at random, on its date.

    Returns
    -------
    pandas.DataFrame
        One row per (account_id, as_of): playbook ("": untreated), churned, started_on, cost (both empty for untreated
        rows), interventions_before (starts of any playbook in the 91 days before as_of). Accounts that left before the
        start are in neither group: an untreated row has a day of the week drawn from the starts for that. Of several
        starts of one week of one account none is kept.
    """
    dated = _with_snapshot(snapshots, starts, every_days)
    several = dated.duplicated(KEYS, keep=False)
    treated = snapshots.merge(dated[~several], on=KEYS)
    untreated = snapshots.merge(dated[KEYS].drop_duplicates(), on=KEYS, how="left", indicator=True)
    untreated = untreated[untreated["_merge"] == "left_only"].drop(columns="_merge")
    drawn = _drawn(untreated, treated["as_of"].value_counts() * per_start, seed)
    rng = np.random.default_rng(seed)
    lags = treated["lag"].to_numpy() if len(treated) else np.zeros(1)
    drawn = drawn.assign(playbook=UNTREATED, lag=rng.choice(lags, len(drawn)), cost=np.nan, started_on=None)
    rows = pd.concat([treated, drawn.astype({"started_on": treated["started_on"].dtype})], ignore_index=True)
    there = ~((rows["churned"] == 1) & (rows["days_to_churn"] <= rows["lag"]))
    rows = rows[there].sort_values([*KEYS], ignore_index=True)
    rows["interventions_before"] = _before(rows, starts)
    return rows.drop(columns=["lag", "days_to_churn"])


def _with_snapshot(snapshots: pd.DataFrame, starts: pd.DataFrame, every_days: int) -> pd.DataFrame:
    """The starts with the as_of of their snapshot and the days from there (lag)."""
    joined = starts.merge(snapshots[KEYS], on="account_id")
    lag = (joined["started_on"] - joined["as_of"]).dt.days
    return joined.assign(lag=lag)[(lag >= 0) & (lag < every_days)]


def _drawn(untreated: pd.DataFrame, wanted: pd.Series, seed: int) -> pd.DataFrame:
    """So many rows of each date as are wanted, or all that there are."""
    shuffled = untreated.sample(frac=1.0, random_state=seed)
    place = shuffled.groupby("as_of").cumcount()
    return shuffled[place < shuffled["as_of"].map(wanted).fillna(0)]


def _before(rows: pd.DataFrame, starts: pd.DataFrame) -> pd.Series:
    pairs = rows[KEYS].reset_index().merge(starts[["account_id", "started_on"]], on="account_id")
    since = pairs["as_of"] - pairs["started_on"]
    counted = pairs.loc[(since > timedelta(0)) & (since <= timedelta(days=BEFORE_DAYS)), "index"].value_counts()
    return counted.reindex(rows.index, fill_value=0)
