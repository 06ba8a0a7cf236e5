"""What one pass over a table counts, and what a narrow one says of its keys: all on the source's engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from rind.features.asof import effective_at
from rind.features.canonical import EMPTIED, used
from rind.features.engine import held
from rind.features.rules import Rule, any_broken, happened_day, meets_nothing
from rind.features.tables import RECORDED_AT, TABLES, Table

REFERENCES = {
    "contact_id": ("contacts", "contact_id"),
    "feature": ("product_features", "feature"),
    "parent_id": ("accounts", "account_id"),
}
"""Columns that point to another table, beside ``account_id``, which is a rule."""


@dataclass(frozen=True)
class Day:
    """The rows of a table that happened on a day (None: without a date).

    Parameters
    ----------
    sound
        Rows that break no rule and, of usage, are use.
    known
        The first day on which one of them was known.
    filled
        Column of the contract -> rows that have it.
    """

    day: date | None
    rows: int
    broken: int
    sound: int
    known: date | None
    filled: Mapping[str, int]


@dataclass(frozen=True)
class Counts:
    """What one pass over a table found.

    Parameters
    ----------
    emptied
        Column -> rows in which a text such as NULL, or a time or amount that stands for nothing, was read as empty.
    unmet
        Column that points to another table -> (rows whose id meets nothing there, rows that have one).
    unused
        Rows of usage whose quantity is 0.
    """

    days: tuple[Day, ...]
    emptied: Mapping[str, int]
    unmet: Mapping[str, tuple[int, int]]
    unused: int = 0

    @property
    def rows(self) -> int:
        """Rows of the table as it came."""
        return sum(day.rows for day in self.days)

    @property
    def broken(self) -> int:
        """Rows that break a rule about single rows."""
        return sum(day.broken for day in self.days)

    def by_day(self) -> list[tuple[date, int]]:
        """Sound rows of each day."""
        return [(day.day, day.sound) for day in self.days if day.day is not None]


def count_table(table: ibis.Table, spec: Table, rules: Sequence[Rule], others: Mapping[str, ibis.Table]) -> Counts:
    """One pass over an audited table: rows by day, broken, sound, filled; what its ids meet in the ``others``."""
    broken = any_broken(rules)
    sound = ~broken & used(table) if spec.name == "usage" else ~broken
    references = dict(_references(table, spec, others))
    flags = [c for c in table.columns if c.startswith(EMPTIED)]
    known = effective_at(table, spec.name).cast("date") if RECORDED_AT.name in table.columns else None
    sums: dict[str, Any] = {"rows": table.count(), "broken": table.count(where=broken)}
    sums |= {"sound": table.count(where=sound)}
    sums |= {"known": known.min(where=sound)} if known is not None else {}
    sums |= {"emptied": table.count(where=ibis.or_(*(table[c] for c in flags)))} if flags else {}
    sums |= {"unused": table.count(where=table.quantity == 0)} if spec.name == "usage" else {}
    sums |= {f"unmet_{column}": table.count(where=unmet) for column, unmet in references.items()}
    columns = [c.name for c in (*spec.columns, RECORDED_AT) if c.name in table.columns]
    sums |= {f"filled_{column}": table[column].count() for column in columns}
    rows = table.group_by(day__=happened_day(table, spec)).aggregate(**sums).to_pyarrow().to_pylist()
    return Counts(
        tuple(_day(row, columns) for row in rows),
        _emptied(table, flags) if any(row.get("emptied") for row in rows) else {},
        {c: (_sum(rows, f"unmet_{c}"), _sum(rows, f"filled_{c}")) for c in references},
        _sum(rows, "unused"),
    )


def _day(row: Mapping[str, Any], columns: Sequence[str]) -> Day:
    day = row["day__"]
    known = row.get("known", day if row["sound"] else None)
    filled = {column: row[f"filled_{column}"] for column in columns}
    return Day(day, row["rows"], row["broken"], row["sound"], known, filled)


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(row.get(name) or 0 for row in rows)


def _references(table: ibis.Table, spec: Table, others: Mapping[str, ibis.Table]) -> Iterator[tuple[str, Any]]:
    for column, (name, key) in REFERENCES.items():
        own = (spec.name, column) == (name, key)
        if not own and name in others and column in table.columns and column in {c.name for c in spec.columns}:
            yield column, meets_nothing(table[column], others[name][key])


def _emptied(table: ibis.Table, flags: Sequence[str]) -> dict[str, int]:
    (row,) = table.aggregate(**{c: table.count(where=table[c]) for c in flags}).to_pyarrow().to_pylist()
    return {c.removeprefix(EMPTIED): n for c, n in row.items() if n}


def broken_rows(table: ibis.Table, rules: Sequence[Rule], names: Sequence[str]) -> ibis.Table:
    """The rows that break a rule, found once for all that is asked of them.

    Returns
    -------
    ibis.Table
        One row per row that breaks one of the rules: for each of the columns ``names`` key_<i>; for each rule rule_<i>,
        whether it is broken, and shown_<i>, the value to show as text.
    """
    few = table.filter(any_broken(rules))
    keys = {f"key_{i}": few[name] for i, name in enumerate(names)}
    flags = {f"rule_{i}": rule.broken for i, rule in enumerate(rules)}
    shown = {f"shown_{i}": few[rule.shown].cast("string") for i, rule in enumerate(rules)}
    return held(few.select(**keys, **flags, **shown))


def broken_by_rule(few: ibis.Table) -> list[int]:
    """How many rows break each rule, in the order of the rules; see `broken_rows`."""
    flags = [name for name in few.columns if name.startswith("rule_")]
    (row,) = few.aggregate(**{name: few.count(where=few[name]) for name in flags}).to_pyarrow().to_pylist()
    return [row[name] or 0 for name in flags]


@dataclass(frozen=True)
class Keys:
    """What a narrow pass over the key of a table found.

    Parameters
    ----------
    copies
        Rows that are exact copies of another one, beyond the first.
    conflicts
        Rows that share their key with another row and differ from it.
    """

    copies: int = 0
    conflicts: int = 0


def key_text(table: ibis.Table, spec: Table) -> Any:
    """The key of a row as one text; empty where a part of it is."""
    first, *rest = (table[column].cast("string") for column in spec.key)
    for part in rest:
        first = first + "\x1f" + part
    return first


def count_keys(table: ibis.Table, spec: Table) -> Keys:
    """Copies and conflicts of the keys of a typed table."""
    keys = table.select(key=key_text(table, spec)).filter(lambda t: t.key.notnull())
    many = keys.group_by("key").agg(rows=keys.count()).filter(lambda t: t.rows > 1)
    (total,) = many.aggregate(keys=many.count(), rows=many.rows.sum()).to_pyarrow().to_pylist()
    if not total["keys"]:
        return Keys()
    conflicts = conflicting(table, spec)
    (counts,) = conflicts.aggregate(rows=conflicts.rows.sum()).to_pyarrow().to_pylist()
    distinct = _repeated(table, spec).distinct()
    different = int(distinct.count().to_pyarrow().as_py())
    return Keys(int(total["rows"]) - different, int(counts["rows"] or 0))


def conflicting(table: ibis.Table, spec: Table) -> ibis.Table:
    """One row per key with rows that differ: key, rows (how many different ones)."""
    distinct = _repeated(table, spec).distinct()
    keys = distinct.select(key=key_text(distinct, spec))
    return keys.group_by("key").agg(rows=keys.count()).filter(lambda t: t.rows > 1)


def once(table: ibis.Table, spec: Table) -> ibis.Table:
    """A typed table with each exact copy of a row left out."""
    key = key_text(table, spec)
    single = table.filter(~key.isin(_many(table, spec)) | key.isnull())
    return single.union(_repeated(table, spec).distinct())


def _repeated(table: ibis.Table, spec: Table) -> ibis.Table:
    return table.filter(key_text(table, spec).isin(_many(table, spec)))


def _many(table: ibis.Table, spec: Table) -> Any:
    keys = table.select(key=key_text(table, spec)).filter(lambda t: t.key.notnull())
    return keys.group_by("key").agg(rows=keys.count()).filter(lambda t: t.rows > 1).key


def count_event_copies(usage: ibis.Table) -> int:
    """Rows of usage whose event_id another row has, too, beyond the first of each."""
    if "event_id" not in usage.columns:
        return 0
    ids = usage.filter(usage.event_id.notnull())
    (counts,) = ids.aggregate(rows=ids.count(), events=ids.event_id.nunique()).to_pyarrow().to_pylist()
    return int(counts["rows"] - counts["events"])


def each_event_once(usage: ibis.Table) -> ibis.Table:
    """Usage with one row per event_id, the one that was known first; rows without one stay.

    A retry that is recorded later must not push out what was known before it. Rows that were known at once follow the
    order of all columns.
    """
    counts = usage.group_by("event_id").agg(rows=usage.count())
    many = counts.filter((counts.rows > 1) & counts.event_id.notnull()).event_id
    repeated = usage.filter(usage.event_id.isin(many))
    order = [effective_at(repeated, "usage"), *(repeated[c] for c in sorted(repeated.columns))]
    ranked = repeated.mutate(rank__=ibis.row_number().over(group_by=repeated.event_id, order_by=order))
    firsts = ranked.filter(ranked.rank__ == 0).drop("rank__").order_by(sorted(usage.columns))
    return usage.filter(usage.event_id.isnull() | ~usage.event_id.isin(many)).union(firsts)


COPIES_IN_FULL = 100_000
"""Usage up to so many rows is searched for copies as a whole; of more, the rows of some accounts."""


def share_of_copies(usage: ibis.Table, accounts: ibis.Table, rows: int) -> float:
    """The share of usage rows that are exact copies of another one, beyond the first; of a sample if there are many.

    Parameters
    ----------
    accounts
        Their account_id, from which those of the sample are taken, every n-th in order.
    """
    if rows > COPIES_IN_FULL:
        numbered = accounts.select("account_id", n=ibis.row_number().over(order_by=accounts.account_id))
        usage = usage.semi_join(numbered.filter(numbered.n % -(-rows // COPIES_IN_FULL) == 0), "account_id")
    columns = [c.name for c in TABLES["usage"].columns if c.name in usage.columns]
    groups = usage.group_by(columns).agg(rows__=usage.count())
    (counts,) = groups.aggregate(rows=groups.rows__.sum(), groups=groups.count()).to_pyarrow().to_pylist()
    return 1 - counts["groups"] / float(counts["rows"]) if counts["rows"] else 0.0
