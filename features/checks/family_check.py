"""Run the time-travel law on one feature family and say what was tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Any

import ibis
import pyarrow as pa

from rind.features.catalogue import Settings
from rind.features.checks.random_company import ACCOUNTS, Company
from rind.features.checks.time_travel import cut, disagreements
from rind.features.families import FAMILIES, Family
from rind.features.plugins import load_families

EARLIEST = date(2024, 1, 1)
AGES = (364, 91, 28, 7, 1, 0, -1, -60)
"""Days from the as_of dates to the date of the cut; those after it are allowed to differ."""

MOST_SHOWN = 5


class Engine:
    """DuckDB with the contract's tables under fixed names, so that a family is compiled once."""

    def __init__(self) -> None:
        self.connection = ibis.duckdb.connect()
        self.connection.raw_sql("SET TimeZone='UTC'")
        self.connection.raw_sql("SET threads=1")
        self._sql: dict[int, str] = {}

    def features(self, family: Family, tables: Mapping[str, pa.Table], snapshots: pa.Table) -> pa.Table:
        """The family's features: what its ``build`` returns for these tables."""
        for table, rows in {**tables, "snapshots": snapshots}.items():
            self.connection.con.register(table, rows)
        if id(family) not in self._sql:
            on_engine = {table: self.connection.table(table) for table in tables}
            built = family.build(self.connection.table("snapshots"), on_engine, Settings())
            self._sql[id(family)] = str(ibis.to_sql(built, dialect="duckdb"))
        return self.connection.raw_sql(self._sql[id(family)]).to_arrow_table()


def spine(day: date) -> pa.Table:
    """Every account of a `Company` on each of the dates `AGES` around a day."""
    rows = [{"account_id": who, "as_of": day - timedelta(days=age)} for who in ACCOUNTS for age in AGES]
    return pa.Table.from_pylist(rows, pa.schema([("account_id", pa.string()), ("as_of", pa.date32())]))


@dataclass(frozen=True)
class FamilyCheck:
    """What was tried on a family, and what came of it.

    Parameters
    ----------
    companies, dates
        Random companies drawn, each with two other futures; dates at which the features of each were compared.
    faults
        One sentence per broken rule or leak, at most a few of each kind; empty: the family keeps the law.
    untested
        Features that had no value, or one only, in all that was drawn: nothing is shown of them.
    """

    family: str
    features: int
    companies: int
    dates: int
    faults: tuple[str, ...]
    untested: tuple[str, ...]

    def text(self) -> str:
        """What was tried and found, for the terminal."""
        tried = (
            f"{self.family}: {self.features} features, {self.companies} random companies around a cut-off date, "
            f"{self.dates} dates up to it, once with the future deleted and once with another future"
        )
        silent = f"not shown, as they never varied in these companies: {', '.join(self.untested)}"
        result = [f"LEAK OR BROKEN RULE: {fault}" for fault in self.faults] or [
            "no feature of a date up to the cut-off changed: the family keeps the law"
        ]
        return "\n".join([tried, *result, *([silent] if self.untested else [])])


def check_named(name: str, companies: int = 20, seed: int = 0) -> FamilyCheck:
    """Look whether a feature family sees the future.

    Parameters
    ----------
    name
        Path of a module, an entry point of ``rind.families``, or one of Rind's own families.
    companies
        How many random companies to try it on.

    Raises
    ------
    UsageError
        There is no such family.
    """
    loaded = {name: FAMILIES[name]} if name in FAMILIES else load_families([name])
    [(own_name, family)] = loaded.items()
    return check_family(family, own_name, companies, seed)


def check_family(family: Family, name: str, companies: int = 20, seed: int = 0) -> FamilyCheck:
    """Draw companies with every table of the contract and look whether the future changes a feature of the past.

    Parameters
    ----------
    family
        A module or object as `features.families.Family` says.
    companies
        How many to draw; each costs three builds of the family on a dozen accounts.
    """
    engine, values = Engine(), {f.name: set[Any]() for f in family.FEATURES}
    faults: list[str] = []
    for number in range(companies):
        day = EARLIEST + timedelta(days=number % 61)
        company = Company(Random(seed + number), day)
        whole = company.tables()
        now = engine.features(family, whole, spine(day))
        faults += _shape(family, now, spine(day))
        if faults:
            break
        for column, distinct in values.items():
            distinct.update(now[column].to_pylist())
        for future in (cut(whole, day), company.with_another_future(whole)):
            faults += islice(disagreements(now, engine.features(family, future, spine(day)), day), MOST_SHOWN)
        if len(faults) >= MOST_SHOWN:
            break
    untested = tuple(sorted(column for column, distinct in values.items() if len(distinct) < 2)) if not faults else ()
    dates = sum(age >= 0 for age in AGES)
    return FamilyCheck(name, len(values), number + 1, dates, tuple(faults[:MOST_SHOWN]), untested)


def _shape(family: Family, built: pa.Table, snapshots: pa.Table) -> Iterator[str]:
    """Whether the family gives every snapshot one row, and the columns of its catalogue in order."""
    expected = ["account_id", "as_of", *(f.name for f in family.FEATURES)]
    if built.column_names != expected:
        yield f"build gives the columns {', '.join(built.column_names)}; its catalogue says {', '.join(expected)}"
        return
    pairs = sorted(map(str, built.select(["account_id", "as_of"]).to_pylist()))
    if pairs != sorted(map(str, snapshots.to_pylist())):
        yield f"build gives {len(pairs)} rows for {len(snapshots)} snapshots; it must give each snapshot one"
