"""Many accounts scored with explanations, from a file into a file: rows a second, and the peak of memory at two sizes.

    python -m benchmarks.scoring                                # a demo company made here; 100,000 and 1,000,000 rows
    python -m benchmarks.scoring --results results/ 100000      # the model and the features of a run

The rows are drawn, with repeats, from the features of the run, under new account ids. Each size is scored in a process
of its own, so that its peak is its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.usage_cost import peak_gib

GOAL = 6500
"""Rows a second on two cores."""

ROWS_WRITTEN = 50_000


def main() -> None:
    """Score as many rows as asked for and print what it takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--results", type=Path, help="a folder of results; default: a run of a demo company made here")
    parser.add_argument("--accounts", type=int, default=2000, help="of the demo company")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--score", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.score:
        score(args.results, args.score, args.threads)
        return
    with tempfile.TemporaryDirectory(prefix="rind-bench-") as made:
        results = args.results or run_demo(Path(made), args.accounts)
        heads = "".join(f"{head:>10s}" for head in ("seconds", "rows/s", "CPU s", "peak GiB"))
        print(f"{'rows':>12s}{heads}   (goal {GOAL:,} rows/s, equal peaks)")
        for rows in args.rows:
            drawn = Path(made, "drawn.parquet")
            draw(results / "features.parquet", drawn, rows)
            command = [sys.executable, "-m", "benchmarks.scoring", "--results", str(results), "--score", str(drawn)]
            subprocess.run([*command, "--threads", str(args.threads)], check=True)


def run_demo(folder: Path, accounts: int) -> Path:
    """The results of a demo company without the search."""
    subprocess.run(["rind", "demo", "--out", folder / "demo", "--accounts", str(accounts)], check=True)
    source, results = folder / "demo" / "source", folder / "results"
    quick = ["--set", "model.search_trials=0"]
    subprocess.run(["rind", "run", "--source", source, "--out", results, *quick], check=True)
    return results


def draw(features: Path, file: Path, rows: int) -> None:
    """Write rows of the latest features, drawn with repeats, under ids that are new."""
    with pq.ParquetFile(features) as source:
        last = source.read_row_group(source.metadata.num_row_groups - 1)
    rng = np.random.default_rng(7)
    with pq.ParquetWriter(file, last.schema) as writer:
        for start in range(0, rows, ROWS_WRITTEN):
            count = min(ROWS_WRITTEN, rows - start)
            ids = pc.cast(pa.array(np.arange(start, start + count)), last.schema.field("account_id").type)
            part = last.take(pa.array(rng.integers(0, len(last), count)))
            writer.write_table(
                part.set_column(part.column_names.index("account_id"), last.schema.field("account_id"), ids)
            )


def score(results: Path, file: Path, threads: int) -> None:
    """Score a file and print a line."""
    import rind

    of_run = rind.results(results)
    of_run.model()
    start, cpu = time.perf_counter(), time.process_time()
    rows = of_run.score_file(file, file.with_name("scored.parquet"), explain=True, threads=threads)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(f"{rows:12,}{seconds:10.1f}{rows / seconds:10,.0f}{cpu:10.1f}{peak_gib():10.2f}")


if __name__ == "__main__":
    main()
