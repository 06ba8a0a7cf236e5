"""The spine: which accounts are looked at on which dates."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil

from rind.common.errors import HistoryError
from rind.features.asof import effective_at
from rind.features.snapshots import history_dates, spine
from rind.features.storage import load
from rind.pipelines.data import read_json, write_document, write_lazily
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write the spine and dates.json: data_end, as_of, and the date of the list before."""
    validation = read_json(space.validation)
    as_of = date.fromisoformat(validation["as_of"])
    tables = load(space.tables)
    # Not the first use: one that is recorded later must not lengthen the history that earlier models had.
    begin = effective_at(tables["usage"], "usage").min().to_pyarrow().as_py().date()
    every = params.snapshots.every_days
    dates = history_dates(begin, as_of, every, params.snapshots.history_days)
    earlier = [day for day in dates if day <= as_of - timedelta(days=ceil(every / 2))]
    if not earlier:
        raise HistoryError(f"the usage begins on {begin}, too late for a date before {as_of}", "give more history")
    progress(f"{len(dates)} dates")
    write_lazily(spine(tables["subscriptions"], dates).order_by("as_of", "account_id"), space.snapshots)
    write_document(space.dates, {"data_end": validation["data_end"], "as_of": as_of, "previous": earlier[-1]})
