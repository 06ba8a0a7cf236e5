"""The outcome of every snapshot, and whether an intervention may have turned it."""

from __future__ import annotations

from rind.features.labels import known_labels, labels, with_times
from rind.features.storage import load
from rind.features.under_intervention import under_intervention
from rind.pipelines.data import read_dates, write_lazily
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write churned and days_to_churn, one row per snapshot: what the source says today, and what it said when.

    And under_intervention.parquet, the snapshots whose outcome an intervention may have turned.
    """
    tables = load(space.tables)
    subscriptions = tables["subscriptions"]
    snapshots = subscriptions.get_backend().read_parquet(str(space.snapshots))
    outcome = read_dates(space.dates)["data_end"], params.labels.horizon_days, params.labels.grace_days
    today = labels(snapshots, subscriptions, *outcome)
    write_lazily(today.order_by("as_of", "account_id"), space.labels)
    progress("what was known when")
    then = with_times(known_labels(snapshots, subscriptions, *outcome))
    write_lazily(then.order_by("as_of", "account_id", "known_from"), space.known_labels)
    acting = under_intervention(snapshots, tables, params.reasons.under_way_days, params.labels.horizon_days)
    write_lazily(acting.order_by("as_of", "account_id"), space.under_intervention)
