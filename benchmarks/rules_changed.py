"""How often does the guard "the rules have changed" fire where they have, and where they have not?

`python -m benchmarks.rules_changed [accounts] [seed ...]` makes companies whose rules stay (yearly, monthly, null) and
companies whose rules change a year before the data end (shifting), on seeds that no test uses, and prints for each the
guard's p-value today, and as it would have been one and two quarters ago.

`python -m benchmarks.rules_changed FOLDER ...` prints the same of finished runs (the folder data/ of `dvc repro`): of a
company of your own, or of the demo.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.companies import judged, made_company
from rind.models.guards.rules import rules_changed
from rind.models.guards.settings import RulesChanged
from rind.pipelines.params import load
from rind.pipelines.stages.guards import scored_past
from rind.pipelines.workspace import Workspace

SCENARIOS = ("shifting", "yearly", "monthly", "null")
SEEDS = (4001, 4002, 4003)
LOOKS_DAYS = (0, 91, 182)
"""So many days before the data end the guard looks."""
QUICK = ("model.search_trials=0", "threads=1")


def looks(rows: pd.DataFrame, limits: RulesChanged) -> list[float | None]:
    """The guard's p-value at each of `LOOKS_DAYS`, from the outcomes that were known then; None: too few had left."""
    last = rows["as_of"].max()
    known = [rows[rows["as_of"] <= last - pd.Timedelta(days=days)] for days in LOOKS_DAYS]
    return [rules_changed(each, limits).measured["p_value"] for each in known]


def companies(accounts: int, seeds: Sequence[int]) -> Iterator[tuple[str, pd.DataFrame]]:
    """(scenario and seed, the rows that the guard looks at), one company after the other."""
    for seed in seeds:
        for scenario in SCENARIOS:
            with made_company(accounts, seed, scenario, *QUICK) as (params, folder):
                yield f"{scenario} {seed}", scored_past(judged(params, folder / "run", "backtest"))


def runs(folders: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The same of finished runs."""
    for folder in folders:
        yield folder, scored_past(Workspace(Path(folder), Path(folder, "mlruns")))


def main(of: Iterator[tuple[str, pd.DataFrame]]) -> None:
    """Print a line a company as it is done, and at the end how many looks fired."""
    limits = load().guards.model.rules_changed
    table = Table("company", *(f"p, {days} days ago" if days else "p, today" for days in LOOKS_DAYS))
    fired: dict[str, list[bool]] = defaultdict(list)
    for name, rows in of:
        values = looks(rows, limits)
        table.add_row(name, *("too few left" if p is None else f"{p:.4f}" for p in values))
        kind = name.split()[0] if name.startswith(SCENARIOS) else "runs"
        fired[kind] += [p < limits.p_value for p in values if p is not None]
        Console(stderr=True).print(f"{name}: {values}")
    console = Console(width=120)
    console.print(table)
    for kind, which in fired.items():
        console.print(f"{kind}: fired at {sum(which)} of {len(which)} looks (p < {limits.p_value})")


if __name__ == "__main__":
    given = sys.argv[1:]
    if given and not given[0].isdigit():
        main(runs(given))
    else:
        numbers = [int(text) for text in given]
        main(companies(numbers[0] if numbers else 1500, numbers[1:] or SEEDS))
