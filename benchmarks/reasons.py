"""What the reasons of a list are worth: `python -m benchmarks.reasons DIR ...` counts them by kind.

`python -m benchmarks.reasons --truth [yearly|monthly|shifting ...] [seed ...] [--accounts N]` makes companies whose
truth is known, and compares the first theme that is told with what truly drives an account (`benchmarks.reason_truth`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import reason_truth
from benchmarks.reason_counts import KINDS, Counts, count


def main(arguments: list[str]) -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reasons", description=__doc__)
    parser.add_argument("of", nargs="*", help="folders of results; with --truth scenarios and seeds")
    parser.add_argument("--truth", action="store_true", help="make companies and compare with their planted truth")
    parser.add_argument("--accounts", type=int, default=reason_truth.ACCOUNTS, help="of a made company")
    given = parser.parse_args(arguments)
    if given.truth:
        table = reason_truth.printed(*_scenarios_and_seeds(parser, given.of), given.accounts)
    else:
        table = Table(
            "list", "accounts", *KINDS, "with a benchmark", "two usable", "fewer unsaid", title="reasons by kind"
        )
        for folder in map(Path, given.of):
            for band in ("red", None):
                _add(table, f"{folder} {band or 'all'}", count(folder, band))
    Console(width=200).print(table)
    return 0


def _scenarios_and_seeds(parser: argparse.ArgumentParser, words: list[str]) -> tuple[list[str], list[int]]:
    scenarios = [word for word in words if word in reason_truth.SCENARIOS]
    unknown = [word for word in words if not word.isdigit() and word not in scenarios]
    if unknown:
        parser.error(f"neither a seed nor one of {', '.join(reason_truth.SCENARIOS)}: {', '.join(unknown)}")
    seeds = [int(word) for word in words if word.isdigit()]
    return scenarios or list(reason_truth.SCENARIOS), seeds or list(reason_truth.SEEDS)


def _add(table: Table, name: str, counts: Counts) -> None:
    share = f"{counts.two_usable / counts.accounts:.0%}" if counts.accounts else "-"
    kinds = (str(counts.kinds[kind]) for kind in KINDS)
    table.add_row(
        name,
        str(counts.accounts),
        *kinds,
        str(counts.benchmarked),
        f"{counts.two_usable} ({share})",
        str(counts.unsaid),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
