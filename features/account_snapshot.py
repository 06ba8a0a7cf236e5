"""What the list shows of an account beside its score: who it is and what it has under contract on the day."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from rind.features.asof import KEYS, active_on, notice_given, recorded_before
from rind.features.catalogue import Settings
from rind.features.currency import in_own_currency
from rind.features.paid_terms import contract_of_day, paid_mrr


def standing(snapshots: ir.Table, tables: Mapping[str, ir.Table], settings: Settings | None = None) -> ir.Table:
    """Name, segment, CSM, money and next renewal of every snapshot's account.

    For display only: a contract that starts on as_of counts, as it does for the cohort, while features know nothing
    of that day.

    Returns
    -------
    ibis.Table
        One row per snapshot with a running subscription: account_id, as_of, name, segment, csm, mrr, term_ends_on (the
        next renewal), mrr_under_notice, mrr_up_for_renewal (`features.paid_terms.contract_of_day`).
    """
    settings = settings or Settings()
    pairs = snapshots.select(*KEYS).inner_join(tables["subscriptions"], "account_id")
    running = pairs.filter(active_on(pairs) & recorded_before(pairs))
    running = running.mutate(
        mrr=paid_mrr(running), notice_on=ibis.ifelse(notice_given(running), running.notice_on, None)
    )
    contract = contract_of_day(in_own_currency(running, tables.get("rates"), settings.currency), settings)
    who = tables["accounts"].select("account_id", "name", "segment", "csm")
    return contract.inner_join(who, "account_id").select(
        *KEYS, "name", "segment", "csm", "mrr", "term_ends_on", "mrr_under_notice", "mrr_up_for_renewal"
    )
