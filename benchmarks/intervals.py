"""Does the interval of an account hold its true probability?

`python -m benchmarks.intervals [accounts] [seed ...]` makes companies whose truth is known, on seeds that no test uses,
scores the past of each as it could have been, and prints the share of rows whose planted probability lies inside their
90 % interval (goal: 85 to 95 %).

`python -m benchmarks.intervals FOLDER ...` prints the same of companies that were made and run before: each folder
holds company/ (of `rind demo`) and run/ (a workspace).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.companies import SEEDS, judged, made_company
from benchmarks.honesty import coverage
from rind.models.common.frames import KEYS
from rind.pipelines.data import read
from rind.pipelines.params import load
from rind.pipelines.workspace import Workspace

SCENARIOS = ("yearly", "monthly", "shifting")


def companies(accounts: int, seeds: Sequence[int]) -> Iterator[tuple[str, Path]]:
    """(scenario and seed, folder) of each company, made and run; the folder is gone when the next one is asked for."""
    for scenario in SCENARIOS:
        for seed in seeds:
            with made_company(accounts, seed, scenario) as (params, folder):
                judged(params, folder / "run", "backtest")
                yield f"{scenario} {seed}", folder


def main(made: Iterator[tuple[str, Path]]) -> None:
    """Print one row a company."""
    table = Table("company", "departures", "inside", "inside, little known", "median width")
    params = load()
    for name, folder in made:
        space = Workspace(folder / "run", folder / "run" / "mlruns")
        truth = read(folder / "company" / "truth" / "churn_probability.parquet", [*KEYS, "p_90"])
        truth["as_of"] = truth["as_of"].astype(read(space.predictions, KEYS)["as_of"].dtype)
        shares = coverage(space, params, truth)
        cells = [f"{shares[part]:.2f}" for part in ("all", "little known", "width")]
        table.add_row(name, f"{shares['departures']:.0f}", *cells)
        Console(stderr=True).print(f"{name}: inside {', '.join(cells)}")
    Console(width=120).print(table)


if __name__ == "__main__":
    given = sys.argv[1:]
    if given and not given[0].isdigit():
        main((folder, Path(folder)) for folder in given)
    else:
        numbers = [int(text) for text in given]
        main(companies(numbers[0] if numbers else 1500, numbers[1:] or SEEDS))
