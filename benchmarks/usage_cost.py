"""What the usage features cost: as multiples of one bare group-by scan of the same Parquet, and in memory.

    python benchmarks/usage_cost.py                          # 6 million rows made here, 104 weekly dates
    python benchmarks/usage_cost.py --rows 24000000 --repeats 1
    python benchmarks/usage_cost.py --source FOLDER           # a company's own tables, all families

Bare scan and features alternate in one process; the peak of memory is a process's own, one for each.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from rind.features.catalogue import Settings
from rind.features.families import FAMILIES
from rind.features.tables import TABLES

ACCOUNTS, WEEKS, HISTORY_WEEKS, FEATURES = 2000, 104, 130, 40
BARE = """CREATE OR REPLACE TEMP TABLE bare AS SELECT account_id, user_id, feature,
          date_trunc('week', occurred_at) AS week, count(*) AS n, sum(quantity) AS quantity FROM usage GROUP BY ALL"""


def main() -> None:
    """Make the company, or take one that is given, and print what the features cost."""
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="rind-bench-") as made:
        source = args.source or Path(made)
        if args.source is None:
            make_company(source, args.rows)
        if args.once:
            once(source, args.once, args.threads)
            return
        for what in ("bare", "usage"):
            command = [
                sys.executable,
                __file__,
                "--source",
                str(source),
                "--once",
                what,
                "--threads",
                str(args.threads),
            ]
            print(f"peak memory, {what:5s}: ", end="", flush=True)
            subprocess.run(command, check=True)
        con, spine, tables = opened(source, args.threads)
        compare(con, spine, tables, args.repeats)
        families(con, spine, tables)


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6_000_000, help="usage rows to make")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--source", type=Path, help="a folder with the contract's tables as Parquet")
    parser.add_argument("--once", choices=("bare", "usage"), help="run one thing once and print its peak memory")
    return parser.parse_args()


def make_company(folder: Path, rows: int) -> None:
    """Usage, subscriptions and product features; sizes, users and features are skewed as in life."""
    con = ibis.duckdb.connect()
    con.raw_sql("SELECT setseed(0.5)")
    con.raw_sql(f"""COPY (SELECT 'A' || lpad(a::VARCHAR, 5, '0') AS account_id,
        'A' || a || '-U' || floor((5 + a % 41) * u * sqrt(u))::INT AS user_id,
        'feature_' || floor({FEATURES} * f * f)::INT AS feature,
        TIMESTAMP '2024-01-01' + INTERVAL 1 SECOND * floor({86400 * 7 * HISTORY_WEEKS} * t) AS occurred_at,
        1.0 + floor(q * 3) AS quantity
        FROM (SELECT floor({ACCOUNTS} * power(random(), 1.3))::INT AS a, random() AS u, random() AS f,
              random() AS t, random() AS q FROM range({rows})) ORDER BY occurred_at)
        TO '{folder}/usage.parquet' (COMPRESSION zstd)""")
    con.raw_sql(f"""COPY (SELECT 'feature_' || i AS feature, 'module_' || i % 6 AS module,
        DATE '2023-01-01' + (i * 20)::INT AS released_on, ['basic', 'pro', 'max', NULL][i % 4 + 1] AS plan
        FROM range({FEATURES}) r(i)) TO '{folder}/product_features.parquet'""")
    con.raw_sql(f"""COPY (SELECT a || '-' || k AS subscription_id, 'A' || lpad(a::VARCHAR, 5, '0') AS account_id,
        ['basic', 'pro', 'max'][a % 3 + 1] AS plan, 20.0 AS seats, 1000.0 * (1 + a % 3) AS mrr,
        DATE '2023-01-01' + (k * 365)::INT AS starts_on, DATE '2024-01-01' + (k * 365)::INT AS term_ends_on,
        CASE WHEN k < 3 THEN DATE '2024-01-01' + (k * 365)::INT END AS ended_on, NULL::DATE AS notice_on
        FROM range({ACCOUNTS}) x(a), range(4) y(k)) TO '{folder}/subscriptions.parquet'""")


def opened(folder: Path, threads: int) -> tuple[Any, ir.Table, dict[str, ir.Table]]:
    """The engine, 104 weekly dates for every account with use, and the tables (absent ones are not there)."""
    con = ibis.duckdb.connect(threads=threads)
    con.raw_sql("SET TimeZone='UTC'")
    tables = {}
    for name in TABLES:
        parts = folder / f"{name}.parquet"
        if parts.exists():
            pattern = str(parts / "**/*.parquet") if parts.is_dir() else str(parts)
            con.raw_sql(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{pattern}')")
            tables[name] = complete(con.table(name), name)
    con.raw_sql(f"""CREATE TABLE snapshots AS SELECT account_id, last - (k * 7)::INT AS as_of
        FROM (SELECT DISTINCT account_id FROM usage), range({WEEKS}) r(k),
        (SELECT date_trunc('week', max(occurred_at))::DATE AS last FROM usage)""")
    return con, con.table("snapshots"), tables


def complete(table: ir.Table, name: str) -> ir.Table:
    """Columns of the contract that the file does not have, empty."""
    kinds = {"id": "string", "string": "string", "number": "float64", "integer": "int64"}
    absent = {c.name: ibis.null(kinds.get(c.kind, c.kind)) for c in TABLES[name].columns if c.name not in table.columns}
    return table.mutate(**absent)


def builder(con: Any, spine: ir.Table, tables: Mapping[str, ir.Table], family: str) -> Callable[[], object]:
    """What builds a family into a table of the engine. Compiling it is part of the cost."""
    empty = {
        n: con.create_table(f"no_{n}", schema=schema(n), temp=True, overwrite=True) for n in TABLES if n not in tables
    }
    return lambda: con.create_table(
        f"built_{family}", FAMILIES[family].build(spine, {**empty, **tables}, Settings()), temp=True, overwrite=True
    )


def schema(name: str) -> ibis.Schema:
    """The types of a table of the contract, all ids texts."""
    kinds = {"id": "string", "number": "float64", "integer": "int64"}
    return ibis.schema({c.name: kinds.get(c.kind, c.kind) for c in TABLES[name].columns})


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(con: Any, spine: ir.Table, tables: Mapping[str, ir.Table], repeats: int) -> None:
    """Print the usage features as a multiple of the bare scan, medians of the repeats."""
    build = builder(con, spine, tables, "usage")
    runs = [(timed(lambda: con.raw_sql(BARE)), timed(build)) for _ in range(repeats)]
    con.raw_sql("DROP TABLE bare")
    bare, usage = ([statistics.median(run[i][j] for run in runs) for j in range(2)] for i in range(2))
    rows, dates = tables["usage"].count().execute(), spine.count().execute()
    print(f"{rows:,} usage rows, {dates:,} snapshots, {len(FAMILIES['usage'].FEATURES)} features, {repeats} repeats")
    print(f"{'':24s}{'wall s':>9s}{'CPU s':>9s}")
    for name, row in (("one bare group-by scan", bare), ("all usage features", usage)):
        print(f"{name:24s}{row[0]:9.2f}{row[1]:9.2f}")
    print(f"{'ratio (at most 3)':24s}{usage[0] / bare[0]:9.2f}{usage[1] / bare[1]:9.2f}")


def families(con: Any, spine: ir.Table, tables: Mapping[str, ir.Table]) -> None:
    """Print the seconds of each family whose tables are there."""
    print(f"\n{'family':24s}{'wall s':>9s}{'CPU s':>9s}")
    for name, family in FAMILIES.items():
        if set(family.NEEDS) <= tables.keys():
            wall, cpu = timed(builder(con, spine, tables, name))
            print(f"{name:24s}{wall:9.2f}{cpu:9.2f}")


def once(folder: Path, what: str, threads: int) -> None:
    """Do one thing in this process and print its peak memory."""
    con, spine, tables = opened(folder, threads)
    work = builder(con, spine, tables, "usage") if what == "usage" else lambda: con.raw_sql(BARE)
    work()
    print(f"{peak_gib():.2f} GiB (at most 4 at 24 million rows)")


def peak_gib() -> float:
    """This program's own peak. On Linux getrusage starts a child at its parent's peak, VmHWM does not."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(row.split()[1] for row in status.read_text().splitlines() if row.startswith("VmHWM"))) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
