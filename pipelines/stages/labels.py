"""The outcome of every snapshot."""

from __future__ import annotations

from features.labels import labels
from features.storage import load
from pipelines.data import read_dates, write_lazily
from pipelines.params import Params
from pipelines.runner import Progress, main
from pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write churned and days_to_churn, one row per snapshot."""
    del progress
    subscriptions = load(space.tables)["subscriptions"]
    snapshots = subscriptions.get_backend().read_parquet(str(space.snapshots))
    end = read_dates(space.dates)["data_end"]
    table = labels(snapshots, subscriptions, end, params.labels.horizon_days, params.labels.grace_days)
    write_lazily(table.order_by("as_of", "account_id"), space.labels)


if __name__ == "__main__":
    main("labels", run)
