"""The bands of the health score under other weights, recomputed on past weeks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from rind.models.common.resampling import Floats, complete_dates, drawn_auc, outcome
from rind.models.health.score import with_fit

BANDS = ("red", "amber", "green")
Weights = Mapping[str, float]


@dataclass(frozen=True)
class WeightQuestion:
    """Weights of the families and where the bands begin.

    Parameters
    ----------
    weights
        Of all accounts but those of ``segments``.
    segments
        Segment -> its own weights.
    only
        Only the past of this segment; "" of all accounts.
    """

    weights: Weights
    amber_from: float
    green_from: float
    segments: Mapping[str, Weights] = field(default_factory=dict)
    only: str = ""

    def of(self, segment: str) -> Weights:
        """The weights of a segment; those of ``weights`` where it has none of its own ("" never has)."""
        return self.segments.get(segment, self.weights)

    @property
    def total(self) -> float:
        return sum(self.of(self.only).values())

    @property
    def key(self) -> Hashable:
        """Equal for equal questions."""
        own = tuple((name, tuple(weights.items())) for name, weights in sorted(self.segments.items()))
        return (tuple(self.weights.items()), self.amber_from, self.green_from, own, self.only)


@dataclass(frozen=True)
class Bands:
    """The bands on past dates whose outcomes are all known.

    Parameters
    ----------
    share, churn_rate
        Of each band: its part of the account weeks, and how many of those left within the horizon (0..1; None where
        the band is empty).
    caught
        Of the account weeks before a departure, the share in each band: red is churn that the score showed, green is
        green churn.
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


class PastHealth:
    """The health of each family and the outcome on past dates, as arrays.

    The points of each account come from the curves of its segment at the time. ``fit_factor`` maps the CSM's answer on
    fit to the factor on the weight of usage (``health.fit_usage_factor``).
    """

    def __init__(self, history: pd.DataFrame, fit_factor: Mapping[str, float] | None = None) -> None:
        columns = [c for c in history.columns if c.startswith("health_") and c != "health_fit"]
        self.families = [c.removeprefix("health_") for c in columns]
        known = history[complete_dates(history)] if len(history) else history
        self.points = known[columns].set_axis(self.families, axis=1)
        self.left = outcome(known["churned"]) if len(known) else np.empty(0)
        self.dates = int(known["as_of"].nunique()) if len(known) else 0
        self.segments = known["segment"].astype("object").fillna("").to_numpy() if "segment" in known else None
        self.fit = known["health_fit"] if "health_fit" in known and known["health_fit"].notna().any() else None
        self.fit_factor = dict(fit_factor or {})

    def scores(self, question: WeightQuestion) -> Floats:
        """The score of every past account week; NaN where it has none and outside the question's segment."""
        shares = pd.DataFrame({f: question.weights.get(f, 0.0) for f in self.families}, index=self.points.index)
        if self.segments is not None:
            for name, own in question.segments.items():
                shares.loc[self.segments == name, :] = [float(own.get(f, 0.0)) for f in self.families]
        scores: Floats = with_fit(self.points, shares, self.fit_factor, self.fit).to_numpy("float64")
        if question.only and self.segments is not None:
            scores = np.where(self.segments == question.only, scores, np.nan)
        return scores


def bands_under(past: PastHealth | None, question: WeightQuestion) -> Bands | None:
    """The bands of the past under these weights; None where the past has no family scores."""
    if past is None or not past.families or not len(past.left) or question.total <= 0:
        return None
    score = past.scores(question)
    known = np.isfinite(score)
    score, left = score[known], past.left[known]
    if not len(score):
        return None
    band_number = (score >= question.amber_from).astype(int) + (score >= question.green_from)
    counts = np.bincount(band_number, minlength=3)
    lost = np.bincount(band_number, weights=left, minlength=3)
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
    return float(drawn_auc(-score, left, *every_row_once)[0])
