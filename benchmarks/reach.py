"""How much of what could be known does the model know? `python -m benchmarks.reach [accounts] [seed ...]`

For every scenario of the demo company: the AUC of the planted probabilities is the best that anybody could do
(AUC*); reach = (AUC - 0.5) / (AUC* - 0.5) of the backtest's out-of-sample predictions on the same rows, for the
blend, its two parts, and naive rules. Seeds that no test or default uses.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score, roc_auc_score

from demo.company import make_company, write_company
from models.resampling import complete_dates
from pipelines.data import read
from pipelines.params import load
from pipelines.weekly import run_weekly

SCENARIOS = ("yearly", "monthly", "shifting", "null")
TERM_END = "commercial__days_to_term_end__now"
NAIVE = {
    "recency of use": ("usage__last_use__now", 1),
    "nearest term end": (TERM_END, -1),
    "last NPS": ("surveys__nps_last__ever", -1),
    "low use per seat": ("usage__active_users_per_seat__28d", -1),
}
MODELS = {
    "blend": "churn_probability",
    "boosting": "boosting_probability",
    "logistic": "logistic_probability",
}


def rows(scenario: str, accounts: int, seed: int, folder: Path) -> pd.DataFrame:
    """The backtest's judged rows of one company: predictions, naive features and the planted p_90."""
    write_company(make_company(accounts=accounts, seed=seed, scenario=scenario), folder / "company")
    params = load(overrides=[f"source.url={folder / 'company' / 'source'}"])
    run_weekly(folder / "out", params, Console(stderr=True, quiet=True))
    keys = ["account_id", "as_of"]
    history = read(folder / "out" / "backtest.parquet")
    judged = history[complete_dates(history)]
    features = read(folder / "out" / "features.parquet", [*keys, *(column for column, _ in NAIVE.values())])
    truth = read(folder / "company" / "truth" / "churn_probability.parquet")
    truth["as_of"] = truth["as_of"].astype(judged["as_of"].dtype)
    return judged.merge(features, on=keys).merge(truth[[*keys, "p_90"]], on=keys)


def reach(judged: pd.DataFrame) -> Iterator[tuple[str, float, float]]:
    """(name, share of the truth's AUC reach, share of its average precision) of every model and naive rule."""
    left = judged["churned"].astype(int)
    best = roc_auc_score(left, judged["p_90"]) - 0.5
    precise = average_precision_score(left, judged["p_90"])
    scores = {name: judged[column].astype(float) for name, column in MODELS.items()}
    for name, (column, sign) in NAIVE.items():
        known = sign * judged[column].astype(float)
        scores[name] = known.fillna(known.median() if known.notna().any() else 0.0)
    for name, score in scores.items():
        yield name, (roc_auc_score(left, score) - 0.5) / best, average_precision_score(left, score) / precise


def main(accounts: int, seeds: list[int]) -> None:
    """Print one table over all scenarios: means over the seeds."""
    table = Table("scenario", "AUC*", "base", *MODELS, *NAIVE, title=f"reach of AUC* / of AP*, {accounts} accounts")
    for scenario in SCENARIOS:
        found: dict[str, list[tuple[float, float]]] = {}
        best, base = [], []
        for seed in seeds:
            with tempfile.TemporaryDirectory() as made:
                judged = rows(scenario, accounts, seed, Path(made))
            best.append(roc_auc_score(judged["churned"].astype(int), judged["p_90"]))
            base.append(judged["churned"].mean())
            for name, of_auc, of_ap in reach(judged):
                found.setdefault(name, []).append((of_auc, of_ap))
        cells = [f"{np.mean(v, axis=0)[0]:.2f}/{np.mean(v, axis=0)[1]:.2f}" for v in found.values()]
        table.add_row(scenario, f"{np.mean(best):.3f}", f"{np.mean(base):.3f}", *cells)
        Console(stderr=True).print(f"{scenario}: done")
    Console(width=160).print(table)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(given[0] if given else 1500, given[1:] or [101])
