"""What the reasons of a list are worth: `python -m benchmarks.reasons DIR ...` counts them by kind.

`python -m benchmarks.reasons --truth [seed ...]` makes companies whose truth is known, and compares the first theme
that is told with what truly drives each account (`benchmarks.reason_truth`).
"""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import reason_truth
from benchmarks.reason_counts import KINDS, Counts, count


def main(arguments: list[str]) -> int:
    """Print one table."""
    if arguments[:1] == ["--truth"]:
        Console(width=200).print(reason_truth.printed([int(seed) for seed in arguments[1:]] or reason_truth.SEEDS))
        return 0
    table = Table("list", "accounts", *KINDS, "with a benchmark", "two usable", title="reasons by kind")
    for folder in map(Path, arguments):
        for band in ("red", None):
            _add(table, f"{folder} {band or 'all'}", count(folder, band))
    Console(width=200).print(table)
    return 0


def _add(table: Table, name: str, counts: Counts) -> None:
    share = f"{counts.two_usable / counts.accounts:.0%}" if counts.accounts else "-"
    kinds = (str(counts.kinds[kind]) for kind in KINDS)
    table.add_row(name, str(counts.accounts), *kinds, str(counts.benchmarked), f"{counts.two_usable} ({share})")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
