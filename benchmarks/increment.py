"""What a new week of features costs with a store: as a share of the same features made from scratch, in the same run.

    python -m benchmarks.increment                           # 6 million rows of usage made here, 104 weekly dates
    python -m benchmarks.increment --rows 95000000 --repeats 1

The store is filled by the week before. Then one more week of rows has come: from scratch all dates are made; with the
store the rows are counted (is all that was there still the same?), the new week is reduced, and one date is made. Both
end with one file a family that holds all dates; that the files say the same is checked.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from benchmarks.profile_cost import add_accounts
from benchmarks.usage_cost import ACCOUNTS, HISTORY_WEEKS, WEEKS, make_company, peak_gib, timed
from rind.features.catalogue import Settings
from rind.features.matrix import build_family
from rind.features.sources import open_source
from rind.features.storage import load
from rind.features.storing import store
from rind.pipelines.data import write_lazily
from rind.pipelines.feature_keys import tables_of
from rind.pipelines.feature_store import FeatureStore
from rind.pipelines.kept_features import KeptFeatures
from rind.pipelines.known_parts import facts_of

FAMILIES = ("usage", "commercial")
"""Those whose tables the made company has."""

GOAL = 0.02
LAST = date(2024, 1, 1) + timedelta(weeks=HISTORY_WEEKS)
Cost = tuple[float, float]
"""Seconds of wall and of CPU."""


def main() -> None:
    """Make two weeks of a company and print what the second costs, both ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6_000_000, help="usage rows to make")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rind-bench-") as made:
        folder = Path(made)
        make_company(folder, args.rows)
        add_accounts(folder, absent=0)
        before, now = (Week.of(folder, LAST - timedelta(weeks=ago)) for ago in (1, 0))
        runs = [compare(before, now, folder) for _ in range(args.repeats)]
    report(args.rows, runs)


def report(rows: int, runs: list[tuple[Cost, Cost, Cost]]) -> None:
    """Print the medians of the repeats, and what a new week costs of a build from scratch."""
    print(f"{rows:,} usage rows, {ACCOUNTS:,} accounts, {WEEKS} dates, {' and '.join(FAMILIES)}, {len(runs)} repeats")
    print(f"{'':44s}{'wall s':>9s}{'CPU s':>9s}")
    for number, name in enumerate(("from scratch", "store: count what is known", "store: make and read")):
        print("{:44s}{:9.2f}{:9.2f}".format(name, *(median([run[number][i] for run in runs]) for i in range(2))))
    shares = (median([(run[1][i] + run[2][i]) / run[0][i] for run in runs]) for i in range(2))
    print("{:44s}{:9.1%}{:9.1%}".format(f"a new week, of a build from scratch (goal {GOAL:.0%})", *shares))
    print(f"peak memory {peak_gib():.2f} GiB")


median = statistics.median


@dataclass(frozen=True)
class Week:
    """The stored tables of a week, and its dates."""

    folder: Path
    last: date

    @classmethod
    def of(cls, source: Path, last: date) -> Week:
        """The tables of a source without the usage from the date ``last`` on."""
        folder = source / f"stored_{last}"
        with open_source(source) as opened:
            store(opened, folder)
        usage = ibis.duckdb.connect().read_parquet(folder / "usage.parquet")
        past = usage.filter(usage.occurred_at < ibis.timestamp(str(last)))
        past.to_parquet(folder / "cut.parquet", compression="zstd")
        (folder / "cut.parquet").replace(folder / "usage.parquet")
        return cls(folder, last)

    def tables(self) -> tuple[dict[str, ir.Table], ir.Table]:
        """The tables and the spine, on a connection of their own."""
        tables = load(self.folder)
        dates = [{"as_of": self.last - timedelta(weeks=ago)} for ago in range(WEEKS)]
        days = ibis.memtable(dates, schema={"as_of": "date"})
        spine = tables["accounts"].select("account_id").cross_join(days)
        return tables, tables["usage"].get_backend().create_table("spine", spine, temp=True)


def compare(before: Week, now: Week, folder: Path) -> tuple[Cost, Cost, Cost]:
    """From scratch; and with a store that the week before has filled: counting, and the rest."""
    kept = FeatureStore(folder / "store")
    shutil.rmtree(kept.folder, ignore_errors=True)
    write_kept(before, kept, folder / "before")
    scratch = timed(lambda: write_from_scratch(now, folder / "scratch"))
    shutil.rmtree(now.folder / ".known", ignore_errors=True)
    counting = timed(lambda: count(now, kept))
    making = timed(lambda: write_kept(now, kept, folder / "kept"))
    for family in FAMILIES:
        one, other = (read_in_order(folder / way / f"{family}.parquet") for way in ("scratch", "kept"))
        assert one.equals(other), f"{family} differs"
    return scratch, counting, making


def read_in_order(file: Path) -> pa.Table:
    """The features of a file by date and account."""
    return ibis.duckdb.connect().read_parquet(file).order_by("as_of", "account_id").to_pyarrow()


def count(week: Week, kept: FeatureStore) -> None:
    """Count what is known of the tables of the families."""
    tables, _ = week.tables()
    for name in sorted({table for family in FAMILIES for table in tables_of(family)}):
        facts_of(week.folder, name, tables[name], kept.folder)


def write_from_scratch(week: Week, folder: Path) -> None:
    """One file a family, made without a store."""
    tables, spine = week.tables()
    for family in FAMILIES:
        write_lazily(build_family(family, spine, tables, Settings()), folder / f"{family}.parquet")


def write_kept(week: Week, store: FeatureStore, folder: Path) -> None:
    """One file a family, made with a store."""
    tables, spine = week.tables()
    kept = KeptFeatures(store, week.folder, tables)
    for family in FAMILIES:
        kept.write_family(family, spine, Settings(), folder / f"{family}.parquet")


if __name__ == "__main__":
    main()
