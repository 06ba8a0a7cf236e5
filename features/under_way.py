"""What the customer success team has begun with an account and not ended yet."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir

from rind.features.asof import KEYS, known


def under_way(snapshots: ir.Table, tables: Mapping[str, ir.Table], within_days: int) -> ir.Table | None:
    """The interventions that run on the day of each snapshot; None where the source has no such table.

    Parameters
    ----------
    within_days
        An intervention whose end is not known counts as running for so many days after its start.

    Returns
    -------
    ibis.Table
        One row per snapshot and running intervention: account_id, as_of, playbook, started_on: date.
    """
    if "interventions" not in tables:
        return None
    begun = known(snapshots.select(*KEYS), tables["interventions"], "interventions", within_days)
    return begun.filter(begun.ended_on.isnull()).select(*KEYS, "playbook", "started_on")
