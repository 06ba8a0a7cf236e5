"""Whether Spark gives what DuckDB gives: every feature, the labels, the rules, a mapping's output.

    python -m benchmarks.parity                    # three companies, Spark on two threads of this machine
    python -m benchmarks.parity --companies 10 --seed 100

The companies are random and hold what engines disagree about: empty windows, ties, empty values, midnights, a leap day,
changes of the clock, ids in any script, decimals, late rows, and cells that are no dates and no numbers.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from benchmarks.edge_companies import DAYS, company, dates_around, spoiled, write_mapping
from rind.features.canonical import RAW
from rind.features.catalogue import Settings
from rind.features.customers import prepared
from rind.features.engine import computing_on, new_connection
from rind.features.engine_settings import EngineName
from rind.features.families import FAMILIES
from rind.features.labels import known_labels, labels
from rind.features.setting_aside import rows_set_aside
from rind.features.sources import open_source
from rind.features.validation import check
from rind.features.validation_settings import ValidationSettings
from rind.pipelines.params import load
from rind.pipelines.stages.validate import need

EQUAL = 1e-9
"""Numbers that differ by at most so much, or by so much of the larger one, are equal: engines add in any order."""

ENGINES: tuple[EngineName, ...] = ("duckdb", "spark")
Tables = Mapping[str, pa.Table]

LOCAL = (
    "--master local[2] --driver-memory 2g --conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false "
    "--conf spark.sql.shuffle.partitions=2 --conf spark.default.parallelism=2 --conf spark.log.level=ERROR "
)
"""Spark on two threads of this machine, sparing: what a person has set in PYSPARK_SUBMIT_ARGS wins."""


FEW_ROWS = "--conf spark.sql.adaptive.enabled=false --conf spark.sql.codegen.wholeStage=false "
"""Settings that spare time where the rows are few: plans are not made anew, and no code is made of them."""


@dataclass(frozen=True)
class Difference:
    """How two tables of the same rows differ.

    Parameters
    ----------
    columns, rows
        What was compared.
    largest
        The largest difference of two numbers, as a share of the larger one where that is above 1; infinite where a
        row, a text or an empty value stands in one table only.
    where
        The column and the two values; "" where all is equal.
    """

    columns: int
    rows: int
    largest: float
    where: str

    @property
    def equal(self) -> bool:
        """Whether no number differs by more than `EQUAL`."""
        return self.largest <= EQUAL


def difference(one: pa.Table, other: pa.Table, keys: Sequence[str] = ()) -> Difference:
    """Compare two tables row by row.

    Parameters
    ----------
    keys
        Columns that name a row; none: the rows are put in order by all their values.
    """
    if one.column_names != other.column_names:
        return Difference(one.num_columns, one.num_rows, math.inf, f"{one.column_names} and {other.column_names}")
    if one.num_rows != other.num_rows:
        return Difference(one.num_columns, one.num_rows, math.inf, f"{one.num_rows} and {other.num_rows} rows")
    left, right = _in_order(one, keys), _in_order(other, keys)
    largest, where = 0.0, ""
    for a, b in zip(left, right, strict=True):
        for name in one.column_names:
            distance = _distance(a[name], b[name])
            if distance > largest:
                largest, where = distance, f"{name} of {[a[k] for k in keys]}: {a[name]!r} and {b[name]!r}"
    return Difference(one.num_columns - len(keys), one.num_rows, largest, where)


def _in_order(table: pa.Table, keys: Sequence[str]) -> list[dict[str, Any]]:
    names = keys or table.column_names
    return sorted(table.to_pylist(), key=lambda row: [_sortable(row[name]) for name in names])


def _sortable(value: Any) -> tuple[bool, str]:
    return value is None, f"{value:.6g}" if isinstance(value, float) else str(value)


def _distance(one: Any, other: Any) -> float:
    one, other = (v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in (one, other))  # Spark has no zones
    numbers = [isinstance(v, int | float) and not isinstance(v, bool) for v in (one, other)]
    if not all(numbers):
        return 0.0 if one == other else math.inf
    if math.isnan(one) or math.isnan(other):
        return 0.0 if math.isnan(one) and math.isnan(other) else math.inf
    return 0.0 if one == other else abs(one - other) / max(1.0, abs(one), abs(other))


def features(tables: Tables, spine: pa.Table, family: str) -> dict[str, pa.Table]:
    """The features of a family on the engine at work, and the tables as a run prepares them for it."""
    connection = new_connection()
    on_engine = {name: connection.create_table(_unique(name), rows, temp=True) for name, rows in tables.items()}
    snapshots = connection.create_table(_unique("snapshots"), spine, temp=True)
    built = FAMILIES[family].build(snapshots, on_engine, Settings(currency="EUR"))
    return {family: built.to_pyarrow()}


def outcomes(tables: Tables, spine: pa.Table, data_end: date) -> dict[str, pa.Table]:
    """The labels, those that were known when, and the terms that they are made of, on the engine at work."""
    connection = new_connection()
    on_engine = {name: connection.create_table(_unique(name), rows, temp=True) for name, rows in tables.items()}
    snapshots = connection.create_table(_unique("snapshots"), spine, temp=True)
    terms = prepared(on_engine, "parent")["subscriptions"]
    stored = connection.create_table(_unique("terms"), terms.to_pyarrow(), temp=True)
    return {
        "terms": stored.to_pyarrow(),
        "labels": labels(snapshots, stored, data_end, 90, 30).to_pyarrow(),
        "known_labels": known_labels(snapshots, stored, data_end, 90, 30).to_pyarrow(),
    }


def validated(place: Path | str, data_end: date | None = None) -> dict[str, pa.Table]:
    """What validation says of a source, keeps of it and sets aside, on the engine at work."""
    params = load()
    settings = params.validation.model_dump()
    lenient = ValidationSettings.model_validate(
        settings | {"limits": {"table_share": 1, "accounts_share": 1, "rules": {}}}
    )
    with open_source(place) as source:
        result = check(source, data_end, settings=lenient, need=need(params), today=date(2026, 1, 1))
        report = result.report
        problems = [str(problem) for problem in (*report.problems, *report.set_aside)]
        counted = [f"{table}: {rows}" for table, rows in report.rows.items()]
        texts = pa.table({"text": [*problems, *report.notes, *counted, str(report.data_end)]})
        kept = {f"sound {name}": table.to_pyarrow() for name, table in result.sound.tables.items()}
        aside = {f"set aside {n}": t.to_pyarrow() for n, t in rows_set_aside(source, result.sieves).items()}
    return {"report": texts, **kept, **aside}


def _unique(name: str) -> str:
    return str(ibis.util.gen_name(name))


def on_both(work: Any, *args: Any) -> Iterator[tuple[str, Difference]]:
    """Do the same on both engines and compare each table that comes out."""
    results = {}
    for engine in ENGINES:
        with computing_on(engine):
            results[engine] = work(*args)
    one, other = results.values()
    keys = {"labels": ("account_id", "as_of"), "known_labels": ("account_id", "as_of", "known_from")}
    keys |= dict.fromkeys(FAMILIES, ("account_id", "as_of"))
    for name in sorted(one.keys() | other.keys()):
        if name in one and name in other:
            yield name, difference(one[name], other[name], keys.get(name, ()))
        else:
            yield name, Difference(0, 0, math.inf, "in one engine only")


def write_parquet(folder: Path, tables: Tables) -> Path:
    """One file a table."""
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


def write_csv(folder: Path, tables: Tables) -> Path:
    """One file a table, all cells as texts."""
    for name, table in tables.items():
        pc.write_csv(table, folder / f"{name}.csv")
    return folder


def write_output_of_mapping(folder: Path, tables: Tables) -> Path:
    """What a mapping gives, stored as one file a table: DuckDB runs its SQL, either engine reads the rest."""
    with open_source(write_mapping(tables, folder / "mapping")) as source:
        for name, audit in source.audited.items():
            raw = audit.select(**{c.removeprefix(RAW): audit[c] for c in audit.columns if c.startswith(RAW)})
            raw.to_parquet(folder / f"{name}.parquet")
    return folder


@contextmanager
def local_spark(more: str = FEW_ROWS) -> Iterator[None]:
    """Spark as `LOCAL` says, in a zone in which clocks change, as results must not depend on it."""
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"{LOCAL}{more}pyspark-shell")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if zone is None else os.environ.update(TZ=zone)
        time.tzset()


def compare(seed: int, folder: Path) -> Iterator[tuple[str, Difference]]:
    """All comparisons of one random company."""
    tables = company(Random(seed))
    spine = dates_around(DAYS)
    for family in FAMILIES:
        yield from on_both(features, tables, spine, family)
    yield from on_both(outcomes, tables, spine, max(DAYS))
    for write in (write_csv, write_parquet, write_output_of_mapping):
        place = folder / f"{write.__name__}_{seed}"
        place.mkdir()
        random = Random(seed)
        yield from on_both(validated, write(place, spoiled(tables, random) if write is write_csv else tables))


def main() -> None:
    """Print what was compared and the largest difference; exit with 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    differences: dict[str, list[Difference]] = {}
    began = datetime.now().astimezone()
    with local_spark(), tempfile.TemporaryDirectory(prefix="rind-parity-") as folder:
        for seed in range(args.seed, args.seed + args.companies):
            for name, result in compare(seed, Path(folder)):
                differences.setdefault(name, []).append(result)
                if not result.equal:
                    print(f"company {seed}, {name}: {result.where}", flush=True)
    _print(differences, args.companies)
    print(f"{(datetime.now().astimezone() - began).total_seconds():.0f} s")
    raise SystemExit(0 if all(d.equal for results in differences.values() for d in results) else 1)


def _print(differences: Mapping[str, Sequence[Difference]], companies: int) -> None:
    print(f"{'what':28} {'columns':>8} {'rows':>8} {'largest difference':>20}")
    for name, results in differences.items():
        rows, largest = sum(d.rows for d in results), max(d.largest for d in results)
        print(f"{name:28} {results[0].columns:8d} {rows:8d} {largest:20.2g}")
    compared = sum(len(family.FEATURES) for family in FAMILIES.values())
    largest = max(d.largest for results in differences.values() for d in results)
    print(f"{compared} features of {len(FAMILIES)} families, labels and rules on {' and '.join(ENGINES)}, ", end="")
    print(f"{companies} companies: largest difference {largest:.2g} (equal: {EQUAL:g})")


if __name__ == "__main__":
    main()
