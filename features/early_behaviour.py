"""What accounts did in their first days: the candidates for True North moments and for adoption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import effective_at, known, recorded_before
from rind.features.paid_terms import customer_since

HELD = {"meeting": "meetings_held", "qbr": "reviews_held", "training": "trainings_held", "call": "calls_held"}
SENIOR = ("executive", "decision_maker")


def early_behaviour(
    tables: Mapping[str, ir.Table],
    as_of: date,
    within_days: Sequence[int],
    integration_modules: Sequence[str] = (),
    value_features: Sequence[str] = (),
) -> ir.Table:
    """How often each account did each thing in its first days, as known at the end of those days, and at as_of.

    What was recorded later than its window ended is not counted in it: a model that is asked on that day does not know
    it either, so that old accounts, of which all has been recorded since, compare with young ones.

    Parameters
    ----------
    within_days
        Lengths d of the windows [signed_on, signed_on + d), days; after a trial or a free plan the first paid day takes
        the place of signed_on.
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
    everyone, terms = (tables[name].mutate(as_of=ibis.literal(as_of)) for name in ("accounts", "subscriptions"))
    started = terms.filter(recorded_before(terms), _.starts_on < as_of)
    accounts = customer_since(everyone.filter(recorded_before(everyone)), started)
    accounts = accounts.select("account_id", "signed_on", "as_of")
    last = max(within_days)
    usage = _first_days(accounts, tables, "usage", "occurred_at", last)
    daily = usage.group_by("account_id", "signed_on", "user_id", "feature", "day", "known_day").agg(
        events=_.count(), uses=_.quantity.fill_null(1.0).sum()
    )
    products = _products(tables, as_of)
    sources = [
        *_of_usage(daily.cache(), products, integration_modules, value_features),
        *_of_people(accounts, tables, last),
    ]
    parts = [_tidy(rows, value, days) for days in within_days for rows, value in sources]
    return ibis.union(*parts).filter(_["count"] > 0).order_by("account_id", "behaviour", "within_days")


Source = tuple[ir.Table, ir.NumericScalar]


def _products(tables: Mapping[str, ir.Table], as_of: date) -> ir.Table | None:
    """feature, module and the instant from which both are known, of the features known at as_of that have a module."""
    if "product_features" not in tables:
        return None
    listed = tables["product_features"].mutate(as_of=ibis.literal(as_of))
    listed = listed.mutate(listed_at=effective_at(listed, "product_features"))
    # A feature that nobody says when it came has always been there.
    there = (listed.listed_at < listed.as_of.cast("timestamp")).fill_null(True) & recorded_before(listed)
    return listed.filter(there, _.module.notnull()).select("feature", "module", "listed_at")


def _of_usage(
    daily: ir.Table, products: ir.Table | None, integration_modules: Sequence[str], value_features: Sequence[str]
) -> Iterator[Source]:
    """(rows with account_id, behaviour and known_day; what is counted of them)."""
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
    if products is not None:
        of_module = daily.inner_join(products, "feature")
        of_module = of_module.mutate(known_day=_later(of_module, of_module.listed_at))
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
            people = _known_with_time(accounts, tables, "contacts").filter(_.level.isin(SENIOR))
            senior = people.select("account_id", "contact_id", met_from=people.counts_from)
            met = held.inner_join(senior, ["account_id", "contact_id"])
            yield _named(met.mutate(known_day=_later(met, met.met_from)), "executives_met"), _.contact_id.nunique()
    if "tickets" in tables:
        solved = _first_days(accounts, tables, "tickets", "resolved_at", last)
        yield _named(solved, "tickets_solved"), _.count()


def _named(rows: ir.Table, behaviour: str) -> ir.Table:
    return rows.mutate(behaviour=ibis.literal(behaviour))


def _first_days(accounts: ir.Table, tables: Mapping[str, ir.Table], name: str, when: str, last: int) -> ir.Table:
    """The table's rows of each account's first days, with day: 0 on the day of signing, and known_day, on which each
    had happened and been recorded."""
    events = _known_with_time(accounts, tables, name)
    joined = events.inner_join(accounts.select("account_id", "signed_on"), "account_id")
    joined = joined.mutate(day=joined[when].cast("date").delta(joined.signed_on, unit="day"))
    joined = joined.mutate(known_day=joined.day)
    return joined.mutate(known_day=_later(joined, joined.counts_from)).filter(_.day >= 0, _.known_day < last)


def _known_with_time(accounts: ir.Table, tables: Mapping[str, ir.Table], name: str) -> ir.Table:
    """The rows known at as_of, with counts_from: the instant from which each could count."""
    return known(accounts, tables[name].mutate(counts_from=effective_at(tables[name], name)), name)


def _later(rows: ir.Table, instant: ir.TimestampValue) -> ir.IntegerValue:
    """known_day, or the day after signing on which the instant lies where that is later; an empty one adds nothing."""
    day = instant.date().delta(rows.signed_on, unit="day")
    return ibis.greatest(rows.known_day, day.fill_null(rows.known_day))


def _tidy(rows: ir.Table, value: ir.NumericScalar, within_days: int) -> ir.Table:
    early = rows.filter(_.known_day < within_days).group_by("account_id", "behaviour").agg(n=value)
    return early.select(
        "account_id",
        "behaviour",
        within_days=ibis.literal(within_days, type="int64"),
        count=early.n.cast("float64"),
    )
