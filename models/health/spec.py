"""What defines the health score: curves, weights and bands, for all accounts and for single segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, Self

from pydantic import Field, model_validator

from rind.common.errors import ParamsError
from rind.common.families import FAMILIES
from rind.common.settings import NotNegative, Section

ANSWERS = {"fits": "yes", "unsure": "unsure", "misfits": "no"}
"""Word in the parameters -> the answer in the table. (To some readers of YAML a key `yes` is a truth value.)"""

Curves = dict[str, tuple[float, float]]
"""Feature -> (the value that gives 0 points, the value that gives 100)."""


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
        if not (isfinite(self.bad) and isfinite(self.good)) or self.bad == self.good:
            raise ParamsError(
                f"the curve of {self.feature} runs from bad = {self.bad:g} to good = {self.good:g}",
                "give two different finite numbers",
            )

    @property
    def family(self) -> str:
        return self.feature.split("__", 1)[0]


class Override(Section):
    """What one segment does otherwise: its weights (None: those of all; 0 where not named), the curves that differ."""

    weights: dict[str, int] | None = None
    curves: Curves = Field(default_factory=dict)


class HealthSpec(Section):
    """The whole definition of the score.

    Parameters
    ----------
    weights
        Family -> whole number; they add up to 100.
    curves
        Feature -> the value that gives 0 points and the one that gives 100; it belongs to the family of its prefix.
    amber_from, green_from
        The lowest score (0-100) that is amber, and that is green.
    segments
        Segment -> what it does otherwise. The bands hold for all.
    fit_usage_factor
        ``fits``, ``unsure`` or ``misfits``, which is what the CSM's answer to "does this use fit how they should be
        using it?" means -> factor >= 0 on the weight of usage.

    Raises
    ------
    ParamsError
        Weights, curves, bands or factors that make no score.
    """

    weights: dict[str, int]
    curves: Curves
    amber_from: float
    green_from: float
    segments: dict[str, Override] = Field(default_factory=dict)
    fit_usage_factor: dict[str, NotNegative] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _makes_a_score(self) -> Self:
        check_weights(self.weights)
        strangers = sorted({c.family for c in self.curve_list} - set(self.weights))
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
        wrong = {a: f for a, f in self.fit_usage_factor.items() if a not in ANSWERS or not 0 <= f < inf}
        if wrong:
            raise ParamsError(
                f"health.fit_usage_factor has {wrong}", f"give a number >= 0 for some of {', '.join(ANSWERS)}"
            )
        for segment in self.segments:
            self.of(segment)
        return self

    @property
    def curve_list(self) -> tuple[Curve, ...]:
        """The curves as they turn values into points."""
        return tuple(Curve(feature, bad, good) for feature, (bad, good) in self.curves.items())

    def changed(self, **changes: Any) -> HealthSpec:
        """The definition with other values in some of its fields, checked like a new one."""
        return HealthSpec(**{name: getattr(self, name) for name in HealthSpec.model_fields} | changes)

    def of(self, segment: object) -> HealthSpec:
        """The definition that holds for the accounts of one segment."""
        other = self.segments.get(str(segment))
        if other is None:
            return self.changed(segments={})
        weights = {f: other.weights.get(f, 0) for f in self.weights} if other.weights else self.weights
        return self.changed(weights=weights, curves=self.curves | other.curves, segments={})


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
