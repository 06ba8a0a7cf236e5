"""The only place where the time of an event meets an ``as_of``.

The rule (data contract, "Time"): a row is known at ``as_of`` when it happened strictly before ``as_of``
00:00 UTC and, where its table has ``recorded_at``, was recorded before it too. A field that is filled in
later is empty until its own time has passed. Everything that builds features goes through here.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from rind.features.tables import RECORDED_AT, TABLES, Table

KEYS = ("account_id", "as_of")
"""What identifies a snapshot."""


def known(snapshots: ir.Table, events: ir.Table, name: str, within_days: int | None = None) -> ir.Table:
    """Pair every snapshot with the events that it may know, and their age in days.

    Parameters
    ----------
    snapshots
        One row per (account_id, as_of: date).
    events
        Any number of rows per account_id: the contract's table ``name``.
    name
        Which table of `features.tables.TABLES` the events are.
    within_days
        Keep only events of the ``within_days`` days before as_of (1 <= age_days <= within_days).

    Returns
    -------
    ibis.Table
        One row per known (snapshot, event) pair: the events' columns with later-filled fields emptied
        where their time has not passed, as_of, and age_days: int64 >= 1 (1 = the day before as_of).
        Snapshots that know no event are absent.
    """
    events = _with_times(events, TABLES[name])
    conditions = [
        snapshots.account_id == events.account_id,
        events.known_at < snapshots.as_of.cast("timestamp"),
    ]
    if within_days is not None:
        earliest = snapshots.as_of - ibis.interval(days=within_days)
        conditions.append(events.happened_at >= earliest.cast("timestamp"))
    pairs = snapshots.select("account_id", "as_of").join(events, conditions, rname="{name}_event")
    pairs = pairs.drop("account_id_event")
    return _mask_later_fields(pairs, TABLES[name]).drop("known_at", "happened_at")


def known_on(events: ir.Table, name: str, day: date) -> ir.Table:
    """The rows of a table that are known on one day, whoever they belong to, later-filled fields emptied as in `known`.

    Not for tables that have an ``as_of`` of their own.
    """
    dated = _with_times(events, TABLES[name]).mutate(as_of=ibis.literal(day))
    rows = dated.filter(dated.known_at < dated.as_of.cast("timestamp"))
    return _mask_later_fields(rows, TABLES[name]).select(*events.columns)


def active_on(snapshots_or_pairs: ir.Table) -> ir.BooleanValue:
    """Whether a subscription is active on as_of by the contract: starts_on <= as_of < ended_on (or open)."""
    t = snapshots_or_pairs
    return (t.starts_on <= t.as_of) & (t.ended_on.isnull() | (t.ended_on > t.as_of))


def notice_given(pairs: ir.Table) -> ir.BooleanValue:
    """Whether notice was given strictly before as_of."""
    return (pairs.notice_on < pairs.as_of).fill_null(False)


def has_passed(pairs: ir.Table, time: str) -> ir.BooleanValue:
    """Whether the time in that column lies strictly before as_of; false where it is empty."""
    return (pairs[time].cast("timestamp") < pairs.as_of.cast("timestamp")).fill_null(False)


def recorded_before(pairs: ir.Table) -> ir.BooleanValue:
    """Whether a row had reached the source system before as_of; true where the table does not say when."""
    if RECORDED_AT.name not in pairs.columns:
        return ibis.literal(True)
    return (pairs[RECORDED_AT.name] < pairs.as_of.cast("timestamp")).fill_null(True)


def effective_at(events: ir.Table, name: str) -> ir.TimestampValue:
    """The first instant from which a row may count: when it happened, or was recorded if that is later."""
    happened = _happened_at(events, TABLES[name])
    recorded = events[RECORDED_AT.name] if RECORDED_AT.name in events.columns else happened
    # GREATEST skips nulls on DuckDB and PostgreSQL but not on Spark: an empty recorded_at adds nothing.
    return ibis.greatest(happened, recorded.fill_null(happened))


def _happened_at(events: ir.Table, spec: Table) -> ir.TimestampValue:
    return ibis.coalesce(*(events[column].cast("timestamp") for column in spec.happened))


def _with_times(events: ir.Table, spec: Table) -> ir.Table:
    return events.mutate(happened_at=_happened_at(events, spec), known_at=effective_at(events, spec.name))


def _mask_later_fields(pairs: ir.Table, spec: Table) -> ir.Table:
    midnight = pairs.as_of.cast("timestamp")
    masked = {
        column.name: ibis.ifelse(pairs[column.known_from].cast("timestamp") < midnight, pairs[column.name], None)
        for column in spec.columns
        if column.known_from
    }
    age = pairs.as_of.delta(pairs.happened_at.date(), unit="day")
    return pairs.mutate(age_days=age, **masked)
