"""Who was lately active, and the way back from a family's parts to the spine."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from features import asof
from features.catalogue import Feature

KEYS = ("account_id", "as_of")


def usage_days(usage: ir.Table) -> ir.Table:
    """Usage reduced in one scan to the days on which a person used the product.

    Returns
    -------
    ibis.Table
        One row per (account_id, person_id, known_on: date), with happened_on: date, the latest use that
        became known that day. Rows without a user_id are left out.
    """
    known_on = asof.effective_at(usage, "usage").date()
    days = usage.mutate(known_on=known_on).filter(_.user_id.notnull())
    days = days.group_by("account_id", "known_on", person_id=_.user_id)
    return days.aggregate(happened_on=_.occurred_at.date().max())


def spells(days: ir.Table, lasting: int) -> ir.Table:
    """Dates on which a person counts as active because of something done in the ``lasting`` days before.

    One row a spell instead of one a day of activity: what every snapshot needs costs a small join.

    Parameters
    ----------
    days
        Any number of rows (account_id, person_id, known_on: date, happened_on: date).

    Returns
    -------
    ibis.Table
        One row per (account_id, person_id, spell) with first_day and last_day: int64, days since 1970.
        Spells of a person do not overlap. The person is active at every as_of in [first_day, last_day]:
        there some activity is known (known_on < as_of) and at most ``lasting`` days old.
    """
    reach = days.select(
        "account_id",
        "person_id",
        first_day=_.known_on.epoch_days() + 1,
        last_day=_.happened_on.epoch_days() + lasting,
    )
    reach = reach.group_by("account_id", "person_id", "first_day").aggregate(last_day=_.last_day.max())
    reach = reach.filter(_.last_day >= _.first_day)  # learned too late ever to count
    person = {"group_by": ["account_id", "person_id"], "order_by": "first_day"}
    reach = reach.mutate(reached=_.last_day.max().over(ibis.window(**person, preceding=(None, 1))))
    new = (_.reached.isnull() | (_.first_day > _.reached + 1)).cast("int64")
    reach = reach.mutate(new=new).mutate(spell=_.new.sum().over(ibis.cumulative_window(**person)))
    grouped = reach.group_by("account_id", "person_id", "spell")
    return grouped.aggregate(first_day=_.first_day.min(), last_day=_.last_day.max()).drop("spell")


def seen_before(table: ir.Table, spells_: ir.Table) -> ir.BooleanValue:
    """Whether the source had recorded any such activity, of anybody, before as_of.

    Where it never does, nobody is inactive: it is not known. Looking at the past only keeps this true at
    its as_of.
    """
    first = spells_.aggregate(first=spells_.first_day.min()).first.as_scalar()
    return (table.as_of.epoch_days() >= first).fill_null(False)


def on_spine(
    snapshots: ir.Table, parts: Sequence[ir.Table], features: Sequence[Feature], empty: Sequence[str] = ()
) -> ir.Table:
    """Join a family's parts (each at most one row per account_id, as_of) to every snapshot.

    Counts and flags of snapshots that no part knows are 0, unless they are listed in ``empty``.
    """
    table = snapshots.select(*KEYS)
    for part in parts:
        table = table.left_join(part, list(KEYS), rname="{name}_right").drop("account_id_right", "as_of_right")
    columns = {}
    for feature in features:
        column = table[feature.name]
        counted = feature.unit in ("count", "flag")
        if counted:
            column = column.cast("int64")
        columns[feature.name] = column.fill_null(0) if counted and feature.name not in empty else column
    return table.select(*KEYS, **columns)
