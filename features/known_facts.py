"""What is known of a table before each day, as three numbers that differ where what is known differs.

The law of time (`features.checks.time_travel`) says that the features of an as_of follow from what is known before it.
So where the numbers of all tables of a family are the same as when its features of an as_of were made, these need not
be made again; and a row that comes late, changes or goes away changes the numbers from the day on that it counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from rind.features.asof import effective_at
from rind.features.tables import TABLES, Table

Digest = tuple[int, int, int]
"""How many facts, and the sums of the upper and lower halves of their hashes."""

HALF = 32
EPOCH = date(1970, 1, 1)
NOTHING: Digest = (0, 0, 0)


@dataclass(frozen=True)
class KnownFacts:
    """The facts of a table by the day on which they became known.

    Parameters
    ----------
    days
        Days since 1970, ascending, on which some became known.
    totals
        One more than days: the digest of the facts that have no day, then of all up to and with each day.
    """

    days: tuple[int, ...]
    totals: tuple[Digest, ...]

    @classmethod
    def of(cls, by_day: Mapping[int | None, Digest]) -> KnownFacts:
        """The facts of each day; None stands for those that have no day."""
        days = sorted(day for day in by_day if day is not None)
        totals = [by_day.get(None, NOTHING)]
        for day in days:
            totals.append(_sum(totals[-1], by_day[day]))
        return cls(tuple(days), tuple(totals))

    def before(self, day: date) -> Digest:
        """The digest of what is known at ``day`` 00:00."""
        return self._until((day - EPOCH).days)

    def within(self, first: int, last: int) -> Digest:
        """The digest of what became known on the days from ``first`` to ``last``, counted since 1970."""
        before, until = self._until(first), self._until(last + 1)
        return (until[0] - before[0], until[1] - before[1], until[2] - before[2])

    def _until(self, day: int) -> Digest:
        return self.totals[bisect_left(self.days, day)]


def known_facts(table: ir.Table, name: str) -> KnownFacts:
    """Read a table of the contract once and count its facts.

    A row is one fact, known from `features.asof.effective_at` on, and each of its later-filled fields (with what is
    known with it) is one of its own, known from its own time on. So a ticket that is resolved this week is the same
    ticket as before on every day until now.

    Parameters
    ----------
    table
        The contract's table ``name``, with ``recorded_at`` or without.
    """
    by_day: dict[int | None, Digest] = {}
    for facts in facts_in(table, name):
        for day, digest in digests(facts, "day"):
            by_day[day] = _sum(by_day.get(day, NOTHING), digest)
    return KnownFacts.of(by_day)


def digests(facts: ir.Table, key: str) -> Iterator[tuple[Any, Digest]]:
    """The digest of the rows of each value of ``key``; the order of the rows does not matter, copies count."""
    for row in digested(facts, key).to_pyarrow().to_pylist():
        yield row[key], (row["rows"], row["upper"], row["lower"])


def digested(facts: ir.Table, *keys: str) -> ir.Table:
    """One row for each value of the keys: their columns, and the digest's three: rows, upper, lower (int64)."""
    content = ibis.struct({name: facts[name] for name in facts.columns if name not in keys})
    named = {f"key_{number}__": facts[key] for number, key in enumerate(keys)}
    hashed = facts.select(**named, hash__=_hash(content))
    halves = hashed.select(
        *named,
        upper=(hashed.hash__ >> HALF).cast("int64"),
        lower=(hashed.hash__ & (2**HALF - 1)).cast("int64"),
    )
    sums = halves.group_by(*named).aggregate(rows=halves.count(), upper=halves.upper.sum(), lower=halves.lower.sum())
    return sums.rename(dict(zip(keys, named, strict=True)))


def facts_in(table: ir.Table, name: str, *by: str) -> Iterator[ir.Table]:
    """The facts of a table, kind by kind: ``day`` (days since 1970), what they say, and the columns ``by``."""
    spec = TABLES[name]
    later = _later_fields(table, spec)
    since = effective_at(table, spec.name)
    not_own = {*by, *(field for fields in later.values() for field in fields)}
    own = [column for column in table.columns if column not in not_own]
    yield table.select(*own, *by, day=_epoch_day(since))
    for time, fields in later.items():
        passed = table[time].cast("timestamp")
        filled = table.mutate(since__=ibis.greatest(passed, since.fill_null(passed))).filter(passed.notnull())
        named = ibis.literal(time)  # two fields that change places are other facts
        yield filled.select(*(spec.key or own), *fields, *by, field__=named, day=_epoch_day(filled.since__))


def _later_fields(table: ir.Table, spec: Table) -> dict[str, list[str]]:
    """Column with a time of its own -> it and what is known with it."""
    fields: dict[str, list[str]] = {}
    for column in spec.columns:
        if column.known_from and column.name in table.columns:
            fields.setdefault(column.known_from, []).append(column.name)
    return fields


def _epoch_day(moment: Any) -> Any:
    return moment.date().epoch_days().cast("int64")


def _sum(one: Digest, other: Digest) -> Digest:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2])


def _any_hash(row: Any) -> Any:
    """DuckDB's own hash of any value."""


_hash = ibis.udf.scalar.builtin(_any_hash, name="hash", signature=((None,), dt.uint64))
"""`ibis.expr.types.Value.hash` gives the same by way of a text of bits, at more cost for each row."""
