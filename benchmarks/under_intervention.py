"""What a model should learn from accounts on which somebody acts.

`python -m benchmarks.under_intervention [accounts] [seed ...]` makes companies whose truth is known, on seeds that no
test uses, and scores their past three times: rows under an intervention teach as much as any other
(``model.intervention_weight`` 1), half as much, nothing. It prints, on the same rows: AUC and average precision on all
rows, on rows under an intervention and on the others; and, for interventions of the demo's truth, the mean probability
beside the true one without and with the intervention, and the rank correlation with the true one without it.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.companies import judged, made_company
from rind.models.churn.backtest import roll
from rind.models.churn.estimators import Hyperparameters
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.evaluation.metrics import auc, average_precision, measure
from rind.pipelines.data import read, read_json
from rind.pipelines.labels_as_known import weighed_outcomes
from rind.pipelines.params import Params
from rind.pipelines.training_inputs import directions, first_reported, folds, snapshots
from rind.pipelines.workspace import Workspace

SCENARIOS = ("yearly", "monthly")
SEEDS = (1101,)
WEIGHTS = (1.0, 0.5, 0.0)
RANKING = {"auc": auc, "average_precision": average_precision}
QUICK = ("model.search_trials=0", "model.bags=1", "threads=1")
DRAWS = 100


def scored(space: Workspace, params: Params) -> pd.DataFrame:
    """One row per reported past row with a known outcome: account_id, as_of, churned, acted, and w1, w0.5, w0."""
    rows, all_folds = snapshots(space), folds(space, params)
    hyper = Hyperparameters(**read_json(space.hyperparameters)["chosen"])
    start = pd.Timestamp(first_reported(all_folds, params, space))
    made = pd.DataFrame()
    for weight in WEIGHTS:
        settings = params.model.model_copy(update={"intervention_weight": weight})
        rolled = roll(
            rows, all_folds, directions(space), hyper, settings, params.model.train_every_days,
            outcomes=weighed_outcomes(space, rows.outcomes, weight), threads=params.threads, seed=params.seed,
        )  # fmt: skip
        past = rolled.predictions[rolled.predictions["trained_as_of"] >= start]
        past = past[[*KEYS, "churned", "churn_probability"]].rename(columns={"churn_probability": f"w{weight:g}"})
        made = past if made.empty else made.merge(past.drop(columns="churned"), on=KEYS, validate="one_to_one")
    made = made[complete_dates(made)]
    acted = read(space.under_intervention, KEYS).assign(acted=True)
    joined = made.merge(acted, on=KEYS, how="left", validate="one_to_one")
    return joined.assign(acted=joined["acted"].notna(), mrr=0.0)


def against_truth(rows: pd.DataFrame, truth: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By weight: mean probability at the start of interventions, and its rank correlation with the true one without."""
    begun = truth.drop_duplicates(KEYS).merge(rows, on=KEYS, validate="one_to_one")
    ranks = begun["p_90_without"].rank()
    return {
        "true": {"without": float(begun["p_90_without"].mean()), "with": float(begun["p_90_with"].mean())},
        **{
            f"w{weight:g}": {
                "mean": float(begun[f"w{weight:g}"].mean()),
                "rank": float(np.corrcoef(begun[f"w{weight:g}"].rank(), ranks)[0, 1]),
            }
            for weight in WEIGHTS
        },
    }


def company_table(title: str, rows: pd.DataFrame, truth: dict[str, dict[str, float]]) -> Table:
    """One line a weight, and how far each lies from keeping all."""
    shown = Table("weight", title=title)
    heads = ("AUC, all", "AP, all", "AUC, acted on", "AP, acted on", "AUC, others", "AP, others",
             "mean at a start", "rank to the truth without")  # fmt: skip
    for head in heads:
        shown.add_column(head, justify="right")
    parts = {"all": rows, "acted": rows[rows["acted"]], "others": rows[~rows["acted"]]}
    for weight in WEIGHTS:
        name = f"w{weight:g}"
        cells = list[str]()
        for part in parts.values():
            cells += _figures(part, name)
        shown.add_row(f"{weight:g}", *cells, f"{truth[name]['mean']:.1%}", f"{truth[name]['rank']:.3f}")
    return shown


def _figures(rows: pd.DataFrame, name: str) -> list[str]:
    """AUC and average precision; below keeping all (w1): the difference with its 95 % interval."""
    if rows["churned"].nunique() < 2:
        return ["-", "-"]
    if name == "w1":
        made: Any = measure(rows, {"w1": "w1"}, 2, 7, RANKING)["w1"]
        return [f"{made[key]['value']:.3f}" for key in RANKING]
    made = measure(rows, {name: name, "w1": "w1"}, DRAWS, 7, RANKING)[f"{name}_minus_w1"]
    return [f"{made[key]['value']:+.4f} ({made[key]['low']:+.4f}..{made[key]['high']:+.4f})" for key in RANKING]


def main(accounts: int, seeds: list[int]) -> None:
    """Print one table a company."""
    console = Console(width=200)
    for scenario in SCENARIOS:
        for seed in seeds:
            with made_company(accounts, seed, scenario, *QUICK) as (params, folder):
                space = judged(params, folder / "run", "search")
                rows = scored(space, params)
                truth = read(folder / "company" / "truth" / "effects.parquet")
            truth["as_of"] = truth["as_of"].astype(rows["as_of"].dtype)
            figures = against_truth(rows, truth)
            true = figures["true"]
            title = (
                f"{scenario} {seed}, {accounts} accounts: {len(rows)} rows, {rows['acted'].mean():.1%} under an "
                f"intervention; at a start truly {true['without']:.1%} without it, {true['with']:.1%} with it"
            )
            console.print(company_table(title, rows, figures))


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(given[0] if given else 800, given[1:] or list(SEEDS))
