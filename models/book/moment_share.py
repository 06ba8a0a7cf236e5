"""Adoption as a number of the book: which customers are past the True North moment of their segment."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rind.common.facts.moments import ALL, Moment, behaviour_of


def moment_cells(
    customers: pd.DataFrame, launches: pd.DataFrame, early: pd.DataFrame, moments: Sequence[Moment]
) -> pd.DataFrame:
    """Customers whose first days are over, and whether they had reached the moment in them.

    Parameters
    ----------
    customers
        One row per account that pays on the last day of a month: account_id, month (its first day), segment, csm, plan.
    launches
        One row per account whose first days the source covers: account_id, signed_on.
    early
        What accounts did in their first days (early.parquet): account_id, behaviour, within_days, count.
    moments
        Of true_north.json. A confirmed one of the customer's segment counts, else one of all segments; of several the
        first. A second behaviour that adds to it is not asked for.

    Returns
    -------
    pandas.DataFrame
        The customers in whose segment a moment is confirmed and whose ``within_days`` were over when the month ended:
        month, segment, csm, plan, moment_reached (1 or 0), moment_counted (1). None without a confirmed moment.
    """
    confirmed = [moment for moment in moments if moment["confirmed"]]
    own = {moment["segment"]: moment for moment in reversed(confirmed)}
    known = customers.merge(launches[["account_id", "signed_on"]], on="account_id")
    parts = [
        _past(rows, moment, early)
        for segment, rows in known.groupby(known["segment"].fillna(""))
        if (moment := own.get(segment, own.get(ALL))) is not None
    ]
    columns = ["month", "segment", "csm", "plan", "moment_reached", "moment_counted"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _past(rows: pd.DataFrame, moment: Moment, early: pd.DataFrame) -> pd.DataFrame:
    end = pd.to_datetime(rows["month"]) + pd.offsets.MonthEnd(0)
    over = pd.to_datetime(rows["signed_on"]) + pd.to_timedelta(moment["within_days"], unit="D") <= end
    same = (early["behaviour"] == behaviour_of(moment)) & (early["within_days"] == moment["within_days"])
    reached = early.loc[same & (early["count"] >= moment["count"]), "account_id"]
    counted = rows[over]
    return counted.assign(moment_reached=counted["account_id"].isin(set(reached)).astype("float64"), moment_counted=1.0)
