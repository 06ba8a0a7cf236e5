"""The fate that accounts share: how far whole quarters lay from what their probabilities said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rind.models.book.shift import shift_to
from rind.models.common.resampling import Floats

PRIOR_SD = 0.25
"""Spread of the log-odds from quarter to quarter before any quarter was seen: 0.25 is a quarter more departures."""
PRIOR_QUARTERS = 3.0
BIAS_SD = 0.15
"""How far off a level of departures may lie in every quarter, in log-odds, before any quarter was seen."""


@dataclass(frozen=True)
class Residual:
    """One past quarter: the shift of the log-odds that explains its departures, and how well it is known."""

    shift: float
    standard_error: float


@dataclass(frozen=True)
class Shock:
    """What is to be added to the log-odds of a coming quarter: normal with this mean and spread."""

    mean: float = 0.0
    sd: float = PRIOR_SD


@dataclass(frozen=True)
class Level:
    """How far the departures lie from the model's in every quarter, as it is thought before any quarter was seen."""

    mean: float = 0.0
    sd: float = BIAS_SD


MODEL = Level()
"""The model's own."""


def halfway(shift: float) -> Level:
    """The level between two forecasts, the model's and one that lies at a shift of it.

    Which of them is right is not known: both count alike, and each lies one spread away.
    """
    return Level(shift / 2, (BIAS_SD**2 + (shift / 2) ** 2) ** 0.5)


def residual(probability: Floats, left: Floats) -> Residual | None:
    """How far a quarter lay from its probabilities; None where fewer than five departures were expected.

    Parameters
    ----------
    probability, left
        Per account: the probability of leaving by the quarter's end, and 1 or 0.
    """
    information = float((probability * (1 - probability)).sum())
    if probability.sum() < 5 or information <= 0:
        return None
    return Residual(shift_to(probability, float(left.sum())), information**-0.5)


def shock_of(residuals: Sequence[Residual], level: Level = MODEL) -> Shock:
    """The shock of the next quarter from those of earlier ones.

    The spread between quarters is that of the shifts beyond their own standard errors, pulled to `PRIOR_SD`; the mean
    is the shifts' weighted mean, pulled to the level; that the mean is uncertain widens the spread.
    """
    shifts = np.array([one.shift for one in residuals])
    errors = np.array([one.standard_error for one in residuals]) ** 2
    centre = float(np.average(shifts, weights=1 / (errors + PRIOR_SD**2))) if len(shifts) else 0.0
    centre *= len(shifts) / (len(shifts) + PRIOR_QUARTERS)
    beyond = max(float(((shifts - centre) ** 2 - errors).sum()), 0.0) if len(shifts) else 0.0
    variance = (beyond + PRIOR_QUARTERS * PRIOR_SD**2) / (len(shifts) + PRIOR_QUARTERS)
    weights = 1 / (variance + errors)
    precision = float(weights.sum()) + level.sd**-2
    mean = (float((weights * shifts).sum()) + level.mean * level.sd**-2) / precision
    return Shock(mean, float((variance + 1 / precision) ** 0.5))
