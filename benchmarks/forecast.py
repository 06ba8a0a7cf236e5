"""What the forecast of revenue is worth: `python -m benchmarks.forecast [accounts] [seed ...]`.

Companies on seeds that no test and no default uses, through the weekly stages up to the predictions of the past; then
each past quarter forecast as it could have been, beside what came: error and bias of the model and of last year's
rates, and how many outcomes the 80 % intervals held, of the company, its segments and its CSMs.

Goals: coverage of 70 to 90 %; a smaller error than last year's rates in at least two of three scenarios.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.companies import judged
from rind.demo.company import make_company, write_company
from rind.models.book.forecast import ALL
from rind.pipelines.data import read, write
from rind.pipelines.params import load
from rind.pipelines.stages import forecast
from rind.pipelines.workspace import Workspace

SCENARIOS = ("yearly", "monthly", "shifting")
SEEDS = (1101, 1102)
QUICK = ("model.search_trials=0", "model.bags=1", "threads=1")
GROUPS = {"company": "all accounts", "segments": "each segment", "CSMs": "each CSM"}


@dataclass(frozen=True)
class Judged:
    """The quarters of one scenario that are over, every group of every company."""

    scenario: str
    rows: pd.DataFrame

    def of(self, group: str) -> pd.DataFrame:
        """The rows of the companies, of their segments or of their CSMs."""
        whole_segment, whole_csm = self.rows["segment"] == ALL, self.rows["csm"] == ALL
        mask = {"company": whole_segment & whole_csm, "segments": ~whole_segment, "CSMs": ~whole_csm}[group]
        return self.rows[mask]


def forecast_quarters(source: Path, root: Path) -> pd.DataFrame:
    """forecast.parquet of a company, the rows whose quarter is over."""
    params = load(overrides=[f"source.url={source}", *QUICK])
    space: Workspace = judged(params, root, "backtest")
    predicted = read(space.predictions)
    write(predicted.head(0).assign(model_version="none"), space.scores)  # the past needs no scores of today
    forecast.run(space, params, lambda _: None)
    made = read(space.forecast)
    return made[made["arr_actual"].notna()]


def table(judged_scenarios: list[Judged]) -> Table:
    """One line a scenario and group."""
    made = Table("scenario", "group", "forecasts", "in the 80 % interval", "error", "last year's rates", "bias",
                 "bias of the rates", title="forecast of revenue by quarter, as shares of ARR")  # fmt: skip
    every = [*judged_scenarios, Judged("all", pd.concat([one.rows for one in judged_scenarios]))]
    for one in every:
        for group in GROUPS:
            rows = one.of(group)
            inside = (rows["low"] <= rows["arr_actual"]) & (rows["arr_actual"] <= rows["high"])
            both = rows[rows["arr_naive"].notna()]
            model, naive = ((both[name] - both["arr_actual"]) / both["arr"] for name in ("arr_expected", "arr_naive"))
            made.add_row(
                one.scenario, group, str(len(rows)), f"{inside.mean():.0%}", f"{model.abs().mean():.2%}",
                f"{naive.abs().mean():.2%}", f"{model.mean():+.2%}", f"{naive.mean():+.2%}",
            )  # fmt: skip
    return made


def main(accounts: int, seeds: list[int]) -> None:
    """Print the table."""
    scenarios = []
    for scenario in SCENARIOS:
        parts = []
        for seed in seeds:
            with tempfile.TemporaryDirectory() as made:
                company = Path(made, "company")
                write_company(make_company(accounts=accounts, seed=seed, scenario=scenario), company)
                parts.append(forecast_quarters(company / "source", Path(made, "run")).assign(company=seed))
            Console(stderr=True).print(f"{scenario} {seed}: {parts[-1]['quarter'].nunique()} quarters")
        scenarios.append(Judged(scenario, pd.concat(parts)))
    console = Console(width=160)
    console.print(f"{accounts} accounts, seeds {', '.join(map(str, seeds))}")
    console.print(table(scenarios))


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(given[0] if given else 1000, given[1:] or list(SEEDS))
