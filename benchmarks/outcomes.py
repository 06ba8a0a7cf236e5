"""How much of what could be known of contraction and expansion do their models know?

`python -m benchmarks.outcomes [accounts] [seed ...]`: companies whose truth is planted (`demo.true_changes`), each
through the weekly stages up to the outcomes. On the reported rows of each backtest: the AUC and average precision of
the planted probabilities, the best that anybody could do, and the share of both that each model reaches;
reach = (AUC - 0.5) / (AUC* - 0.5). One line a company; accounts to which it happened say how little there is to learn
from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.companies import SEEDS, judged, made_company
from rind.models.common.frames import KEYS
from rind.pipelines.data import read, read_json
from rind.pipelines.workspace import Workspace

SCENARIOS = ("yearly", "monthly", "shifting")
OUTCOMES = {"contraction": "contraction_90", "expansion": "expansion_90"}
MODELS = {"blend": "probability", "LightGBM": "boosting_probability", "logistic": "logistic_probability"}
HEAD = ("outcome", "accounts", "base rate", "planted", "AUC*", "AP*", *(f"{m}: reach / AP" for m in MODELS), "slope")


def lines(space: Workspace, truth: Path) -> Iterator[tuple[str, ...]]:
    """One line of figures per outcome of a company that has a backtest."""
    planted = read(truth / "mrr_change_probability.parquet")
    for name, column in OUTCOMES.items():
        backtest = space.outcomes / name / "backtest.parquet"
        if backtest.exists():
            yield (name, *_figures(_known(read(backtest), planted), column, _slope(space, name)))


def _known(history: pd.DataFrame, planted: pd.DataFrame) -> pd.DataFrame:
    """The rows of the dates whose outcomes are all known, beside the planted probabilities."""
    known = history[history["happened"].notna().groupby(history["as_of"]).transform("all")]
    return known.merge(planted.assign(as_of=planted["as_of"].astype(known["as_of"].dtype)), on=KEYS)


def _figures(rows: pd.DataFrame, planted: str, slope: str) -> Iterator[str]:
    happened = rows["happened"].astype(int)
    best, precise = roc_auc_score(happened, rows[planted]), average_precision_score(happened, rows[planted])
    yield f"{rows.loc[happened == 1, 'account_id'].nunique()}"
    yield from (f"{happened.mean():.4f}", f"{rows[planted].mean():.4f}", f"{best:.3f}", f"{precise:.3f}")
    for column in MODELS.values():
        reach = (roc_auc_score(happened, rows[column]) - 0.5) / (best - 0.5)
        yield f"{reach:.2f} / {average_precision_score(happened, rows[column]) / precise:.2f}"
    yield slope


def _slope(space: Workspace, name: str) -> str:
    """The calibration slope with its 95 % interval, as the run measured it."""
    figure = read_json(space.outcomes / name / "metrics.json")["model"]["calibration_slope"]
    if figure["value"] is None or figure["low"] is None:
        return "-"
    return f"{figure['value']:.2f} ({figure['low']:.2f} to {figure['high']:.2f})"


def table(companies: list[tuple[str, int, tuple[str, ...]]]) -> Table:
    """All companies: (scenario, seed, figures)."""
    printed = Table("scenario", "seed", *HEAD, title="Contraction and expansion against the planted probabilities")
    for scenario, seed, figures in companies:
        printed.add_row(scenario, str(seed), *figures)
    return printed


def main(accounts: int, seeds: list[int]) -> None:
    """Print the table."""
    companies = []
    for scenario in SCENARIOS:
        for seed in seeds:
            with made_company(accounts, seed, scenario, "model.search_trials=0") as (params, folder):
                space = judged(params, folder / "run", "outcomes")
                companies += [(scenario, seed, figures) for figures in lines(space, folder / "company" / "truth")]
            Console(stderr=True).print(f"{scenario} {seed}: done")
    Console(width=220).print(table(companies))


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(given[0] if given else 1500, given[1:] or list(SEEDS))
