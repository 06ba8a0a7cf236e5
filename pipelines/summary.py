"""What a run ends with on the terminal: the riskiest accounts, what the model measured, where everything lies."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rind.common.facts.run import Metrics
from rind.common.results import RESULTS
from rind.common.run_record import run_record
from rind.pipelines import tracking
from rind.pipelines.data import read, read_json
from rind.pipelines.workspace import Workspace
from rind.reports.facts import Interval, interval_words
from rind.reports.formats import MONTHS_A_YEAR, percent
from rind.reports.guard_text import ALARM_NOTES

SHOWN = (
    ("auc", "AUC"), ("average_precision", "average precision"), ("lift_at_10pct", "lift at 10 %"),
    ("brier", "Brier score"), ("calibration_slope", "calibration slope"),
)  # fmt: skip
NUMBERS = ("#", "ARR", "risk", "health")
PLACES = (*(RESULTS[name].path for name in ("risk_list_html", "risk_list_xlsx", "risk_list_csv", "metrics")), "plots")


def show(folder: Path, console: Console, top: int = 10) -> None:
    """Print the summary of the results in a folder; wide where the output is a file or a pipe."""
    if not console.is_terminal:
        console = Console(width=150)
    space = Workspace(folder, tracking=folder)
    run = run_record(space.run.read_bytes(), space.run)
    listed, metrics = read(space.risk_list).head(top), read_json(space.metrics)
    table = Table(title=f"The {len(listed)} riskiest accounts as of {run['as_of']}", show_lines=False)
    for name in ("#", "account", "segment", "ARR", "risk", "health", "why"):
        table.add_column(name, justify="right" if name in NUMBERS else "left")
    for row in listed.to_dict("records"):
        health = "-" if pd.isna(row["health_score"]) else f"{row['health_score']:.0f} {row['health_band']}"
        melon = " (watermelon)" if row["watermelon"] else ""
        why = "; ".join(reason for reason in (row["reason_1"], row["reason_2"]) if reason)
        who = (str(row["rank"]), row["name"] or str(row["account_id"]), _or_dash(row["segment"]))
        money = f"{MONTHS_A_YEAR * row['mrr']:,.0f}"
        cells = (*who, money, percent(row["churn_probability"]), health + melon, why)
        table.add_row(*(Text(cell) for cell in cells))  # a name may hold brackets: they are no markup
    if len(listed):
        console.print(table)
    for line in _alarms(run.get("facts") or {}):
        console.print(Text(line, style="bold red"), soft_wrap=True)
    console.print(_measured(metrics), highlight=False, markup=False)
    for note in read_json(space.validation)["notes"]:
        console.print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)
    places = {name: str(folder / name) for name in PLACES}
    if store := run.get("mlflow", {}).get("store"):
        places["MLflow store"] = tracking.present_address(folder, store)
    places["as pages"] = f"rind serve --dir {shlex.quote(str(folder))} --demo"
    console.print(
        "\n".join(f"{name:>16}  {place}" for name, place in places.items()),
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _alarms(facts: Mapping[str, Any]) -> list[str]:
    """What guards that fired say: why the list is empty, what is too good to be true, what is odd."""
    kept_back, too_good = facts.get("withheld"), facts.get("too_good")
    return [
        *([f"This list is withheld. {kept_back}"] if kept_back else []),
        *([f"Too good to be true: check before you act on this list. {too_good}"] if too_good else []),
        *(note for note in facts.get("notes") or () if note.startswith(ALARM_NOTES)),
    ]


def _or_dash(text: Any) -> str:
    return "-" if pd.isna(text) or not text else str(text)


def _measured(metrics: Metrics) -> str:
    rows = metrics["rows"]
    if not rows["rows"]:
        return "Nothing could be measured out of sample: no past date has all its outcomes yet."
    lines = [
        f"Measured out of sample on {rows['dates']} past dates, {rows['accounts']} accounts, "
        f"{rows['churned_accounts']} of them churned; base rate {rows['base_rate']:.1%}"
    ]
    for key, title in SHOWN:
        model, baseline = (interval_words(Interval.of(metrics[name].get(key)), 3) for name in ("model", "baseline"))
        lines.append(f"{title:>18}: {model}   logistic baseline {baseline}")
    auc = metrics["model"]["auc"]
    if auc["low"] is None or auc["low"] <= 0.5:
        lines.append("The interval covers 0.5: this model has shown no skill. Do not act on the order of the list.")
    renewals = metrics.get("renewals", {}).get("model", {}).get("auc")
    lines.append(f"Among accounts whose term ends inside the horizon: AUC {interval_words(Interval.of(renewals), 3)}")
    lines.append(metrics["watermelons"].get("words", ""))
    return "\n".join(lines)


if __name__ == "__main__":
    show(Path(sys.argv[1] if len(sys.argv) > 1 else "data"), Console())
