"""The list as a file for a CRM's bulk update, its columns named by a map of params.yaml."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from rind.common.errors import UsageError
from rind.serving.deliver.digest import rows
from rind.serving.deliver.settings import DeliverySettings
from rind.serving.store.protocols import Week

MADE = ("as_of", "churn_percent", "reasons", "page_url")
"""Columns beside those of the risk list: the scoring date, the probability from 0 to 100, all reasons, the page."""


def crm_file(week: Week, columns: Mapping[str, str], settings: DeliverySettings, system: str) -> pd.DataFrame:
    """One row per account of the list, in its order.

    Parameters
    ----------
    week
        The published week.
    columns
        Field of the CRM -> column of the risk list, or one of `MADE`.
    system
        The CRM, for messages.

    Returns
    -------
    pandas.DataFrame
        The fields of ``columns`` in their order; dates as ISO texts, flags as TRUE and FALSE.
    """
    listed = week.risk_list
    told = rows(listed, settings)
    made = listed.assign(
        as_of=week.as_of.isoformat(),
        churn_percent=(100 * listed["churn_probability"]).round(1),
        reasons=[". ".join(row["reasons"]) for row in told],
        page_url=[row["url"] for row in told],
    )
    unknown = sorted(set(columns.values()) - set(made.columns))
    if unknown:
        raise UsageError(
            f"deliveries.crm.{system} names columns that the list does not have: {', '.join(unknown)}",
            f"known: {', '.join(made.columns)}",
        )
    return pd.DataFrame({field: _plain(made[name]) for field, name in columns.items()})


def _plain(column: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(column):
        return pd.Series(column.map({True: "TRUE", False: "FALSE"}))
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Series(column.dt.strftime("%Y-%m-%d"))
    return column
