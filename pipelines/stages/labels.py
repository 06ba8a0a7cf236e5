"""The outcome of every snapshot."""

from __future__ import annotations

from rind.features.labels import known_labels, labels, with_times
from rind.features.storage import load
from rind.pipelines.data import read_dates, write_lazily
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write churned and days_to_churn, one row per snapshot: what the source says today, and what it said when."""
    subscriptions = load(space.tables)["subscriptions"]
    snapshots = subscriptions.get_backend().read_parquet(str(space.snapshots))
    outcome = read_dates(space.dates)["data_end"], params.labels.horizon_days, params.labels.grace_days
    today = labels(snapshots, subscriptions, *outcome)
    write_lazily(today.order_by("as_of", "account_id"), space.labels)
    progress("what was known when")
    then = with_times(known_labels(snapshots, subscriptions, *outcome))
    write_lazily(then.order_by("as_of", "account_id", "known_from"), space.known_labels)
