"""What happened with each account before the scoring date, for its page."""

from __future__ import annotations

import glob

from rind.features.storage import load
from rind.features.timeline import timeline
from rind.pipelines.data import read_dates, write_lazily
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write timeline.parquet."""
    progress("events")
    tables, as_of = load(space.tables), read_dates(space.dates)["as_of"]
    spine = tables["tickets"].get_backend().read_parquet(glob.escape(str(space.snapshots)))
    events = timeline(spine, tables, as_of, params.page.timeline_days, params.money.currency)
    write_lazily(events, space.timeline)
