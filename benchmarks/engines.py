"""Engines beside ours: the same 20 usage features at 104 weekly dates, as one would write them with each.

    python -m benchmarks.engines                     # 6 million rows of usage made here
    python -m benchmarks.engines --rows 1000000 --only rind duckdb polars

All read the Parquet file of `benchmarks.usage_cost` with two threads and write one row per account and date. Each is a
program of its own, whose wall clock, CPU and peak memory (with its children's) stand beside those of a bare
scan-and-group of the same file in the same run. What is too slow gets a smaller file, with a bare scan of its own, or
some of the accounts and dates, as its line says. All values are held against ours: the exit code is 1 where some
differ. Polars is in the extra `bench`, PySpark in `spark`; Featuretools has the environment that `make bench-models`
makes, or that FEATURETOOLS_PYTHON names.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import psutil

from benchmarks.featuretools_line import interpreter
from benchmarks.usage_cost import BARE, WEEKS, make_company, opened, schema, timed
from rind.features.catalogue import Settings
from rind.features.families import FAMILIES
from rind.features.tables import TABLES

THREADS = 2
QUARTER = 91
SPANS = {"_7d": (0, 7), "_28d": (0, 28), "_91d": (0, QUARTER), "before__28d": (28, 56)}
"""Name -> age in days of the use that counts: more than, and at most."""
COUNTED = {"events": "quantity", "active_days": "day", "features": "feature", "active_users": "user_id"}
"""What is counted (of events: summed) -> the column of it."""
COUNTS = {f"{what}_{span}": (what, *days) for what in COUNTED for span, days in SPANS.items()}
CHANGES = {f"{what}_change__28d": (f"{what}__28d", f"{what}_before__28d") for what in COUNTED}
FEATURES = [*(name for name in COUNTS if name != "active_days_before__28d"), *CHANGES, "weeks_used__91d"]
DIFFERENT = 1e-6


def scan(folder: Path, out: Path) -> None:
    """What the others are multiples of."""
    con, _, _ = opened(folder, THREADS)
    con.raw_sql(BARE)
    del out


def ours(folder: Path, out: Path) -> None:
    """Of all usage features these 20; what they do not need the engine leaves out."""
    con, spine, tables = opened(folder, THREADS)
    empty = {
        name: con.create_table(f"no_{name}", schema=schema(name), temp=True) for name in TABLES if name not in tables
    }
    built = FAMILIES["usage"].build(spine, {**empty, **tables}, Settings())
    con.to_parquet(built.select("account_id", "as_of", **{name: built[f"usage__{name}"] for name in FEATURES}), out)


def joined(age: str) -> str:
    """Usage joined to accounts and dates by the time, and counted; ``age`` as the engine has it."""
    sums = [f"coalesce(sum(CASE WHEN {age} <= {last} AND {age} > {first} THEN quantity END), 0) AS {name}"
            for name, (what, first, last) in COUNTS.items() if what == "events"]  # fmt: skip
    distinct = [f"count(DISTINCT CASE WHEN {age} <= {last} AND {age} > {first} THEN {COUNTED[what]} END) AS {name}"
                for name, (what, first, last) in COUNTS.items() if what != "events"]  # fmt: skip
    changes = [f"({now} - {before}) / nullif({now} + {before}, 0) AS {name}" for name, (now, before) in CHANGES.items()]
    return f"""WITH pairs AS (
        SELECT spine.account_id, as_of, user_id, feature, quantity, CAST(occurred_at AS DATE) AS day
        FROM spine LEFT JOIN usage ON spine.account_id = usage.account_id
            AND occurred_at < as_of AND occurred_at >= as_of - INTERVAL {QUARTER} DAY
    ), counts AS (
        SELECT account_id, as_of, {", ".join([*sums, *distinct])},
            count(DISTINCT floor(({age} - 1) / 7)) / 13 AS weeks_used__91d
        FROM pairs GROUP BY account_id, as_of
    ) SELECT *, {", ".join(changes)} FROM counts"""


def duckdb_join(folder: Path, out: Path) -> None:
    """One join by the range of the time."""
    con = ibis.duckdb.connect(threads=THREADS, memory_limit="8GB", temp_directory=str(folder / "spill"))
    for name in ("usage", "spine"):
        con.raw_sql(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder}/{name}.parquet')")
    con.raw_sql(f"COPY ({joined('(as_of - day)')}) TO '{out}'")


def spark_session() -> Any:
    """Two threads of this machine."""
    builder = import_module("pyspark.sql").SparkSession.builder.master(f"local[{THREADS}]")
    settings = {
        "driver.memory": "4g",
        "ui.enabled": "false",
        "sql.session.timeZone": "UTC",
        "sql.shuffle.partitions": "8",
    }
    for name, value in settings.items():
        builder = builder.config(f"spark.{name}", value)
    return builder.getOrCreate()


def spark_join(folder: Path, out: Path) -> None:
    """The same SQL."""
    spark = spark_session()
    for name in ("usage", "spine"):
        spark.read.parquet(f"{folder}/{name}.parquet").createOrReplaceTempView(name)
    spark.sql(joined("datediff(as_of, day)")).write.parquet(str(out))


def polars_by_date(folder: Path, out: Path) -> None:
    """The rows of a quarter, grouped, date by date."""
    pl = import_module("polars")
    usage = pl.read_parquet(folder / "usage.parquet").with_columns(day=pl.col("occurred_at").dt.date())
    spine = pl.read_parquet(folder / "spine.parquet")
    age = pl.col("age")
    counts = []
    for name, (what, first, last) in COUNTS.items():
        inside = pl.col(COUNTED[what]).filter((age > first) & (age <= last))
        counts.append((inside.sum() if what == "events" else inside.n_unique()).alias(name))
    counts.append((((age - 1) // 7).n_unique() / 13).alias("weeks_used__91d"))
    parts = []
    for (as_of,), rows in sorted(spine.partition_by("as_of", as_dict=True).items()):
        quarter = usage.filter(pl.col("day").is_between(as_of - timedelta(days=QUARTER), as_of, closed="left"))
        quarter = quarter.with_columns(age=(pl.lit(as_of) - pl.col("day")).dt.total_days())
        parts.append(rows.join(quarter.group_by("account_id").agg(counts), on="account_id", how="left"))
    table = pl.concat(parts).fill_null(0)
    for name, (now, before) in CHANGES.items():
        sums = pl.col(now) + pl.col(before)
        # Counts of Polars have no sign: what they are less would be four billion.
        less = pl.col(now).cast(pl.Float64) - pl.col(before).cast(pl.Float64)
        table = table.with_columns(pl.when(sums > 0).then(less / sums).alias(name))
    table.write_parquet(out)


def pandas_by_date(folder: Path, out: Path) -> None:
    """The same, with the texts as categories."""
    usage = pd.read_parquet(folder / "usage.parquet")
    usage = usage.astype(dict.fromkeys(("account_id", "user_id", "feature"), "category"))
    usage["day"] = usage["occurred_at"].dt.normalize()
    spine = pd.read_parquet(folder / "spine.parquet").astype({"as_of": "datetime64[us]"})
    parts = []
    for as_of in map(pd.Timestamp, spine["as_of"].unique()):
        quarter = usage[(usage["day"] < as_of) & (usage["day"] >= as_of - pd.Timedelta(days=QUARTER))]
        age = (as_of - quarter["day"]).dt.days
        counts = {}
        for span, (first, last) in SPANS.items():
            groups = quarter[(age > first) & (age <= last)].groupby("account_id", observed=True)
            for what, column in COUNTED.items():
                counts[f"{what}_{span}"] = groups[column].sum() if what == "events" else groups[column].nunique()
        weeks = ((age - 1) // 7).groupby(quarter["account_id"], observed=True).nunique() / 13
        made = pd.DataFrame({**counts, "weeks_used__91d": weeks}).reindex(
            spine.loc[spine["as_of"] == as_of, "account_id"]
        )
        parts.append(made.fillna(0).reset_index().assign(as_of=as_of.date()))
    table = pd.concat(parts)
    for name, (now, before) in CHANGES.items():
        table[name] = (table[now] - table[before]) / (table[now] + table[before]).replace(0, float("nan"))
    table.to_parquet(out)


@dataclass(frozen=True)
class Way:
    """A way to make the features.

    Parameters
    ----------
    make
        Makes them of the Parquet files in a folder into another.
    needs
        A module without which it is left out.
    small
        It gets the smaller file.
    """

    title: str
    make: Callable[[Path, Path], None]
    needs: str = "duckdb"
    small: bool = False


WAYS = {
    "scan": Way("bare scan-and-group", scan),
    "rind": Way("Rind", ours),
    "polars": Way("Polars, date by date", polars_by_date, "polars"),
    "pandas": Way("pandas, date by date", pandas_by_date),
    "duckdb": Way("DuckDB, one join", duckdb_join),
    "spark": Way("PySpark, the same join", spark_join, "pyspark", small=True),
}
FEATURETOOLS = "Featuretools, 1 of 40 accounts, 13 dates"
OTHERS = [name for name in WAYS if name not in ("scan", "rind")]


def main() -> int:
    """Print a line for each way; 1 where one gives other values than ours."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6_000_000, help="usage rows to make")
    parser.add_argument("--small", type=int, default=100_000, help="usage rows for what is too slow")
    parser.add_argument("--only", nargs="+", choices=[*OTHERS, "featuretools"], default=[*OTHERS, "featuretools"])
    parser.add_argument("--one", nargs=3, metavar=("WAY", "FOLDER", "OUT"), help="run one way in this process")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(cost(args.one[0], *map(Path, args.one[1:]))))
        return 0
    print(f"{len(FEATURES)} features at {WEEKS} weekly dates, {THREADS} threads")
    print(
        f"{'':42}{'rows':>10}{'wall s':>9}{'CPU s':>9}{'scans':>8}{'CPU':>7}{'GiB':>6}  largest difference", flush=True
    )
    with tempfile.TemporaryDirectory(prefix="rind-bench-") as made:
        differences = compare(Path(made), args.rows, args.small, args.only)
    return int(any(difference > DIFFERENT for difference in differences))


def compare(made: Path, rows: int, small: int, names: list[str]) -> list[float]:
    """Run the ways on the file of their size, and ours before them; how far each is from ours."""
    ours_of: dict[Path, Callable[..., None]] = {}
    differences = []
    for name in names:
        way, python = WAYS.get(name, Way(FEATURETOOLS, scan)), interpreter()
        if find_spec(way.needs) is None or (name not in WAYS and python is None):
            print(f"{way.title:42}not installed", flush=True)
            continue
        size = min(rows, small) if way.small else rows
        folder = made / f"{size}"
        if folder not in ours_of:
            make(folder, size)
            scanned = run(sys.executable, "-m", "benchmarks.engines", "--one", "scan", folder, folder / "scan.parquet")
            ours_of[folder] = partial(show, size, scanned)
            ours_of[folder](WAYS["scan"].title, scanned)
            ours_of[folder](WAYS["rind"].title, one("rind", folder))
        if name in WAYS:
            paid = one(name, folder)
        else:
            script = Path(__file__).with_name("engines_featuretools.py")
            paid = run(str(python), "-W", "ignore", script, folder, folder / f"{name}.parquet")
        differences.append(difference(folder, name))
        ours_of[folder](way.title, paid, f"  {differences[-1]:.1g}")
    return differences


def make(folder: Path, rows: int) -> None:
    """Usage, and the accounts and dates that all of them get."""
    folder.mkdir()
    make_company(folder, rows)
    con, spine, _ = opened(folder, THREADS)
    con.to_parquet(spine.order_by("as_of", "account_id"), folder / "spine.parquet")


def one(name: str, folder: Path) -> dict[str, float]:
    """What one way costs, in a program of its own."""
    return run(sys.executable, "-m", "benchmarks.engines", "--one", name, folder, folder / f"{name}.parquet")


def run(*words: str | Path) -> dict[str, float]:
    """What a program printed last."""
    threads = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS"), f"{THREADS}")
    done = subprocess.run(
        [*map(str, words)], env={**os.environ, **threads}, stdout=subprocess.PIPE, text=True, check=True
    )
    paid: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return paid


def cost(name: str, folder: Path, out: Path) -> dict[str, float]:
    """Run one way in this process: seconds of wall and of CPU, and the peak of memory in GiB, with its children's."""
    if name == "spark":
        spark_session()  # its start is no part of what is measured
    children = psutil.Process().children(recursive=True)
    before = sum(sum(child.cpu_times()[:2]) for child in children)
    wall, cpu = timed(lambda: WAYS[name].make(folder, out))
    cpu += sum(sum(child.cpu_times()[:2]) for child in children) - before
    peaks = [Path(f"/proc/{process}/status").read_text() for process in ("self", *(child.pid for child in children))]
    kib = [int(line.split()[1]) for text in peaks for line in text.splitlines() if line.startswith("VmHWM")]
    return {"wall": wall, "cpu": cpu, "gib": sum(kib) / 2**20}


def show(rows: int, scanned: dict[str, float], title: str, paid: dict[str, float], more: str = "") -> None:
    """A line of the table."""
    wall, cpu = paid["wall"] / scanned["wall"], paid["cpu"] / scanned["cpu"]
    print(
        f"{title:42}{rows:10,}{paid['wall']:9.1f}{paid['cpu']:9.1f}{wall:8.1f}{cpu:7.1f}{paid['gib']:6.1f}{more}",
        flush=True,
    )


def difference(folder: Path, name: str) -> float:
    """The largest difference of any value from ours.

    Raises
    ------
    ValueError
        There are not as many rows as there must be.
    """
    con = ibis.duckdb.connect()
    out = folder / f"{name}.parquet"
    con.raw_sql(f"CREATE VIEW theirs AS FROM read_parquet('{out / '*.parquet' if out.is_dir() else out}')")
    con.raw_sql(f"CREATE VIEW ours AS FROM read_parquet('{folder / 'rind.parquet'}')")
    # An empty value is none of a number: one beside a number differs by more than any two shares do.
    values = [f"max(abs(coalesce(theirs.{f}, -9) - coalesce(ours.{f}, -9)))" for f in FEATURES]
    rows, largest = con.raw_sql(f"""SELECT count(*), greatest({", ".join(values)}) FROM theirs JOIN ours
        ON theirs.account_id = ours.account_id AND CAST(theirs.as_of AS DATE) = ours.as_of""").fetchone()
    (theirs,), (all_rows,) = (con.raw_sql(f"SELECT count(*) FROM {table}").fetchone() for table in ("theirs", "ours"))
    if not 0 < rows == theirs or (name in WAYS and rows != all_rows):
        raise ValueError(f"{name} gives {theirs:,} rows, {rows:,} of them ours, which are {all_rows:,}")
    return float(largest)


if __name__ == "__main__":
    sys.exit(main())
