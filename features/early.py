"""What accounts did in their first days: the candidates for True North moments and for adoption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from features.asof import known

HELD = {"meeting": "meetings_held", "qbr": "reviews_held", "training": "trainings_held", "call": "calls_held"}
SENIOR = ("executive", "decision_maker")


def early_behaviour(
    tables: Mapping[str, ir.Table],
    as_of: date,
    within_days: Sequence[int],
    integration_modules: Sequence[str] = (),
    value_features: Sequence[str] = (),
) -> ir.Table:
    """How often each account did each thing in its first days, as known at as_of.

    Parameters
    ----------
    within_days
        Lengths d of the windows [signed_on, signed_on + d), days.
    integration_modules
        Modules of ``product_features`` whose features connect the product to other systems.
    value_features
        Product features whose use delivers the value that was bought; () leaves ``value_events`` out.

    Returns
    -------
    ibis.Table
        One row per (account_id, behaviour, within_days) with count: float64 > 0; what did not happen is absent.
        Behaviours read ``measure:feature`` for product features, with the measures ``events`` (rows of usage),
        ``uses`` (their summed quantity), ``users`` and ``days``; ``contacts:<level>``; and plain names for the
        rest: active_days, active_users, features_used, modules_used, integrations_used, value_events,
        contacts_added, trainings_held, reviews_held, meetings_held, calls_held, executives_met, tickets_solved.
    """
    accounts = tables["accounts"].select("account_id", "signed_on", as_of=ibis.literal(as_of))
    last = max(within_days)
    usage = _first_days(accounts, tables, "usage", "occurred_at", last)
    daily = usage.group_by("account_id", "user_id", "feature", "day").agg(
        events=_.count(), uses=_.quantity.fill_null(1.0).sum()
    )
    sources = [
        *_of_usage(daily.cache(), tables, integration_modules, value_features),
        *_of_people(accounts, tables, last),
    ]
    parts = [_tidy(rows, value, days) for days in within_days for rows, value in sources]
    return ibis.union(*parts).filter(_["count"] > 0).order_by("account_id", "behaviour", "within_days")


Source = tuple[ir.Table, ir.NumericScalar]


def _of_usage(
    daily: ir.Table, tables: Mapping[str, ir.Table], integration_modules: Sequence[str], value_features: Sequence[str]
) -> Iterator[Source]:
    """(rows with account_id, behaviour and day; what is counted of them)."""
    for measure, value in (
        ("events", _.events.sum()),
        ("uses", _.uses.sum()),
        ("users", _.user_id.nunique()),
        ("days", _.day.nunique()),
    ):
        yield daily.mutate(behaviour=ibis.literal(f"{measure}:") + daily.feature), value
    yield _named(daily, "active_days"), _.day.nunique()
    yield _named(daily, "active_users"), _.user_id.nunique()
    yield _named(daily, "features_used"), _.feature.nunique()
    if value_features:
        yield _named(daily.filter(_.feature.isin(list(value_features))), "value_events"), _.events.sum()
    if "product_features" in tables:
        modules = tables["product_features"].select("feature", "module").filter(_.module.notnull())
        of_module = daily.inner_join(modules, "feature")
        yield _named(of_module, "modules_used"), _.module.nunique()
        if integration_modules:
            connects = of_module.filter(_.module.isin(list(integration_modules)))
            yield _named(connects, "integrations_used"), _.feature.nunique()


def _of_people(accounts: ir.Table, tables: Mapping[str, ir.Table], last: int) -> Iterator[Source]:
    """Contacts, touch points and support cases, where the company has such tables."""
    if "contacts" in tables:
        contacts = _first_days(accounts, tables, "contacts", "added_on", last)
        yield _named(contacts, "contacts_added"), _.count()
        level = contacts.filter(_.level.notnull())
        yield level.mutate(behaviour=ibis.literal("contacts:") + level.level), _.count()
    if "interactions" in tables:
        touches = _first_days(accounts, tables, "interactions", "occurred_at", last)
        held = touches.filter(_.channel.isin(list(HELD)))
        names = ibis.cases(*((held.channel == channel, name) for channel, name in HELD.items()))
        yield held.mutate(behaviour=names), _.count()
        if "contacts" in tables:
            senior = tables["contacts"].filter(_.level.isin(SENIOR)).select("contact_id")
            met = held.inner_join(senior, "contact_id")
            yield _named(met, "executives_met"), _.contact_id.nunique()
    if "tickets" in tables:
        solved = _first_days(accounts, tables, "tickets", "resolved_at", last)
        yield _named(solved, "tickets_solved"), _.count()


def _named(rows: ir.Table, behaviour: str) -> ir.Table:
    return rows.mutate(behaviour=ibis.literal(behaviour))


def _first_days(accounts: ir.Table, tables: Mapping[str, ir.Table], name: str, when: str, last: int) -> ir.Table:
    """The table's rows of each account's first days, with day: 0 on the day of signing."""
    events = known(accounts, tables[name], name)
    joined = events.inner_join(accounts.select("account_id", "signed_on"), "account_id")
    joined = joined.mutate(day=joined[when].cast("date").delta(joined.signed_on, unit="day"))
    return joined.filter(_.day >= 0, _.day < last)


def _tidy(rows: ir.Table, value: ir.NumericScalar, within_days: int) -> ir.Table:
    early = rows.filter(_.day < within_days).group_by("account_id", "behaviour").agg(n=value)
    return early.select(
        "account_id",
        "behaviour",
        within_days=ibis.literal(within_days, type="int64"),
        count=early.n.cast("float64"),
    )
