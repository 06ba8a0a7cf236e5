"""What an account has under contract at an as_of, for the families that need it."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from rind.features import asof
from rind.features.catalogue import Settings
from rind.features.currency import in_own_currency
from rind.features.paid_terms import contract_of_day, paid_mrr


def known_terms(snapshots: ir.Table, subscriptions: ir.Table, rates: ir.Table | None, settings: Settings) -> ir.Table:
    """Every snapshot with the terms that it knows (`features.asof.known`).

    Returns
    -------
    ibis.Table
        One row per known (snapshot, term): mrr in the company's own currency, 0 for trials, free plans and pauses.
    """
    known = asof.known(snapshots, subscriptions, "subscriptions")
    return in_own_currency(known.mutate(mrr=paid_mrr(known)), rates, settings.currency)


def terms(known: ir.Table, settings: Settings) -> ir.Table:
    """Seats, money and the next renewal of every snapshot, as known at its as_of.

    A subscription counts when it started strictly before as_of and its end is not known: an end on as_of
    itself, like any planned end, still belongs to the future.

    Parameters
    ----------
    known
        The terms known to each snapshot: `known_terms`.

    Returns
    -------
    ibis.Table
        One row per snapshot with a running subscription, as `features.paid_terms.contract_of_day` describes it.
        Snapshots without one are absent.
    """
    return contract_of_day(known.filter(_.ended_on.isnull()), settings)
