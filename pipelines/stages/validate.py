"""Check the source against the contract, and keep its tables with canonical types."""

from __future__ import annotations

from datetime import timedelta

from rind.common.errors import UsageError
from rind.common.files import write_json
from rind.common.guards import records, refuse_if_asked
from rind.features.guards.source import source_guards
from rind.features.history import HistoryNeed
from rind.features.sources import open_source
from rind.features.storage import load, present
from rind.features.storing import store
from rind.features.validation import validate
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def need(params: Params) -> HistoryNeed:
    """How much history the parameters ask for."""
    return HistoryNeed(
        horizon_days=params.labels.horizon_days,
        grace_days=params.labels.grace_days,
        every_days=params.snapshots.every_days,
        history_days=params.snapshots.history_days,
        refit_every_days=params.backtest.refit_every_days,
        min_train_dates=params.backtest.min_train_dates,
    )


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Raise an error that holds every broken rule, or write the typed tables and what is worth knowing."""
    with open_source(params.source.url) as source:
        report = validate(source, params.source.data_end, need(params), params.source.as_of, progress)
        report.raise_if_broken()
        store(source, space.tables, progress)
    as_of = params.source.as_of or report.data_end
    if report.data_end is None or as_of is None:
        raise UsageError("the source has no date at all", "give --data-end YYYY-MM-DD")
    if as_of > report.data_end + timedelta(days=1):
        raise UsageError(
            f"the scoring date {as_of} lies more than a day after the data end {report.data_end}",
            "score at the day after the data end or earlier, or give --data-end if the source covers more days",
        )
    record = {"notes": report.notes, "rows": report.rows, "absent": source.absent, "source": source.url}
    write_json(space.validation, {**record, "data_end": report.data_end, "as_of": as_of})
    progress("guards")
    days = (report.data_end, as_of, params.labels.grace_days)
    findings = source_guards(load(space.tables), present(space.tables), *days, params.guards.source)
    refuse_if_asked(findings)
    write_json(space.source_guards, records(findings))
