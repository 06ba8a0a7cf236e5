"""Whether accounts that did not get something are like those that got it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rind.common.facts.effects import OverlapBin
from rind.models.effects.settings import EffectSettings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TIMES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Chances to get it, in times of the mean chance."""


def comparable(chance: Floats, own: Bools, compared: Bools, settings: EffectSettings) -> Bools:
    """The compared rows whose chance to get it is not beyond what enough of the others have."""
    limit = min(settings.most_likely, highest_with_a_like(chance[compared & ~own], settings.fewest_alike))
    return compared & (chance <= limit)


def highest_with_a_like(untreated: Floats, fewest: int) -> float:
    """The highest chance that so many untreated rows have at least; beyond it nothing compares (0: too few rows)."""
    return float(np.sort(untreated)[-fewest]) if len(untreated) >= fewest else 0.0


def overlap_bins(chance: Floats, own: Bools, compared: Bools) -> list[OverlapBin]:
    """How many of both have which chance to get it, in `TIMES` of the mean one."""
    times = chance / own[compared].mean()
    counts = (np.histogram(times[part], [*TIMES, np.inf])[0] for part in (own, compared & ~own))
    return [
        OverlapBin(low=low, high=high, treated=int(one), comparable=int(other))
        for low, high, one, other in zip(TIMES, [*TIMES[1:], None], *counts, strict=True)
    ]
