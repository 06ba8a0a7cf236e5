"""All guards of source tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

import ibis

from rind.common.guards import Finding
from rind.features.guards.copies import loaded_twice, two_ids
from rind.features.guards.feeds import stopped_feeds
from rind.features.guards.late import late_rows
from rind.features.guards.money import mixed_currencies, mrr_invoices, zero_mrr
from rind.features.guards.settings import SourceGuards
from rind.features.guards.terms import inclusive_ends, open_terms, term_leak
from rind.features.problems import Problem


def source_guards(
    tables: Mapping[str, ibis.Table],
    present: Collection[str],
    data_end: date,
    as_of: date,
    grace_days: int,
    settings: SourceGuards,
    currency: str = "",
    set_aside: Sequence[Problem] = (),
) -> tuple[Finding, ...]:
    """What each guard measured on the tables of a source, on its engine; those without their tables are left out.

    Parameters
    ----------
    tables
        Canonical tables with all columns of the contract; only those in ``present`` are looked at.
    data_end, as_of
        The last day that the source covers, and the scoring date.
    currency
        The company's own currency; "" where it is not given.
    set_aside
        What validation left out of these tables.
    """
    late = late_rows(set_aside, settings.late_rows)
    return (late, *_guards(tables, present, data_end, as_of, grace_days, settings, currency))


def _guards(
    tables: Mapping[str, ibis.Table],
    present: Collection[str],
    data_end: date,
    as_of: date,
    grace_days: int,
    settings: SourceGuards,
    currency: str,
) -> Iterator[Finding]:
    if "subscriptions" in present:
        yield term_leak(tables, data_end, grace_days, settings.term_leak)
    newest = as_of >= data_end
    until = data_end if newest else as_of - timedelta(days=1)
    yield from stopped_feeds(tables, present, until, settings.stopped_usage, settings.stopped_feed, newest)
    yield loaded_twice(tables, present, settings.loaded_twice)
    if {"invoices", "subscriptions"} <= set(present):
        yield mrr_invoices(tables, data_end, currency, settings.mrr_invoices)
    if "accounts" in present:
        yield two_ids(tables, settings.two_ids)
    if "subscriptions" in present:
        yield open_terms(tables, data_end, settings.open_terms)
        yield zero_mrr(tables, data_end, settings.zero_mrr)
        yield inclusive_ends(tables, settings.inclusive_ends)
        yield mixed_currencies(tables, currency, settings.mixed_currencies)
