"""The history of an account's contracts: its MRR over time, its terms, its plan.

All functions take ``known``: one row per (snapshot, subscription known to it), as `features.asof.known`
gives it, so that an end on as_of itself is still to come. "Day" counts whole days before as_of.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import KEYS

CENT = 0.01  # smaller changes are rounding
YEAR = 364


def term_history(known: ir.Table, contract: ir.Table) -> ir.Table:
    """MRR in the past, and the terms so far.

    Parameters
    ----------
    contract
        One row per snapshot with a running subscription: `features.families.terms.terms`.

    Returns
    -------
    ibis.Table
        One row per snapshot with a subscription ever: account_id, as_of,
        mrr_91d, mrr_364d: float64, as of so many days before (null where nothing ran then);
        first_age: days since the first subscription started;
        commercial__renewals__ever: terms whose agreed end has passed without ending them earlier;
        term_starts_on: date, when the first subscription with the present end of term started (a change
        of seats in the middle of a term opens a new row, not a new term).
    """
    current = contract.select(*KEYS, current_end="term_ends_on")
    pairs = known.left_join(current, list(KEYS), rname="{name}_right").drop("account_id_right", "as_of_right")
    pairs = pairs.mutate(end_age=_.as_of.delta(_.ended_on, unit="day"))
    served = (_.term_ends_on < _.as_of) & (_.ended_on.isnull() | (_.ended_on >= _.term_ends_on))
    return pairs.group_by(*KEYS).aggregate(
        mrr_91d=_ran(91),
        mrr_364d=_ran(YEAR),
        first_age=_.age_days.max(),
        commercial__renewals__ever=_.term_ends_on.nunique(where=served),
        term_starts_on=_.starts_on.min(where=_.term_ends_on == _.current_end),
    )


def mrr_changes(known: ir.Table) -> ir.Table:
    """How often an account's whole MRR grew or shrank, from one day to the next, while it was a customer.

    A first start, an end that leaves nothing and a start after a gap are neither.

    Returns
    -------
    ibis.Table
        One row per snapshot with a subscription ever: account_id, as_of and the features on expansions
        and contractions.
    """
    pairs = known.mutate(mrr=_.mrr.cast("float64"))
    starts = pairs.select(*KEYS, day=_.age_days, change=_.mrr)
    ends = pairs.filter(_.ended_on.notnull())
    ends = ends.select(*KEYS, day=_.as_of.delta(_.ended_on, unit="day"), change=-_.mrr)
    days = starts.union(ends).group_by(*KEYS, "day").aggregate(change=_.change.sum())
    history = ibis.cumulative_window(group_by=list(KEYS), order_by=ibis.desc("day"))
    days = days.mutate(after=_.change.sum().over(history))
    stayed = (_.after > CENT) & (_.after - _.change > CENT)
    days = days.mutate(grew=stayed & (_.change > CENT), shrank=stayed & (_.change < -CENT))
    return days.group_by(*KEYS).aggregate(
        commercial__expansions__364d=(_.grew & (_.day <= YEAR)).sum(),
        commercial__expansions__ever=_.grew.sum(),
        commercial__contractions__364d=(_.shrank & (_.day <= YEAR)).sum(),
        commercial__contractions__ever=_.shrank.sum(),
        commercial__since_contraction__ever=_.day.min(where=_.shrank).cast("float64"),
    )


def running_plan(known: ir.Table) -> ir.Table:
    """The plan of the running subscription that started last (of equals, the last by id).

    Returns
    -------
    ibis.Table
        One row per snapshot with a running subscription: account_id, as_of, commercial__plan__now: string.
    """
    latest = ibis.window(group_by=list(KEYS), order_by=[ibis.desc("starts_on"), ibis.desc("subscription_id")])
    ranked = known.filter(_.ended_on.isnull()).mutate(nth=ibis.row_number().over(latest))
    return ranked.filter(_.nth == 0).select(*KEYS, commercial__plan__now=_.plan)


def _ran(days: int) -> ir.Value:
    """MRR under contract at the as_of ``days`` days earlier, as we know it now."""
    ran = (_.age_days > days) & (_.end_age.isnull() | (_.end_age <= days))
    return _.mrr.cast("float64").sum(where=ran)
