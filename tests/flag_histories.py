"""Histories of scored accounts, for the tests of the watermelon flags."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from rind.models.watermelons import evaluation
from rind.models.watermelons.flags import Rule
from rind.models.watermelons.settings import WatermelonSettings
from rind.pipelines.params import load

MONDAY = pd.Timestamp("2023-01-02")

PARAMS = load()


def rule(**other: Any) -> Rule:
    """The shipped rule, but for what is named; horizon_days and grace_days are of its labels."""
    label = {name: other.pop(name) for name in ("horizon_days", "grace_days") if name in other}
    beside = {name: other.pop(name) for name in ("draws", "seed") if name in other}
    settings = WatermelonSettings(**(PARAMS.watermelons.model_dump() | other))
    shipped = Rule(settings, PARAMS.labels.model_copy(update=label), PARAMS.metrics.bootstrap_draws, PARAMS.seed)
    return replace(shipped, **beside)


def measure(flagged: pd.DataFrame, draws: int, horizon_days: int = 90) -> dict[str, Any]:
    return evaluation.flag_figures(flagged, draws, 0, horizon_days)


def week(number: int) -> pd.Timestamp:
    return MONDAY + pd.Timedelta(weeks=number)


def rows(*records: tuple[Any, ...]) -> pd.DataFrame:
    """(account, week, probability, band, days to churn or None) -> history; 90 days of horizon, all known."""
    frame = pd.DataFrame(records, columns=["account_id", "week", "churn_probability", "health_band", "days_to_churn"])
    frame["as_of"] = [week(w) for w in frame.pop("week")]
    frame["days_to_churn"] = frame["days_to_churn"].astype("float64")
    frame["churned"] = (frame["days_to_churn"] <= 90).astype("float64")
    return frame.assign(health_score=80.0, watermelon_threshold=0.5)


def company(seed: int, skill: float, accounts: int = 200, weeks: int = 45) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=accounts)
    leaves_after = rng.exponential(np.exp(6.3 - skill * risk))
    parts = []
    for number in range(weeks):
        here = leaves_after > 7 * number
        ahead = np.ceil(leaves_after[here] - 7 * number)
        green = rng.random(here.sum()) < 0.7
        parts.append(
            pd.DataFrame(
                {
                    "account_id": np.flatnonzero(here),
                    "as_of": week(number),
                    "churn_probability": 1 / (1 + np.exp(2 - risk[here])),
                    "health_score": np.where(green, 80.0, 50.0) + rng.normal(size=here.sum()),
                    "health_band": np.where(green, "green", "amber"),
                    "churned": (ahead <= 90).astype("float64"),
                    "days_to_churn": np.where(ahead <= 90, ahead, np.nan),
                    "mrr": rng.lognormal(6, 1, here.sum()),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
