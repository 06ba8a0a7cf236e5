"""How much skill there is on the real companies of ../shared/real: `python -m benchmarks.real`.

Runs `rind run` on each in a process of its own, and compares its order with naive rules on the same rows. Much of
an AUC can be mechanical: a yearly contract that ends next year cannot be left this month. So each company is also
measured on the snapshots that can leave at all, as far as the calendar tells ("open").
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from rich.console import Console
from rich.table import Table

from rind.common.facts.run import Measured, Metrics
from rind.models.common.resampling import complete_dates
from rind.models.evaluation.metrics import METRICS, measure
from rind.pipelines.data import read, read_json
from rind.reports.facts import RunFacts, measures

HERE = Path(__file__).parent
REAL = HERE.parent.parent / "shared" / "real"
RECENCY, TERM_END = "usage__last_use__now", "commercial__days_to_term_end__now"
FAR = 10_000.0  # days; stands for "never used" and for "no end known"


@dataclass(frozen=True)
class Company:
    """A folder of ../shared/real, and which of its snapshots can leave within the horizon by the calendar."""

    name: str
    open_means: str
    is_open: Callable[[pd.DataFrame], pd.Series]


COMPANIES = (
    Company("learning365", "term ends within the horizon", lambda t: t["commercial__term_ends_in_horizon__now"] == 1),
    # a spell of buying ends 120 days after its last order, so within 90 days only after 30 days of silence
    Company("wholesale", "no order for 30 days", lambda t: t[RECENCY].fillna(FAR) >= 30),
)


@dataclass(frozen=True)
class Cost:
    """Wall seconds and peak memory (MiB) of a run."""

    seconds: float
    peak: float


def main() -> int:
    """Print the table; 0 when every company ran, or none is there."""
    console = Console(width=150)
    if not REAL.is_dir():
        console.print(f"skipped: the real companies are not here ({REAL})")
        return 0
    for company in COMPANIES:
        if not (REAL / company.name).is_dir():
            console.print(f"skipped: {REAL / company.name} is not there")
            continue
        with tempfile.TemporaryDirectory(prefix="rind-real-") as folder:
            cost = run(company, Path(folder))
            if cost is None:
                return 1
            show(console, company, Path(folder), cost)
    return 0


def run(company: Company, out: Path) -> Cost | None:
    """`rind run` in a process of its own; None when it failed (it has said why)."""
    command = [
        sys.executable,
        "-m",
        "rind.pipelines.cli",
        "run",
        "--source",
        str(REAL / company.name),
        "--out",
        str(out),
    ]
    command += ["--params", str(HERE / f"{company.name}.yaml"), *sys.argv[1:]]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=HERE.parent, env={**os.environ}) as process:
        peaks: list[float] = []
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks))
        watcher.start()
        failed = process.wait() != 0
        watcher.join()
    return None if failed else Cost(time.perf_counter() - start, max(peaks, default=float("nan")))


def show(console: Console, company: Company, out: Path, cost: Cost) -> None:
    """One table a company: all known rows, and the open ones."""
    rows = scored(out)
    metrics, facts = read_json(out / "metrics.json"), read_json(out / "run.json")
    labels = facts["parameters"]["labels"]
    title = f"{company.name}: churn within {labels['horizon_days']} days, out of sample (AUC, 95 % interval by account)"
    table = Table(
        "rows", "accounts", "of them left", "base rate", "model", "baseline", "recency", "term end", title=title
    )
    for name, part in (("all", rows), (company.open_means, rows[company.is_open(rows)])):
        figures = aucs(part)
        lost = part.loc[part["churned"] == 1, "account_id"].nunique()
        cells = (
            f"{len(part):,} {name}",
            f"{part['account_id'].nunique():,}",
            f"{lost:,}",
            f"{part['churned'].mean():.1%}",
        )
        table.add_row(*cells, *(_figure_words(figures[rule]) for rule in ("model", "baseline", "recency", "term end")))
    console.print(table)
    console.print(f"   the run on itself: {verdict(metrics)}")
    console.print(
        f"   {sum(facts['tables'].values()):,} rows read, {cost.seconds:.0f} s, {cost.peak:,.0f} MiB at the peak\n"
    )


def scored(out: Path) -> pd.DataFrame:
    """One row per snapshot of the backtest on dates with all outcomes known, with what the naive rules need."""
    keys = ["account_id", "as_of"]
    columns = [RECENCY, TERM_END, "commercial__term_ends_in_horizon__now"]
    backtest = read(out / "backtest.parquet")
    return backtest[complete_dates(backtest)].merge(read(out / "features.parquet", [*keys, *columns]), on=keys)


def aucs(rows: pd.DataFrame) -> dict[str, Measured]:
    """AUC of the model, its baseline and two naive rules: longest without use first, nearest end of term first."""
    ranked = rows.assign(
        recency=rows[RECENCY].astype("float64").fillna(FAR),
        term_end=-rows[TERM_END].astype("float64").fillna(FAR),
    )
    columns = {"model": "churn_probability", "recency": "recency", "term end": "term_end"}
    columns["baseline"] = "logistic_probability"
    ranks = ranked.assign(**{c: ranked[c].rank(pct=True) for c in columns.values()})  # AUC asks for the order only
    return measure(ranks, columns, draws=100, seed=7, metrics={"auc": METRICS["auc"]})


def verdict(metrics: Metrics) -> str:
    """The sentence that the list's reader gets."""
    day = pd.Timestamp(0).date()
    return RunFacts("", day, day, 0, np.nan, np.nan, measures(metrics["model"])).verdict


def _figure_words(measured: Measured) -> str:
    auc = measured["auc"]
    if auc["value"] is None:
        return "-"
    return f"{auc['value']:.3f} ({auc['low']:.3f}-{auc['high']:.3f})"


def _watch(pid: int, peaks: list[float]) -> None:
    """Sample the memory of the process and its children until it ends."""
    while True:
        try:
            parent = psutil.Process(pid)
            family = [parent, *parent.children(recursive=True)]
            if parent.status() == psutil.STATUS_ZOMBIE:
                return
            peaks.append(sum(p.memory_info().rss for p in family) / 2**20)
        except psutil.NoSuchProcess:
            return
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
