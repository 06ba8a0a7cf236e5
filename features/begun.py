"""What the customer success team has begun with any account, as known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from rind.features.asof import known


def begun_interventions(tables: Mapping[str, ir.Table], day: date) -> ir.Table | None:
    """The interventions that were begun, and recorded, before the day; None where the source has no such table.

    Returns
    -------
    ibis.Table
        One row per intervention: account_id, playbook, started_on: date, cost. Those without a playbook are absent.
    """
    if "interventions" not in tables:
        return None
    everybody = tables["accounts"].select("account_id").distinct().mutate(as_of=ibis.literal(day))
    rows = known(everybody, tables["interventions"], "interventions")
    return rows.filter(rows.playbook.notnull()).select("account_id", "playbook", "started_on", "cost")
