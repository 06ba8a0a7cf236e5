"""Are probabilities what they say, and do their intervals hold the planted ones? Printed by `benchmarks.companies`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rich.table import Table

from rind.models.churn.uncertainty import little_known, may_decide, probability_interval
from rind.models.common.frames import KEYS
from rind.models.evaluation.metrics import Drawn, Ranking, calibration_slope
from rind.pipelines.data import read, read_json
from rind.pipelines.params import Params
from rind.pipelines.workspace import Workspace

Judgement = tuple[str, float, dict[str, float]]
"""A company: its name, the calibration slope of its past, and what `coverage` says."""


def judge(name: str, space: Workspace, params: Params, rows: pd.DataFrame) -> Judgement:
    """What the past probabilities of one company were worth.

    Parameters
    ----------
    rows
        Of `benchmarks.reach.rows`.
    """
    truth = rows[[*KEYS, "p_90"]]
    return name, slope(rows), coverage(space, params, truth)


def slope(judged: pd.DataFrame) -> float:
    """Slope of who left on the log-odds of the probability: 1 is right, below 1 is overconfident (Cox 1958)."""
    churned, probability = (judged[name].to_numpy("float64") for name in ("churned", "churn_probability"))
    ranking = Ranking(churned, probability, np.zeros(len(judged)))
    return calibration_slope(Drawn(ranking, np.ones(len(judged))))


def coverage(space: Workspace, params: Params, truth: pd.DataFrame) -> dict[str, float]:
    """Share of past rows whose planted probability lies inside their 90 % interval: of all, and where little is known.

    Parameters
    ----------
    truth
        One row per (account_id, as_of): p_90.
    """
    past = read(space.predictions)
    past = past[past["reported"]].reset_index(drop=True)
    features = past[KEYS].merge(read(space.features), on=KEYS, validate="one_to_one")
    little = little_known(features, params.horizons)
    churned = int(read_json(space.model / "scorer.json")["notes"]["churned_accounts"])
    low, high = probability_interval(past["churn_probability"], little, may_decide(features), churned, params.horizons)
    planted = past[KEYS].merge(truth, on=KEYS, how="left")["p_90"].to_numpy("float64")
    inside = pd.Series((planted >= low) & (planted <= high)).where(~np.isnan(planted))
    return {
        "departures": churned, "all": float(inside.mean()), "little known": float(inside[little].mean()),
        "width": float(np.median(high - low)),
    }  # fmt: skip


def table(companies: Sequence[Judgement]) -> Table:
    """One row a company."""
    title = "are the probabilities right? (goals: slope 0.9 to 1.1; 0.85 to 0.95 inside the 90 % interval)"
    printed = Table("company", "departures", "slope", "inside", "inside, little known", "median width", title=title)
    for name, line, shares in companies:
        cells = [f"{shares[part]:.2f}" for part in ("all", "little known", "width")]
        printed.add_row(name, f"{shares['departures']:.0f}", f"{line:.2f}", *cells)
    return printed
