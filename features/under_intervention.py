"""The snapshots whose outcome an intervention may have turned: what an account did then is not its own doing alone."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from rind.features.asof import KEYS, effective_at
from rind.features.paid_terms import paying


def under_intervention(
    snapshots: ir.Table, tables: Mapping[str, ir.Table], within_days: int, horizon_days: int
) -> ir.Table:
    """The snapshots under an intervention, and since when that is known.

    An intervention counts for a snapshot where it ran on as_of, as in `features.under_way`, or began within the days
    of the label, [as_of, as_of + horizon_days]: either may have kept the account, which then teaches that its signs
    were harmless. A start that lies ahead is no feature; like the label it may decide what a row teaches, from the day
    on which it is known. What began on a day on which the account did not pay (to win it back) turned no departure.

    Parameters
    ----------
    snapshots
        One row per (account_id, as_of).
    tables
        Interventions, and subscriptions as terms (`features.paid_terms.as_terms`).
    within_days
        An intervention whose end is not known by as_of counts as running for so many days after its start.

    Returns
    -------
    ibis.Table
        One row per snapshot under an intervention: account_id, as_of, known_from: the first date at which a run knows
        of it.
    """
    starts = _starts(tables["interventions"], tables["subscriptions"])
    earliest = snapshots.as_of - ibis.interval(days=within_days)
    latest = snapshots.as_of + ibis.interval(days=horizon_days)
    near = [
        snapshots.account_id == starts.account_id, starts.started_on >= earliest.cast("date"),
        starts.started_on <= latest.cast("date"),
    ]  # fmt: skip
    pairs = snapshots.select(*KEYS).join(starts, near, rname="{name}_started")
    acting = pairs.filter(~(pairs.ended_on < pairs.as_of).fill_null(False))
    return acting.group_by(*KEYS).agg(known_from=acting.known_from.min())


def _starts(interventions: ir.Table, subscriptions: ir.Table) -> ir.Table:
    """One row per intervention that began while the account paid: account_id, started_on, ended_on, known_from."""
    begun = interventions.mutate(known_at=effective_at(interventions, "interventions"))
    terms = paying(subscriptions)
    terms = terms.select(
        "starts_on", owner=terms.account_id, left_on=terms.ended_on, term_known_at=effective_at(terms, "subscriptions")
    )
    running = [
        begun.account_id == terms.owner, terms.starts_on <= begun.started_on,
        terms.left_on.isnull() | (terms.left_on > begun.started_on),
    ]  # fmt: skip
    paid = begun.join(terms, running)
    since = ibis.greatest(paid.known_at, paid.term_known_at).date() + ibis.interval(days=1)
    return paid.select("account_id", "started_on", "ended_on", known_from=since.cast("date"))
