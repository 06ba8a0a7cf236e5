"""What the customer success team has begun with any account, as known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis.expr.types as ir

from rind.features.asof import known_on


def begun_interventions(tables: Mapping[str, ir.Table], day: date) -> ir.Table | None:
    """The interventions that were begun, and recorded, before the day; None where the source has no such table.

    Returns
    -------
    ibis.Table
        One row per intervention: account_id, playbook, started_on: date, cost. Those without a playbook are absent.
    """
    if "interventions" not in tables:
        return None
    rows = known_on(tables["interventions"], "interventions", day)
    return rows.filter(rows.playbook.notnull()).select("account_id", "playbook", "started_on", "cost")
