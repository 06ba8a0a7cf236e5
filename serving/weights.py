"""What the bands of a health score would have caught, had other weights been in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.health import weighted
from models.resampling import Floats, auc, complete_dates, outcome

BANDS = ("red", "amber", "green")


class WeightQuestion:
    """Weights of the families and where the bands begin; can be a key."""

    def __init__(self, weights: Mapping[str, float], amber_from: float, green_from: float) -> None:
        self.weights = dict(weights)
        self.amber_from, self.green_from = amber_from, green_from

    def __hash__(self) -> int:
        return hash((tuple(self.weights.items()), self.amber_from, self.green_from))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WeightQuestion) and vars(self) == vars(other)

    @property
    def total(self) -> float:
        return sum(self.weights.values())


@dataclass(frozen=True)
class Bands:
    """What the bands would have told, on past dates whose outcomes are all known.

    Parameters
    ----------
    share, churn_rate
        Of each band: its part of the account weeks, and how many of those left within the horizon (0..1; None where
        the band is empty).
    caught
        Of the account weeks before a departure, the share that stood in each band: red is what would have been seen,
        green is green churn.
    auc
        Chance that an account that left had a lower score than one that stayed; None without both.
    rows, dates
        Account weeks and dates behind the figures.
    """

    share: dict[str, float]
    churn_rate: dict[str, float | None]
    caught: dict[str, float | None]
    auc: float | None
    rows: int
    dates: int


class Past:
    """The health of each family and the outcome on past dates, as arrays."""

    def __init__(self, history: pd.DataFrame) -> None:
        self.families = [c.removeprefix("health_") for c in history.columns if c.startswith("health_")]
        known = history[complete_dates(history)] if len(history) else history
        self.points = known[[f"health_{name}" for name in self.families]].set_axis(self.families, axis=1)
        self.left = outcome(known["churned"]) if len(known) else np.empty(0)
        self.dates = int(known["as_of"].nunique()) if len(known) else 0


def bands_under(past: Past | None, asked: WeightQuestion) -> Bands | None:
    """Recompute the score of every past account week under other weights; None where the past has no family scores."""
    if past is None or not past.families or not len(past.left) or asked.total <= 0:
        return None
    weights = {name: asked.weights.get(name, 0.0) for name in past.families}
    score = weighted(past.points, pd.DataFrame(weights, index=past.points.index)).to_numpy()
    known = np.isfinite(score)
    score, left = score[known], past.left[known]
    if not len(score):
        return None
    place = (score >= asked.amber_from).astype(int) + (score >= asked.green_from)
    counts = np.bincount(place, minlength=3)
    lost = np.bincount(place, weights=left, minlength=3)
    return Bands(
        share={band: float(counts[n] / len(score)) for n, band in enumerate(BANDS)},
        churn_rate={band: float(lost[n] / counts[n]) if counts[n] else None for n, band in enumerate(BANDS)},
        caught={band: float(lost[n] / lost.sum()) if lost.sum() else None for n, band in enumerate(BANDS)},
        auc=_auc(score, left),
        rows=len(score),
        dates=past.dates,
    )


def _auc(score: Floats, left: Floats) -> float | None:
    if not 0 < left.sum() < len(left):
        return None
    every_row_once = np.ones((1, 1)), np.zeros(len(left), dtype=np.intp)
    return float(auc(-score, left, *every_row_once)[0])
