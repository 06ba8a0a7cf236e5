"""What accounts have under contract on a day, those that have given notice included, as it was known on that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import KEYS, active_on, notice_given, recorded_before
from rind.features.catalogue import Settings
from rind.features.currency import in_own_currency
from rind.features.paid_terms import contract_of_day, paid_mrr


def contracts(tables: Mapping[str, ir.Table], days: Sequence[date], settings: Settings) -> ir.Table:
    """The running contracts of each day, by what had happened and was recorded before it.

    The days are compared with each other, so that two things are told as they are known on the latest of them: the
    rates of other currencies (a rate that moves is no change of a contract), and when an earlier day's contract ended.

    Returns
    -------
    ibis.Table
        One row per (account_id, as_of: date) with a running subscription: name, segment, csm, mrr (0 while it pays
        nothing), mrr_under_notice, term_ends_on (the next renewal), notice_on (the latest notice given before as_of,
        or null), contract_ends_on (the latest end of its paid terms: the agreed one, or the real one where it has
        come by the latest day; null where a term is open).
    """
    latest = ibis.literal(max(days))
    calendar = ibis.memtable([{"as_of": day} for day in days], schema={"as_of": "date"})
    terms = tables["subscriptions"]
    pairs = calendar.join(terms, terms.starts_on <= calendar.as_of)
    running = pairs.filter(active_on(pairs) & recorded_before(pairs))
    running = running.mutate(
        mrr=paid_mrr(running), notice_on=ibis.ifelse(notice_given(running), running.notice_on, None)
    )
    priced = in_own_currency(running.mutate(day__=_.as_of, as_of=latest), tables.get("rates"), settings.currency)
    running = priced.mutate(as_of=_.day__).drop("day__")
    contract = contract_of_day(running, settings)
    paid = running.filter(running.mrr > 0)
    end = ibis.ifelse(paid.ended_on <= latest, paid.ended_on, paid.term_ends_on)
    ends = paid.group_by(*KEYS).agg(
        notice_on=paid.notice_on.max(), contract_ends_on=ibis.ifelse(end.isnull().any(), None, end.max())
    )
    joined = contract.left_join(ends, list(KEYS), rname="{name}_right").drop("account_id_right", "as_of_right")
    who = tables["accounts"].select("account_id", "name", "segment", "csm")
    return joined.inner_join(who, "account_id").select(
        *KEYS, "name", "segment", "csm", "mrr", "mrr_under_notice", "term_ends_on", "notice_on", "contract_ends_on"
    )
