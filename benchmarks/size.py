"""What the whole weekly job costs as accounts grow: seconds a stage, peak memory, exponents of growth.

    python -m benchmarks.size 500 2000                       # made here, each run in a process of its own
    python -m benchmarks.size 2000 8000 20000 --folder /tmp/size --set backtest.days=364

The companies are made by the demo generator with few seats, contacts and tickets an account: what is left to cost is
accounts x dates. An exponent of 1 means that twice the accounts take twice the seconds. With ``--folder`` companies
that were made before are taken again, and results stay there for `python -m benchmarks.compare`. The peak of a stage is
that of the process while the stage ran, with what earlier stages left; only Linux gives it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pyarrow.parquet as pq

from benchmarks.usage_cost import peak_gib
from rind.common.files import write_json

SEATS = {"small_business": 3, "mid_market": 5, "enterprise": 8}
"""Median seats of each segment: a demo company has 6, 19 and 55."""

LIGHT = 0.3
"""Contacts, touch points and tickets, as a share of the demo company's."""

WORTH_A_LINE = 0.03
"""Share of the time from which on a stage has a line of its own."""


class Cost(NamedTuple):
    """Seconds of wall and of CPU, and the peak of memory in GiB (0: unknown)."""

    wall: float
    cpu: float
    peak: float


class Run(NamedTuple):
    """A run of so many accounts: its snapshots, and the cost of each stage."""

    accounts: int
    snapshots: int
    stages: dict[str, Cost]

    def whole(self) -> Cost:
        """All stages together."""
        walls, cpus, peaks = zip(*self.stages.values(), strict=True)
        return Cost(sum(walls), sum(cpus), max(peaks))


def main() -> None:
    """Make the companies, run each, and print what they cost."""
    args = arguments()
    if args.make:
        make(args.make, args.accounts[0])
        return
    if args.run:
        run(args.run, args.set)
        return
    with tempfile.TemporaryDirectory(prefix="rind-bench-") as made:
        folder = args.folder or Path(made)
        runs = [measure(folder / str(accounts), accounts, args.set) for accounts in sorted(args.accounts)]
    print("\n".join(report(runs)))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("accounts", type=int, nargs="*", default=[500, 2000], help="accounts of each company")
    parser.add_argument("--folder", type=Path, help="where companies and results stay; default: a temporary folder")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as for rind run")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(folder: Path, accounts: int, overrides: Sequence[str]) -> Run:
    """Make a company, where it is not there yet, and run the weekly job on it, each in a process of its own."""
    if not (folder / "source").exists():
        subprocess.run([sys.executable, "-m", "benchmarks.size", str(accounts), "--make", str(folder)], check=True)
    further = [part for override in overrides for part in ("--set", override)]
    subprocess.run([sys.executable, "-m", "benchmarks.size", "--run", str(folder), *further], check=True)
    costs = json.loads((folder / "costs.json").read_text(encoding="utf-8"))
    snapshots = pq.ParquetFile(folder / "results" / "features.parquet").metadata.num_rows
    return Run(accounts, snapshots, {stage: Cost(*cost) for stage, cost in costs.items()})


def make(folder: Path, accounts: int) -> None:
    """Write the tables of a company of many small customers."""
    from rind.demo.company import make_company, write_company
    from rind.demo.scenarios import SCENARIOS

    yearly = SCENARIOS["yearly"]
    segments = tuple(
        replace(
            segment,
            seats_median=SEATS[segment.name],
            contacts=LIGHT * segment.contacts,
            touch_rate=LIGHT * segment.touch_rate,
            ticket_rate=LIGHT * segment.ticket_rate,
        )
        for segment in yearly.segments
    )
    write_company(make_company(accounts, scenario=replace(yearly, segments=segments)), folder)


def run(folder: Path, overrides: Sequence[str]) -> None:
    """Run the weekly job into ``folder/results`` and write what each stage cost to ``folder/costs.json``."""
    from rich.console import Console

    from rind.pipelines import weekly
    from rind.pipelines.params import load
    from rind.pipelines.runner import timed
    from rind.pipelines.workspace import Workspace

    costs = dict[str, Cost]()

    @contextmanager
    def measured(space: Workspace, stage: str) -> Iterator[None]:
        """Note beside the seconds what else a stage costs."""
        forget_peak()
        wall, cpu = time.perf_counter(), cpu_seconds()
        with timed(space, stage):
            yield
        costs[stage] = Cost(time.perf_counter() - wall, cpu_seconds() - cpu, peak_gib())
        write_json(folder / "costs.json", costs)  # a run that is ended early leaves what it measured

    params = load(None, [f"source.url={folder / 'source'}", "source.name=Many accounts", *overrides])
    with patch.object(weekly, "timed", measured):
        missing = weekly.run_weekly(folder / "results", params, Console(stderr=True))
    if missing:
        sys.exit(f"parts are missing: {missing}")


def cpu_seconds() -> float:
    """Seconds of CPU of this process, its threads and the children that have ended."""
    return sum(os.times()[:4])


def forget_peak() -> None:
    """Let the process's peak of memory begin anew."""
    counters = Path("/proc/self/clear_refs")
    if counters.exists():
        counters.write_text("5", encoding="ascii")


def exponent(small: Run, large: Run, before: float, after: float) -> float:
    """Of the growth of a cost with accounts x dates: 1 where it grows as they do."""
    if min(before, after) <= 0:
        return math.nan
    return math.log(after / before) / math.log(large.snapshots / small.snapshots)


def report(runs: Sequence[Run]) -> list[str]:
    """Lines: each stage that takes more than `WORTH_A_LINE` in any run, then the whole; then how they grow."""
    lines = [f"{'':22s}" + "".join(f"{f'{run.accounts:,} accounts':>30s}" for run in runs) + growth_head(runs)]
    lines.append(f"{'':22s}" + "".join(f"{f'{run.snapshots:,} snapshots':>30s}" for run in runs))
    lines.append(f"{'':22s}" + f"{'wall s':>10s}{'CPU s':>10s}{'peak GiB':>10s}" * len(runs))
    lines += [line(stage, [run.stages.get(stage, Cost(0, 0, 0)) for run in runs], runs) for stage in large_stages(runs)]
    return [*lines, line("whole", [run.whole() for run in runs], runs)]


def growth_head(runs: Sequence[Run]) -> str:
    """The head of the exponents, one for each size but the first."""
    return "".join(f"{f'{small.accounts}-{large.accounts}: CPU^, peak^':>28s}" for small, large in pairwise(runs))


def large_stages(runs: Sequence[Run]) -> list[str]:
    """The stages that take more than `WORTH_A_LINE` of the CPU or of the wall time of any run, in their order."""
    named = dict[str, None]()
    for run in runs:
        whole = run.whole()
        for stage, cost in run.stages.items():
            if cost.cpu > WORTH_A_LINE * whole.cpu or cost.wall > WORTH_A_LINE * whole.wall:
                named[stage] = None
    return [stage for stage in runs[-1].stages if stage in named]


def line(name: str, costs: Sequence[Cost], runs: Sequence[Run]) -> str:
    """What one stage costs at each size, and how that grows."""
    cells = "".join(f"{cost.wall:10.1f}{cost.cpu:10.1f}{cost.peak:10.2f}" for cost in costs)
    sizes = list(zip(runs, costs, strict=True))
    growth = "".join(
        f"{exponent(small, large, less.cpu, more.cpu):18.2f}{exponent(small, large, less.peak, more.peak):10.2f}"
        for (small, less), (large, more) in pairwise(sizes)
    )
    return f"{name:22s}{cells}{growth}"


if __name__ == "__main__":
    main()
