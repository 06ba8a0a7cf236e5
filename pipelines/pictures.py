"""The plots of a run as pictures, beside their data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from rind.pipelines.workspace import Workspace
from rind.reports.charts import AnyChart, auc_over_folds, gains, reliability, to_png
from rind.reports.watermelon_charts import lead_times, recall_within, trade_off

DECLARED = {
    "reliability": reliability,
    "gains": gains,
    "folds": auc_over_folds,
    "melon_recall": recall_within,
    "melon_lead": lead_times,
    "melon_trade_off": trade_off,
}
"""Table in plots/ -> its chart."""


def charts(space: Workspace) -> dict[str, AnyChart]:
    """Name -> chart of the backtest's curves; empty and missing tables make none."""
    tables = {name: pd.read_csv(path) for name in DECLARED if (path := space.plots / f"{name}.csv").exists()}
    kept = {name: t[t["model"] != "boosting"] if "model" in t else t for name, t in tables.items()}
    return {name: DECLARED[name](table) for name, table in kept.items() if len(table)}


def draw(space: Workspace, folder: Path) -> list[Path]:
    """Write every chart as PNG into a folder and return the paths."""
    paths = []
    for name, chart in charts(space).items():
        path = folder / f"{name}.png"
        to_png(chart, path)
        paths.append(path)
    return paths
