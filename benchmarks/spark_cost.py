"""How the usage features' cost grows with the rows, on DuckDB and on Spark: `python -m benchmarks.spark_cost`.

    python -m benchmarks.spark_cost --rows 500000 1000000 2000000 4000000

Each size is made once (`benchmarks.usage_cost`), and each engine reads the same Parquet file and writes the usage
features of 104 weekly dates as one file, as a run does. Spark runs on two threads of this machine. Printed last is what
the two largest sizes say of a billion rows and of ten, by a straight line: nobody has run that.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import ibis

from benchmarks.parity import ENGINES, difference, local_spark
from benchmarks.usage_cost import complete, make_company, opened, schema
from rind.features.catalogue import Settings
from rind.features.engine import computing_on, new_connection
from rind.features.engine_settings import EngineName
from rind.features.families import FAMILIES
from rind.features.tables import TABLES

AHEAD = (1_000_000_000, 10_000_000_000)


def main() -> None:
    """Print seconds by size and engine, and the line through the last two sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[500_000, 1_000_000, 2_000_000, 4_000_000])
    sizes = sorted(parser.parse_args().rows)
    seconds: dict[EngineName, dict[int, float]] = {engine: {} for engine in ENGINES}
    print(f"{'usage rows':>14} {'engine':8} {'seconds':>9} {'largest difference':>20}", flush=True)
    with local_spark(more=""):
        with computing_on("spark"):
            new_connection().sql("select 1").to_pyarrow()  # the start of Spark is no part of what is measured
        for rows in sizes:
            with tempfile.TemporaryDirectory(prefix="rind-spark-") as folder:
                _measure(Path(folder), rows, seconds)
    for engine, measured in seconds.items():
        _print_growth(engine, measured)


def _measure(folder: Path, rows: int, seconds: Mapping[EngineName, dict[int, float]]) -> None:
    make_company(folder, rows)
    connection, spine, _ = opened(folder, threads=2)
    spine.order_by("as_of", "account_id").to_parquet(folder / "snapshots.parquet")
    connection.disconnect()
    for engine in ENGINES:
        began = time.perf_counter()
        with computing_on(engine):
            _build(folder, folder / f"{engine}.parquet")
        seconds[engine][rows] = time.perf_counter() - began
    one, other = (ibis.read_parquet(folder / f"{engine}.parquet").to_pyarrow() for engine in ENGINES)
    keys = ["account_id", "as_of"]
    few = difference(one.sort_by([(k, "ascending") for k in keys]).slice(0, 10_000),
                     other.sort_by([(k, "ascending") for k in keys]).slice(0, 10_000), keys)  # fmt: skip
    for engine in ENGINES:
        print(f"{rows:14,} {engine:8} {seconds[engine][rows]:9.1f} {few.largest:20.2g}", flush=True)


def _build(folder: Path, path: Path) -> None:
    connection = new_connection()
    there = [name for name in TABLES if (folder / f"{name}.parquet").exists()]
    tables = {name: complete(connection.read_parquet(folder / f"{name}.parquet"), name) for name in there}
    absent = {name: ibis.memtable([], schema=schema(name)) for name in TABLES if name not in tables}
    snapshots = connection.read_parquet(folder / "snapshots.parquet")
    built = FAMILIES["usage"].build(snapshots, {**absent, **tables}, Settings())
    connection.to_parquet(built, path)


def _print_growth(engine: str, measured: Mapping[int, float]) -> None:
    *_, before, last = sorted(measured)
    exponent = math.log(measured[last] / measured[before]) / math.log(last / before)
    slope = max(measured[last] - measured[before], 0.0) / (last - before)
    ahead = ", ".join(f"{rows:,} rows {(measured[last] + slope * (rows - last)) / 3600:,.1f} h" for rows in AHEAD)
    print(f"{engine}: exponent {exponent:.2f}, {slope * 1e6:.2f} s a million rows on two threads; by a line: {ahead}")


if __name__ == "__main__":
    main()
