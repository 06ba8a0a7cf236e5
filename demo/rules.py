"""From the latent state to the log-odds of leaving, and the linear system that moves the state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.clock import Bools, Clock, Floats, Ints
from demo.scenarios import SEGMENTS, ChurnRule, Dynamics, Scenario

LONG_TERM_MONTHS = 6
LONG_NOTICE = (28, 91)  # days before the end of a term in which notice is given, last day exclusive
SHORT_NOTICE = (8, 22)
PLAYBOOKS = ("training", "executive_call", "support_sprint", "discount", "success_plan")
PLAYBOOK_EFFECTS = np.array(
    [
        [0.20, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.35, 0.0],
        [0.0, -0.45, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.40],
        [0.1, -0.1, 0.1, 0.0],
    ]
)  # on value, friction, people, money
PLAYBOOK_SHARES = np.array([0.25, 0.2, 0.2, 0.1, 0.25])


def sigmoid(x: Floats) -> Floats:
    """Logistic function; arguments of any shape."""
    out: Floats = 1.0 / (1.0 + np.exp(-x))
    return out


@dataclass(frozen=True)
class Forces:
    """The linear system: ``z' = mu + keep (z - mu) + push + noise``, with noise ~ N(0, covariance)."""

    keep: Floats  # (4, 4)
    covariance: Floats  # (4, 4), with the variance that shocks add
    intervention: Floats  # (4,) mean effect of one


def make_forces(dynamics: Dynamics) -> Forces:
    """The matrices of a scenario's dynamics."""
    keep = np.diag(dynamics.keep)
    keep[0, 1], keep[0, 2] = dynamics.friction_on_value, dynamics.people_on_value
    shocks = np.array([0.0, dynamics.outage * dynamics.outage_shock**2,
                       dynamics.champion_leaves * dynamics.champion_shock**2,
                       dynamics.budget_cut * dynamics.budget_shock**2])  # fmt: skip
    return Forces(keep, np.diag(np.square(dynamics.noise) + shocks), PLAYBOOK_SHARES @ PLAYBOOK_EFFECTS)


def expected_push(dynamics: Dynamics, forces: Forces, champion: Bools, care: Floats) -> Floats:
    """Mean weekly push on the state, (accounts, 4): shocks and interventions by their rates.

    `champion`: whether one is there to lose; `care`: chance of an intervention in a week.
    """
    push = np.outer(care, forces.intervention)
    push[:, 1] += dynamics.outage * dynamics.outage_shock
    push[:, 2] += dynamics.champion_leaves * dynamics.champion_shock * champion
    push[:, 3] += dynamics.budget_cut * dynamics.budget_shock
    return push


@dataclass(frozen=True)
class Rule:
    """A churn rule as arrays over segments."""

    weights: Floats  # (segments, 4)
    spec: ChurnRule

    def index(self, state: Floats, segment: Ints) -> Floats:
        """Churn index of each account's state: 0 is ordinary, higher is worse."""
        linear = (self.weights[segment] * state).sum(axis=-1)
        value, friction, people, money = np.moveaxis(state, -1, 0)
        crossed = self.spec.value_friction * value * friction + self.spec.people_money * people * money
        return np.asarray(linear + crossed, dtype=np.float64)

    def gradient(self, state: Floats, segment: Ints) -> Floats:
        """Derivative of the index by the state, same shape as `state`."""
        slope = self.weights[segment].copy()
        slope[..., 0] += self.spec.value_friction * state[..., 1]
        slope[..., 1] += self.spec.value_friction * state[..., 0]
        slope[..., 2] += self.spec.people_money * state[..., 3]
        slope[..., 3] += self.spec.people_money * state[..., 2]
        return slope

    def curvature(self, covariance: Floats) -> float:
        """What the products add to the mean of the index when the state has this covariance."""
        both = self.spec.value_friction * covariance[0, 1] + self.spec.people_money * covariance[2, 3]
        return float(both)

    def chances(self, index: Floats, captive: Bools) -> tuple[Floats, Floats, Floats]:
        """Chance to leave at a term's end, to give notice in a week, to leave in a week in between."""
        extra = self.spec.captive_at_end * captive
        return (
            sigmoid(self.spec.end + extra + index),
            sigmoid(self.spec.notice + extra + index),
            sigmoid(self.spec.between + self.spec.between_scale * index),
        )


def rules_in_force(scenario: Scenario, clock: Clock) -> tuple[tuple[Rule, ...], NDArray[np.int64]]:
    """The scenario's rules, and which of them holds in each week (long enough for any outlook)."""
    specs = [scenario.rule] + ([scenario.late_rule] if scenario.late_rule else [])
    rules = tuple(Rule(np.array([s.weights[name] for name in SEGMENTS]), s) for s in specs)
    monday = clock.start + 7 * np.arange(clock.weeks + 60)
    late = (monday > clock.end - scenario.late_days) & (len(rules) > 1)
    return rules, late.astype(np.int64)


def may_give_notice(days_left: Ints, term_months: Ints) -> Bools:
    """Whether the days left in the term, seen from a Monday, are in the notice window."""
    long = term_months >= LONG_TERM_MONTHS
    low = np.where(long, LONG_NOTICE[0], SHORT_NOTICE[0])
    high = np.where(long, LONG_NOTICE[1], SHORT_NOTICE[1])
    return np.asarray((days_left >= low) & (days_left < high))
