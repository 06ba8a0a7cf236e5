"""The history of an account's contracts: its MRR over time, its terms, its plan.

All functions take ``known``: one row per (snapshot, term known to it), as `features.families.terms.known_terms`
gives it, so that an end on as_of itself is still to come. "Day" counts whole days before as_of.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import KEYS, has_passed
from rind.features.paid_terms import SUCCESSOR_DAYS

HALF_CENT = 0.005  # smaller changes are rounding
NOISE = 1e-10  # of all that was ever added and taken away: what sums of binary fractions may be wrong by
YEAR = 364


def term_history(known: ir.Table, contract: ir.Table) -> ir.Table:
    """MRR in the past, and the terms so far.

    Parameters
    ----------
    known
        With renewed_on (`features.paid_terms.with_renewals`).
    contract
        One row per snapshot with a running subscription: `features.families.terms.terms`.

    Returns
    -------
    ibis.Table
        One row per snapshot with a subscription ever: account_id, as_of,
        mrr_91d, mrr_364d: float64, as of so many days before (0 where what ran was free, null where nothing ran);
        first_age: days since the first subscription started;
        commercial__renewals__ever: agreed ends of paid terms that have passed, which the term ran beyond or a
        renewal carried the account over;
        term_starts_on: date, when the first subscription with the present end of term started (a change
        of seats in the middle of a term opens a new row, not a new term).
    """
    current = contract.select(*KEYS, current_end="term_ends_on")
    pairs = known.left_join(current, list(KEYS), rname="{name}_right").drop("account_id_right", "as_of_right")
    pairs = pairs.mutate(end_age=_.as_of.delta(_.ended_on, unit="day"))
    return pairs.group_by(*KEYS).aggregate(
        mrr_91d=_ran(91),
        mrr_364d=_ran(YEAR),
        first_age=_.age_days.max(),
        commercial__renewals__ever=_.term_ends_on.nunique(where=_renewed(pairs)),
        term_starts_on=_.starts_on.min(where=_.term_ends_on == _.current_end),
    )


def _renewed(pairs: ir.Table) -> ir.BooleanValue:
    """Whether a paid term's agreed end has passed and the account went on: with the term itself or with another."""
    beyond = pairs.ended_on.isnull() | (pairs.ended_on > pairs.term_ends_on)
    lasted = pairs.ended_on >= pairs.term_ends_on - ibis.interval(days=SUCCESSOR_DAYS)
    went_on = beyond | (lasted & has_passed(pairs, "renewed_on"))
    return (pairs.mrr > 0) & has_passed(pairs, "term_ends_on") & went_on.fill_null(False)


def mrr_changes(known: ir.Table, grace_days: int) -> ir.Table:
    """How often an account's whole MRR grew or shrank, from one day to the next, while it was a customer.

    A first start, an end that leaves nothing and a start after more than grace_days without revenue are neither.
    After a shorter gap the revenue is compared with that before the gap.

    Returns
    -------
    ibis.Table
        One row per snapshot with a subscription ever: account_id, as_of and the features on expansions
        and contractions.
    """
    by_day = ibis.window(group_by=list(KEYS), order_by=ibis.desc("day"))
    levels = _levels(known)
    levels = levels.mutate(kept=levels.paid | levels.paid.lag().over(by_day).fill_null(True))
    levels = levels.filter(_.kept)  # of a gap, its first day
    last, last_day, last_paid = (levels[c].lag().over(by_day) for c in ("level", "day", "paid"))
    in_grace = last_day - levels.day <= grace_days
    before_gap = ibis.ifelse(in_grace, levels.level.lag(2).over(by_day), None)
    days = levels.mutate(change=levels.level - ibis.ifelse(last_paid, last, before_gap))
    days = days.mutate(
        grew=(days.paid & (days.change > days.rounding)).fill_null(False),
        shrank=(days.paid & (days.change < -days.rounding)).fill_null(False),
    )
    return days.group_by(*KEYS).aggregate(
        commercial__expansions__364d=(_.grew & (_.day <= YEAR)).sum(),
        commercial__expansions__ever=_.grew.sum(),
        commercial__contractions__364d=(_.shrank & (_.day <= YEAR)).sum(),
        commercial__contractions__ever=_.shrank.sum(),
        commercial__since_contraction__ever=_.day.min(where=_.shrank).cast("float64"),
    )


def _levels(known: ir.Table) -> ir.Table:
    """One row per snapshot and day on which a term began or ended.

    account_id, as_of, day, level: MRR from that day on; paid: whether that is anything; rounding: a change of
    at most so much is none.
    """
    starts = known.select(*KEYS, day=_.age_days, change=_.mrr)
    ends = known.filter(_.ended_on.notnull())
    ends = ends.select(*KEYS, day=_.as_of.delta(_.ended_on, unit="day"), change=-_.mrr)
    days = starts.union(ends).group_by(*KEYS, "day").aggregate(change=_.change.sum(), moved=_.change.abs().sum())
    so_far = ibis.cumulative_window(group_by=list(KEYS), order_by=ibis.desc("day"))
    days = days.mutate(level=days.change.sum().over(so_far), noise=days.moved.sum().over(so_far) * NOISE)
    return days.select(
        *KEYS, "day", "level", paid=days.level > days.noise, rounding=ibis.greatest(days.noise, HALF_CENT)
    )


def running_plan(known: ir.Table) -> ir.Table:
    """The plan of the main contract: the running term with the highest MRR (of equals, the one that started last).

    Returns
    -------
    ibis.Table
        One row per snapshot with a running subscription: account_id, as_of, commercial__plan__now: string.
    """
    order = [ibis.desc("mrr"), ibis.desc("starts_on"), ibis.desc("subscription_id")]
    main = ibis.window(group_by=list(KEYS), order_by=order)
    ranked = known.filter(_.ended_on.isnull()).mutate(nth=ibis.row_number().over(main))
    return ranked.filter(_.nth == 0).select(*KEYS, commercial__plan__now=_.plan)


def _ran(days: int) -> ir.Value:
    """MRR under contract at the as_of ``days`` days earlier, as we know it now."""
    ran = (_.age_days > days) & (_.end_age.isnull() | (_.end_age <= days))
    return _.mrr.sum(where=ran)
