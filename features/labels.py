"""The outcome: did the account leave within the horizon? Unknown is not 0."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

_OPEN = date(9999, 1, 1)


def spells(subscriptions: ir.Table, data_end: date, grace_days: int) -> ir.Table:
    """Stretches of being a customer, bridging pauses of up to grace_days.

    Parameters
    ----------
    subscriptions
        The contract's table. Starts after data_end are plans and do not count; ends after it neither.

    Returns
    -------
    ibis.Table
        One row per (account_id, spell): starts_on, and left_on: date of the logo churn, null while the
        account stays or while its grace has not been seen (left_on + grace_days <= data_end).
    """
    terms = subscriptions.mutate(ended_on=subscriptions.ended_on.fill_null(_OPEN))
    terms = terms.filter(terms.starts_on <= data_end, terms.ended_on > terms.starts_on)
    in_order = ibis.window(group_by=terms.account_id, order_by=[terms.starts_on, terms.ended_on])
    earlier = ibis.window(group_by=in_order.groupings, order_by=in_order.orderings, preceding=(None, 1))
    terms = terms.mutate(previous_end=terms.ended_on.max().over(earlier))
    grace = ibis.interval(days=grace_days)
    opens = terms.previous_end.isnull() | (terms.starts_on > terms.previous_end + grace)
    terms = terms.mutate(opens=ibis.ifelse(opens, 1, 0))
    terms = terms.mutate(
        spell=terms.opens.sum().over(
            ibis.window(group_by=terms.account_id, order_by=[terms.starts_on, terms.ended_on], following=0)
        )
    )
    spans = terms.group_by("account_id", "spell").agg(starts_on=terms.starts_on.min(), end=terms.ended_on.max())
    seen = spans.end <= ibis.literal(data_end) - grace
    return spans.select("account_id", "spell", "starts_on", left_on=ibis.ifelse(seen, spans.end, None))


def labels(
    snapshots: ir.Table, subscriptions: ir.Table, data_end: date, horizon_days: int, grace_days: int
) -> ir.Table:
    """Whether each snapshot's account left within (as_of, as_of + horizon_days].

    Unknown (null) where the data end before as_of + horizon_days + grace_days, unless the churn and its
    grace have already been seen.

    Returns
    -------
    ibis.Table
        One row per (account_id, as_of): churned: int8 1/0/null; days_to_churn: int64 >= 1, null = not seen.
    """
    customer = spells(subscriptions, data_end, grace_days).filter(lambda t: t.left_on.notnull())
    joined = snapshots.left_join(
        customer,
        [
            snapshots.account_id == customer.account_id,
            customer.starts_on <= snapshots.as_of,
            customer.left_on > snapshots.as_of,
        ],
    )
    days = joined.left_on.delta(joined.as_of, unit="day")
    complete = joined.as_of <= ibis.literal(data_end) - ibis.interval(days=horizon_days + grace_days)
    churned = ibis.cases(((days <= horizon_days).fill_null(False), 1), (complete, 0), else_=ibis.null("int8"))
    return joined.select("account_id", "as_of", churned=churned.cast("int8"), days_to_churn=days.cast("int64"))
