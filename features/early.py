"""What accounts did in their first days: the candidates for True North moments and for adoption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from features.asof import effective_at, known, recorded_before
from features.labels import spells


def early_behaviour(tables: Mapping[str, ir.Table], as_of: date, within_days: Sequence[int]) -> ir.Table:
    """How often each account did each thing in its first days, as known at as_of.

    Parameters
    ----------
    within_days
        Lengths d of the windows [signed_on, signed_on + d), days.

    Returns
    -------
    ibis.Table
        One row per (account_id, behaviour, within_days) with count: float64 > 0; what did not happen is absent.
        Behaviours read as words: ``uses of <feature>``, ``users of <feature>``, ``active days``, ``active users``,
        ``features used``, ``contacts added``, ``<channel>s held``.
    """
    accounts = tables["accounts"].select("account_id", "signed_on", as_of=ibis.literal(as_of))
    last = max(within_days)
    usage = _first_days(accounts, tables, "usage", "occurred_at", last)
    contacts = _first_days(accounts, tables, "contacts", "added_on", last)
    touches = _first_days(accounts, tables, "interactions", "occurred_at", last)
    held = touches.filter(_.channel.isin(["meeting", "qbr", "training", "call"]))
    parts = []
    for days in within_days:
        early = usage.filter(_.day < days)
        by_feature = early.group_by("account_id", "feature").agg(
            uses=_.quantity.fill_null(1.0).sum(), users=_.user_id.nunique()
        )
        in_all = early.group_by("account_id").agg(
            days=_.day.nunique(), users=_.user_id.nunique(), features=_.feature.nunique()
        )
        parts += [
            _tidy(by_feature, ibis.literal("uses of ") + by_feature.feature, by_feature.uses, days),
            _tidy(by_feature, ibis.literal("users of ") + by_feature.feature, by_feature.users, days),
            _tidy(in_all, ibis.literal("active days"), in_all.days, days),
            _tidy(in_all, ibis.literal("active users"), in_all.users, days),
            _tidy(in_all, ibis.literal("features used"), in_all.features, days),
        ]
        people = contacts.filter(_.day < days).group_by("account_id").agg(n=_.count())
        meetings = held.filter(_.day < days).group_by("account_id", "channel").agg(n=_.count())
        parts += [
            _tidy(people, ibis.literal("contacts added"), people.n, days),
            _tidy(meetings, meetings.channel + "s held", meetings.n, days),
        ]
    return ibis.union(*parts).filter(_["count"] > 0).order_by("account_id", "behaviour", "within_days")


def young_and_old(tables: Mapping[str, ir.Table], as_of: date, retention_days: int, grace_days: int) -> ir.Table:
    """Accounts whose first days the source covers, with what they were on day 0 and whether they stayed.

    An account belongs when it signed on after the source's first use of the product and before as_of.

    Returns
    -------
    ibis.Table
        One row per account: account_id, signed_on, segment, plan, seats, mrr (of the first term), stayed: 1/0/null
        (still a customer retention_days after signing; null until that day and its grace have been seen before
        as_of), left_on: date or null.
    """
    begin = effective_at(tables["usage"], "usage").min().date().as_scalar()
    everyone = _recorded(tables["accounts"], as_of).select("account_id", "signed_on", "segment")
    accounts = everyone.filter(_.signed_on > begin, _.signed_on < as_of)
    terms = _recorded(tables["subscriptions"], as_of)
    first = terms.filter(_.starts_on < as_of)
    first = first.mutate(n=ibis.row_number().over(group_by="account_id", order_by=["starts_on", "subscription_id"]))
    first = first.filter(_.n == 0).select("account_id", "plan", "seats", "mrr")
    seen = as_of - timedelta(days=1)
    left = spells(terms, seen, grace_days).group_by("account_id").agg(left_on=_.left_on.min())
    joined = accounts.left_join(first, "account_id").drop("account_id_right").left_join(left, "account_id")
    tenure = joined.left_on.delta(joined.signed_on, unit="day")
    complete = joined.signed_on <= seen - timedelta(days=retention_days + grace_days)
    stayed = ibis.cases(((tenure <= retention_days).fill_null(False), 0), (complete, 1), else_=ibis.null("int8"))
    return joined.select(
        "account_id", "signed_on", "segment", "plan", "seats", "mrr", stayed=stayed.cast("int8"), left_on=joined.left_on
    ).order_by("account_id")


def _recorded(table: ir.Table, as_of: date) -> ir.Table:
    """The rows that had reached the source system before as_of."""
    dated = table.mutate(as_of=ibis.literal(as_of))
    return dated.filter(recorded_before(dated)).drop("as_of")


def _first_days(accounts: ir.Table, tables: Mapping[str, ir.Table], name: str, when: str, last: int) -> ir.Table:
    """The table's rows of each account's first days, with day: 0 on the day of signing."""
    events = known(accounts, tables[name], name)
    joined = events.inner_join(accounts.select("account_id", "signed_on"), "account_id")
    joined = joined.mutate(day=joined[when].cast("date").delta(joined.signed_on, unit="day"))
    return joined.filter(_.day >= 0, _.day < last)


def _tidy(table: ir.Table, behaviour: ir.StringValue, count: ir.NumericValue, within_days: int) -> ir.Table:
    return table.select(
        "account_id",
        behaviour=behaviour,
        within_days=ibis.literal(within_days, type="int64"),
        count=count.cast("float64"),
    )
