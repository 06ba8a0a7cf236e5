"""What watermelon flags and proposed weights are worth against the planted truth: `python -m benchmarks.companies`.

A tenth of the green accounts of each past date is flagged: ours by probability, the oracle's by the planted
probability, as many on each date; the share of ours in its recall of green churn, beside it the lowest health and what
was taught the truth (`benchmarks.reach`). Then the weights that `rind tune-health` proposes from a usage-heavy start,
on later folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table

from rind.models.common.resampling import Floats, account_draws, complete_dates, interval, outcome, ratio
from rind.pipelines.data import read, read_json
from rind.pipelines.params import Params, load
from rind.pipelines.stages import tune_health
from rind.pipelines.workspace import Workspace

GOALS = {"yearly": 0.92, "monthly": 0.80, "shifting": 0.92}
SHARE = 0.1
START = "health.weights={usage: 60, tickets: 10, contacts: 10, surveys: 10, engagement: 5, commercial: 5}"
DRAWS = 400


@dataclass(frozen=True)
class Measured:
    """One company: the record of its flags, recalls of tenth-long lists, and the proposal of weights."""

    record: dict[str, Any]
    recalls: dict[str, float]
    of_oracle: dict[str, float | None]
    proposal: dict[str, Any]


def measured(space: Workspace, params: Params, ranked: pd.DataFrame) -> Measured:
    """Of one company that was run, and its `reach.rows`: flags, and weights proposed from a usage-heavy start."""
    start = load(overrides=[f"source.url={params.source.url}", START])
    tune_health.run(space, start, lambda _: None)
    keys = ["account_id", "as_of"]
    rows = read(space.backtest).merge(ranked[[*keys, "p_90", "taught"]], on=keys, validate="one_to_one")
    recalls, of_oracle = against_the_truth(rows)
    return Measured(read_json(space.watermelons), recalls, of_oracle, read_json(space.health_score))


def against_the_truth(rows: pd.DataFrame) -> tuple[dict[str, float], dict[str, float | None]]:
    """Recall of green churn by lists of a tenth of each date's greens; ours as a share of the oracle's."""
    rows = rows[complete_dates(rows) & (rows["health_band"] == "green")]
    rules = {
        "ours": -rows["churn_probability"],
        "taught": -rows["taught"],
        "oracle": -rows["p_90"],
        "lowest health": rows["health_score"],
    }
    taken = {name: _tenth(rows, risk) for name, risk in rules.items()}
    left = outcome(rows["churned"])
    codes, names = pd.factorize(rows["account_id"], sort=True)
    caught = {name: np.bincount(codes, weights=left * pick) for name, pick in taken.items()}
    weights = account_draws(len(names), DRAWS, 0)
    limits = interval(ratio(weights @ caught["ours"], weights @ caught["oracle"]))
    share = caught["ours"].sum() / max(caught["oracle"].sum(), 1)
    recalls = {name: float(flagged.sum() / max(left.sum(), 1)) for name, flagged in caught.items()}
    return recalls, {"value": float(share), "low": limits and limits["low"], "high": limits and limits["high"]}


def _tenth(rows: pd.DataFrame, order: pd.Series) -> Floats:
    """1 for the tenth of each date's rows that comes first."""
    place = order.groupby(rows["as_of"]).rank(method="first")
    size = (SHARE * rows.groupby("as_of")["account_id"].transform("size")).round()
    return np.asarray((place <= size).to_numpy("float64"))


def caught(companies: Sequence[tuple[str, int, Measured]]) -> tuple[Table, Table]:
    """Flags, and proposed weights, a row per company: (scenario, seed, what was measured)."""
    flags = Table("scenario", "seed", "recall ours", "taught the truth", "oracle", "lowest health",
                  "share of the oracle", "goal", "flagged in the list", "precision", "base", "calendar", "skill",
                  title="green churn caught by a tenth of the green")  # fmt: skip
    weights = Table("scenario", "seed", "proposed", "AUC start", "AUC proposed", "difference", "recommended",
                    title="weights proposed from 60/10/10/10/5/5, on later folds")  # fmt: skip
    for scenario, seed, one in companies:
        _flags(flags, scenario, seed, one)
        _weights(weights, scenario, seed, one.proposal)
    return flags, weights


def _flags(table: Table, scenario: str, seed: int, measured: Measured) -> None:
    record, share = measured.record, measured.of_oracle
    table.add_row(
        scenario, str(seed), *(f"{measured.recalls[n]:.2f}" for n in ("ours", "taught", "oracle", "lowest health")),
        _range(share), f"{GOALS[scenario]:.2f}" if scenario in GOALS else "no claim", str(record["flagged_rows"]),
        _range({"value": record["precision"], **((record.get("intervals") or {}).get("precision") or {})}),
        *("-" if record[n] is None else f"{record[n]:.3f}" for n in ("base_rate", "calendar_rate")),
        "yes" if record["skill"] else "no claim",
    )  # fmt: skip


def _weights(table: Table, scenario: str, seed: int, record: dict[str, Any]) -> None:
    evidence, proposed = record["evidence"], "/".join(str(w) for w in record["proposed"].values())
    if evidence is None:
        table.add_row(scenario, str(seed), proposed, "-", "-", "-", record["words"])
        return
    aucs = (f"{evidence[who]['auc']:.3f}" for who in ("current", "proposed"))
    advice = f"{'yes' if record['recommend'] else 'no'}; curves: {'yes' if record['curves']['recommend'] else 'no'}"
    table.add_row(scenario, str(seed), proposed, *aucs, _range(evidence["difference"]["auc"], "+.3f"), advice)


def _range(value: dict[str, Any], form: str = ".2f") -> str:
    if value.get("value") is None or value.get("low") is None:
        return "-"
    return f"{value['value']:{form}} ({value['low']:{form}} to {value['high']:{form}})"
