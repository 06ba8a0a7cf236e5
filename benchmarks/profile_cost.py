"""What profile, validation and setting aside cost on a large usage table: as a multiple of one bare group-by scan.

    python -m benchmarks.profile_cost                        # 6 million rows, then 24 million, made here
    python -m benchmarks.profile_cost --rows 6000000

Two of the 2,000 accounts are missing, so that some rows break a rule and are set aside. Bare scan and work alternate in
one process on the same Parquet and threads.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import ibis

from benchmarks.usage_cost import ACCOUNTS, BARE, make_company, timed
from rind.features.guards.source import source_guards
from rind.features.profile.source import profile_source
from rind.features.setting_aside import rows_set_aside
from rind.features.sources import open_source
from rind.features.storing import store_rows
from rind.features.validation import check
from rind.pipelines.params import load
from rind.pipelines.stages.validate import need

GOAL = 1.5
COUNTED = ("open", "validate", "profile", "set aside")
Cost = tuple[float, float]
"""Seconds of wall and of CPU."""


def main() -> None:
    """Make the tables of each size and print what the work on them costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[6_000_000, 24_000_000], help="usage rows to make")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    for rows in args.rows:
        with tempfile.TemporaryDirectory(prefix="rind-bench-") as made:
            folder = Path(made)
            make_company(folder, rows)
            add_accounts(folder)
            compare(folder, rows, args.repeats)


def add_accounts(folder: Path, absent: int = 2) -> None:
    """The accounts, all but a few: their rows of usage and their subscriptions meet none."""
    ibis.duckdb.connect().raw_sql(f"""COPY (SELECT 'A' || lpad(a::VARCHAR, 5, '0') AS account_id, 'n' || a AS name,
        DATE '2023-01-01' AS signed_on FROM range({ACCOUNTS - absent}) r(a)) TO '{folder}/accounts.parquet'""")


def compare(folder: Path, rows: int, repeats: int) -> None:
    """Print what each part costs, and all but the guards together as a multiple of the bare scan."""
    runs = [(bare(folder), worked(folder)) for _ in range(repeats)]
    scan = median([scan for scan, _ in runs])
    print(f"{rows:,} usage rows, medians of {repeats}")
    print(f"{'':44s}{'wall s':>9s}{'CPU s':>9s}")
    print(f"{'one bare group-by scan':44s}{scan[0]:9.2f}{scan[1]:9.2f}")
    for part in (*COUNTED, "guards"):
        print("{:44s}{:9.2f}{:9.2f}".format(part, *median([work[part] for _, work in runs])))
    whole = [(ratio(work, scan, 0), ratio(work, scan, 1)) for scan, work in runs]
    print("{:44s}{:9.2f}{:9.2f}\n".format(f"{', '.join(COUNTED)}: scans (goal {GOAL:g})", *median(whole)))


def ratio(work: Mapping[str, Cost], scan: Cost, which: int) -> float:
    """All that counts as a multiple of the scan, in wall (0) or CPU (1)."""
    return sum(work[part][which] for part in COUNTED) / scan[which]


def median(pairs: Sequence[Cost]) -> Cost:
    """The median of wall and of CPU."""
    return (statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs))


def bare(folder: Path) -> Cost:
    """What one bare scan costs, in an engine of its own."""
    con = ibis.duckdb.connect()
    con.raw_sql(f"CREATE VIEW usage AS SELECT * FROM read_parquet('{folder}/usage.parquet')")
    cost = timed(lambda: con.raw_sql(BARE))
    con.disconnect()
    return cost


def worked(folder: Path) -> dict[str, Cost]:
    """What each part of the work costs."""
    params, clock = load(), Clock()
    with clock.part("open"):
        source = open_source(folder)
    with source, tempfile.TemporaryDirectory(prefix="rind-bench-") as aside:
        with clock.part("validate"):
            checked = check(source, settings=params.validation, need=need(params))
        end = checked.report.data_end
        with clock.part("profile"):
            profile_source(source, checked.counts, end, params.labels.grace_days)
        with clock.part("set aside"):
            store_rows(source, rows_set_aside(source, checked.sieves), Path(aside) / "rows")
        assert end is not None
        with clock.part("guards"):
            source_guards(source.tables, set(source.tables), end, end, params.labels.grace_days, params.guards.source)
    return clock.costs


class Clock:
    """Wall and CPU seconds by part."""

    def __init__(self) -> None:
        self.costs: dict[str, Cost] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.costs[name] = (time.perf_counter() - wall, time.process_time() - cpu)


if __name__ == "__main__":
    main()
