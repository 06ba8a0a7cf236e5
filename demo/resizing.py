"""How customers change what they buy: seats and plan, at a renewal or in the middle of a term; value and money pull."""

from __future__ import annotations

import numpy as np

from rind.demo.clock import Floats, Ints
from rind.demo.rules import LONG_TERM_MONTHS, sigmoid

RESIZED_IN_A_WEEK = 0.006
"""Chance that an account looks at its seats and plan in a week in the middle of a term."""

QUIET_DAYS = 14
"""Days before the end of a term in which it does not."""

SEATS_BY_VALUE, SEATS_BY_MONEY, SEATS_GROWTH, SEATS_NOISE = 0.06, 0.03, 0.01, 0.16
"""Of the log of the seats, when they are looked at."""

SEATS_RANGE = (2, 400)


def resized_at_renewal(term_months: Ints) -> Floats:
    """Chance that an account looks at its seats and plan when it renews."""
    return np.where(term_months >= LONG_TERM_MONTHS, 0.30, 0.04)


def seats_pull(state: Floats) -> Floats:
    """What value and money add to the log of the seats, when they are looked at; ``state``: (rows, latents)."""
    return np.asarray(SEATS_BY_VALUE * state[:, 0] + SEATS_BY_MONEY * state[:, 3] + SEATS_GROWTH)


def plan_up(state: Floats) -> Floats:
    """Chance of the next larger plan, when it is looked at; ``state``: (rows, latents)."""
    return np.asarray(0.08 * sigmoid(state[:, 0]))


def plan_down(state: Floats) -> Floats:
    """Chance of the next smaller plan."""
    return np.asarray(0.05 * sigmoid(-state[:, 3] - state[:, 0]))
