"""Intervals in which a person counts as active; and a join of a family's parts to all snapshots."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features import asof
from rind.features.asof import KEYS
from rind.features.catalogue import Feature


def usage_days(usage: ir.Table, *more: str) -> ir.Table:
    """Who used the product when, for `spells`, and more columns; rows without a user_id are left out."""
    named = usage.filter(usage.user_id.notnull())
    return named.select(
        "account_id",
        person_id=named.user_id,
        known_on=asof.effective_at(named, "usage").date(),
        happened_on=named.occurred_at.date(),
        **{name: named[name] for name in more},
    )


def spells(activity: ir.Table, lasting: int) -> ir.Table:
    """Dates on which a person counts as active because of something done in the ``lasting`` days before.

    One scan of the activity and one row a spell, instead of one a day: what every snapshot needs of it
    is then a small join.

    Parameters
    ----------
    activity
        Any number of rows (account_id, person_id, known_on: date, happened_on: date).

    Returns
    -------
    ibis.Table
        See `joined_spells`. The person is active at every as_of in [first_day, last_day]: there some activity is known
        (known_on < as_of) and at most ``lasting`` days old.
    """
    return joined_spells(reach(activity, lasting))


def joined_spells(reached: ir.Table) -> ir.Table:
    """Intervals of a person that overlap or touch, as one.

    Parameters
    ----------
    reached
        See `reach`; any number of rows, also of several activities.

    Returns
    -------
    ibis.Table
        One row per (account_id, person_id, spell) with first_day and last_day: int64, days since 1970.
        Spells of a person do not overlap.
    """
    intervals = reached.filter(_.last_day >= _.first_day)  # others were learned too late ever to count
    person = {"group_by": ["account_id", "person_id"], "order_by": ["first_day", "last_day"]}
    intervals = intervals.mutate(reached=_.last_day.max().over(ibis.window(**person, preceding=(None, 1))))
    new = (_.reached.isnull() | (_.first_day > _.reached + 1)).cast("int32")
    intervals = intervals.mutate(new=new).mutate(spell=_.new.sum().over(ibis.cumulative_window(**person)))
    grouped = intervals.group_by("account_id", "person_id", "spell")  # ends here: ibis shares an aggregate
    return grouped.aggregate(first_day=_.first_day.min(), last_day=_.last_day.max())


def reach(activity: ir.Table, lasting: int, *by: str) -> ir.Table:
    """Intervals of active dates that together are those of all the activity, but far fewer.

    What happened within ``lasting`` days of each other and was known at once makes one unbroken interval.
    What was learned late may leave a gap, so it is gathered by the day on which it was learned.

    Parameters
    ----------
    by
        Further columns of the activity by which intervals are kept apart.

    Returns
    -------
    ibis.Table
        Rows (account_id, person_id, first_day, last_day: int64, days since 1970): active at every as_of in [first_day,
        last_day], at none where last_day lies before first_day, since it was learned too late.
    """
    happened, known = activity.happened_on.epoch_days(), activity.known_on.epoch_days()
    keyed = activity.select(
        "account_id",
        "person_id",
        *by,
        block=(happened / lasting).floor().cast("int64"),
        learned_late=ibis.ifelse(known > happened, known, 0),
        first_day=known + 1,
        last_day=happened + lasting,
    )
    grouped = keyed.group_by("account_id", "person_id", "block", "learned_late", *by)
    intervals = grouped.aggregate(first_day=_.first_day.min(), last_day=_.last_day.max())
    return intervals.select(
        "account_id", "person_id", *by, first_day=_.first_day.cast("int64"), last_day=_.last_day.cast("int64")
    )


def around(reached: ir.Table, snapshots: ir.Table) -> ir.Table:
    """The intervals that hold a day from the first date to the last; for one new date far fewer than all."""
    day = snapshots.as_of.epoch_days()
    rows = reached.cross_join(snapshots.aggregate(from__=day.min(), to__=day.max()))
    return rows.filter(_.last_day >= _.from__, _.first_day <= _.to__).drop("from__", "to__")


def recorded(table: ir.Table, first_days: ir.Table) -> ir.Table:
    """Add, for every column of the one row of ``first_days``, whether that time lies before as_of.

    Where a source never records answers, payments or users, nobody is silent, late or idle: it is not
    known. Only what is known at as_of, of any account, decides. (A join, as ibis repeats the whole
    expression for every scalar subquery.)

    Parameters
    ----------
    first_days
        One row of dates or timestamps, null for never; the columns of the result carry their names.
    """
    names = first_days.columns
    first = first_days.rename({f"first_{name}": name for name in names})
    joined = table.cross_join(first)
    midnight = joined.as_of.cast("timestamp")
    flags = {name: (joined[f"first_{name}"].cast("timestamp") < midnight).fill_null(False) for name in names}
    return joined.mutate(**flags).drop(*first.columns)


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
