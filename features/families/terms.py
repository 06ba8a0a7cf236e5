"""What an account has under contract at an as_of, for the families that need it."""

from __future__ import annotations

import ibis
from ibis import _

from rind.features import asof


def terms(snapshots: ibis.Table, subscriptions: ibis.Table) -> ibis.Table:
    """Seats, MRR and the end of the term of every snapshot, as known at its as_of.

    A subscription counts when it started strictly before as_of and its end is not known: an end on as_of
    itself, like any planned end, still belongs to the future.

    Parameters
    ----------
    snapshots
        One row per (account_id, as_of: date).
    subscriptions
        The contract's table; an account may have several at a time.

    Returns
    -------
    ibis.Table
        One row per snapshot with a running subscription: account_id, as_of, seats: float64 and
        mrr: float64 (sums over the running subscriptions; seats null where none says them) and
        term_ends_on: date (the latest; null where none says it). Snapshots without one are absent.
    """
    pairs = asof.known(snapshots, subscriptions, "subscriptions")
    running = pairs.filter(_.ended_on.isnull())
    return running.group_by("account_id", "as_of").aggregate(
        seats=_.seats.cast("float64").sum(),
        mrr=_.mrr.cast("float64").sum(),
        term_ends_on=_.term_ends_on.max(),
    )
