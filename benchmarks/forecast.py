"""What the forecast of revenue is worth: `python -m benchmarks.forecast [accounts] [seed ...] [scenario ...]`.

Companies on seeds that no test and no default uses, through the weekly stages up to the predictions of the past; then
each past quarter, and each of its months, forecast as it could have been, beside what came: error and bias of that and
of last year's rates alone, and how many outcomes the 80 % intervals held, of the company, its segments and its CSMs.
Once with all that the models of the day said, once without contraction and expansion, once without the curve of leaving
either.

Goals: coverage of 70 to 90 %; a smaller error than last year's rates in at least two of three scenarios.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
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


WHOLE, NO_CHANGES, BARE = "all models", "without contraction and expansion", "nor the curve of leaving"
VARIANTS = (WHOLE, NO_CHANGES, BARE)
PERIODS = ("quarter", "month")


def period_forecasts(source: Path, root: Path) -> pd.DataFrame:
    """The forecasts of a company whose period is over: one row per variant, period (quarter, month), day and group."""
    params = load(overrides=[f"source.url={source}", *QUICK])
    space: Workspace = judged(params, root, "outcomes")
    made = []
    for variant in VARIANTS:
        if variant == NO_CHANGES:
            shutil.rmtree(space.outcomes)
        if variant == BARE:
            write(read(space.curves).head(0), space.curves)
        forecast.run(space, params, lambda _: None)
        for period, path in (("quarter", space.forecast), ("month", space.forecast_months)):
            rows = read(path).rename(columns={period: "first_day"})
            made.append(rows.assign(variant=variant, period=period))
    every = pd.concat(made, ignore_index=True)
    return every[every["arr_actual"].notna()]


def of_group(rows: pd.DataFrame, group: str) -> pd.DataFrame:
    """The rows of the companies, of their segments or of their CSMs."""
    whole_segment, whole_csm = rows["segment"] == ALL, rows["csm"] == ALL
    return rows[{"company": whole_segment & whole_csm, "segments": ~whole_segment, "CSMs": ~whole_csm}[group]]


def table(rows: pd.DataFrame, period: str) -> Table:
    """One line a scenario, variant and group."""
    made = Table("scenario", "with", "group", "forecasts", "in the 80 % interval", "error", "last year's rates", "bias",
                 "bias of the rates", title=f"forecast of revenue by {period}, as shares of ARR")  # fmt: skip
    own = rows[rows["period"] == period]
    together = [("all", own)] if own["scenario"].nunique() > 1 else []
    for scenario, some in (*own.groupby("scenario"), *together):
        for variant in VARIANTS:
            for group in GROUPS:
                made.add_row(
                    str(scenario), variant, group, *_figures(of_group(some[some["variant"] == variant], group))
                )
    return made


def _figures(rows: pd.DataFrame) -> list[str]:
    inside = (rows["low"] <= rows["arr_actual"]) & (rows["arr_actual"] <= rows["high"])
    both = rows[rows["arr_naive"].notna()]
    model, naive = ((both[name] - both["arr_actual"]) / both["arr"] for name in ("arr_expected", "arr_naive"))
    return [
        str(len(rows)), f"{inside.mean():.0%}", f"{model.abs().mean():.2%}", f"{naive.abs().mean():.2%}",
        f"{model.mean():+.2%}", f"{naive.mean():+.2%}",
    ]  # fmt: skip


def main(accounts: int, seeds: list[int], scenarios: tuple[str, ...] = SCENARIOS) -> None:
    """Print both tables."""
    parts = []
    for scenario in scenarios:
        for seed in seeds:
            with tempfile.TemporaryDirectory() as made:
                company = Path(made, "company")
                write_company(make_company(accounts=accounts, seed=seed, scenario=scenario), company)
                rows = period_forecasts(company / "source", Path(made, "run"))
            parts.append(rows.assign(company=seed, scenario=scenario))
            Console(stderr=True).print(f"{scenario} {seed}: {rows['first_day'].nunique()} months and quarters")
    console = Console(width=180)
    console.print(f"{accounts} accounts, seeds {', '.join(map(str, seeds))}")
    for period in PERIODS:
        console.print(table(pd.concat(parts, ignore_index=True), period))


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:] if text.isdigit()]
    named = tuple(text for text in sys.argv[1:] if not text.isdigit())
    main(given[0] if given else 1000, given[1:] or list(SEEDS), named or SCENARIOS)
