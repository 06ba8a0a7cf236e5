"""What the list says of an account beside its score: who it is and what it has under contract on the day."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir
from ibis import _

from rind.features.asof import active_on, recorded_before


def standing(snapshots: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    """Name, segment, CSM, MRR and end of the term of every snapshot's account.

    For display only: a contract that starts on as_of counts, as it does for the cohort, while features know nothing
    of that day.

    Returns
    -------
    ibis.Table
        One row per snapshot: account_id, as_of, name, segment, csm, mrr (sum of the active subscriptions),
        term_ends_on (the latest of them).
    """
    pairs = snapshots.inner_join(tables["subscriptions"], "account_id")
    contract = pairs.filter(active_on(pairs) & recorded_before(pairs)).group_by("account_id", "as_of")
    sums = contract.agg(mrr=_.mrr.sum(), term_ends_on=_.term_ends_on.max())
    who = tables["accounts"].select("account_id", "name", "segment", "csm")
    return sums.inner_join(who, "account_id").select(
        "account_id", "as_of", "name", "segment", "csm", "mrr", "term_ends_on"
    )
