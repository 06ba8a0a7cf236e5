"""What defines the health score: curves, weights and bands, for all accounts and for single segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from rind.common.errors import ParamsError

FAMILIES = ("usage", "tickets", "contacts", "surveys", "engagement", "commercial")
ANSWERS = ("yes", "unsure", "no")


@dataclass(frozen=True)
class Curve:
    """How one feature becomes 0-100 points: 0 at ``bad``, 100 at ``good``, a line between, flat outside.

    ``bad`` may lie above or below ``good``; which of them is larger says the direction.
    The family is the part of ``feature`` before the first double underscore.
    """

    feature: str
    bad: float
    good: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.bad) and np.isfinite(self.good)) or self.bad == self.good:
            raise ParamsError(
                f"the curve of {self.feature} runs from bad = {self.bad:g} to good = {self.good:g}",
                "give two different finite numbers",
            )

    @property
    def family(self) -> str:
        return self.feature.split("__", 1)[0]

    def points(self, values: pd.Series) -> pd.Series:
        """0-100 for every value; empty stays empty."""
        numbers = pd.to_numeric(values).astype("float64")
        return ((numbers - self.bad) / (self.good - self.bad)).clip(0.0, 1.0) * 100.0


@dataclass(frozen=True)
class Override:
    """What one segment does otherwise: its weights (None: those of all; 0 where not named), the curves that differ."""

    weights: Mapping[str, int] | None = None
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True)
class HealthSpec:
    """The whole definition of the score, as ``params.yaml`` gives it.

    Parameters
    ----------
    weights
        Family -> whole number; they add up to 100.
    curves
        The named features; each belongs to the family of its name's prefix.
    amber_from, green_from
        The lowest score (0-100) that is amber, and that is green.
    segments
        Segment -> what it does otherwise. The bands hold for all.
    fit_usage_factor
        The CSM's answer to "does this use fit how they should be using it?" -> factor >= 0 on the weight of usage.
    """

    weights: Mapping[str, int]
    curves: tuple[Curve, ...]
    amber_from: float
    green_from: float
    segments: Mapping[str, Override] = field(default_factory=dict)
    fit_usage_factor: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_weights(self.weights)
        strangers = sorted({c.family for c in self.curves} - set(self.weights))
        if strangers:
            raise ParamsError(
                f"health curves of families without a weight: {', '.join(strangers)}",
                f"give each a weight (0 is one), or take its curves out; weighted: {', '.join(self.weights)}",
            )
        if not 0 <= self.amber_from <= self.green_from <= 100:
            raise ParamsError(
                f"health bands: amber from {self.amber_from:g}, green from {self.green_from:g}",
                "give 0 <= amber_from <= green_from <= 100",
            )
        wrong = {a: f for a, f in self.fit_usage_factor.items() if a not in ANSWERS or not 0 <= f < np.inf}
        if wrong:
            raise ParamsError(
                f"health.fit_usage_factor has {wrong}", f"give a number >= 0 for some of {', '.join(ANSWERS)}"
            )
        for segment in self.segments:
            self.of(segment)

    def of(self, segment: object) -> HealthSpec:
        """The definition that holds for the accounts of one segment."""
        other = self.segments.get(str(segment))
        if other is None:
            return replace(self, segments={})
        own = {c.feature: c for c in other.curves}
        curves = tuple(own.pop(c.feature, c) for c in self.curves) + tuple(own.values())
        weights = {f: other.weights.get(f, 0) for f in self.weights} if other.weights else self.weights
        return replace(self, weights=weights, curves=curves, segments={})


def check_weights(weights: Mapping[str, int]) -> None:
    """Refuse weights that are not whole numbers >= 0 of known families adding up to 100."""
    unknown = sorted(set(weights) - set(FAMILIES))
    if unknown:
        raise ParamsError(
            f"health weights of unknown families: {', '.join(unknown)}",
            f"the families are {', '.join(FAMILIES)}",
        )
    if any(w < 0 or w != int(w) for w in weights.values()) or sum(weights.values()) != 100:
        raise ParamsError(
            f"the health weights {dict(weights)} add up to {sum(weights.values()):g}",
            "give whole numbers >= 0 that add up to 100",
        )
