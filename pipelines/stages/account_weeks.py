"""What each account did and paid week by week, from a year before the first snapshot on."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from rind.common.results import RESULTS
from rind.features.account_weeks import Span, account_weeks
from rind.features.storage import load
from rind.pipelines.data import read, write, write_lazily
from rind.pipelines.labels_as_known import seen_until
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace

YEAR = timedelta(weeks=52)


def fall_back(space: Workspace, params: Params) -> None:
    """Write that nothing is known of any week: the effects on churn go on without."""
    del params
    nothing = {column.name: pd.Series(dtype="float64") for column in RESULTS["account_weeks"].columns}
    days = {"account_id": pd.Series(dtype="str"), "week": pd.Series(dtype="datetime64[s]")}
    write(pd.DataFrame(nothing | days), space.account_weeks)


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write account_weeks.parquet."""
    progress("weeks")
    first: date = read(space.snapshots, ["as_of"])["as_of"].min().date()
    span = Span(first - YEAR, seen_until(space))
    weeks = account_weeks(load(space.tables), span, params.labels.grace_days, params.money.currency)
    write_lazily(weeks, space.account_weeks)
