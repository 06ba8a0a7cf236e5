"""From the latent state to the log-odds of leaving, and the linear system that moves the state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rind.demo.clock import Bools, Clock, Floats, Ints
from rind.demo.scenarios import SEGMENTS, Dynamics, Scenario

_NUMBERS = ("value_friction", "people_money", "end", "notice", "between", "between_scale", "captive_at_end")
LONG_TERM_MONTHS = 6
LONG_NOTICE = (28, 91)  # days before the end of a term in which notice is given, last day exclusive
SHORT_NOTICE = (8, 22)
PLAYBOOKS = ("training", "executive_call", "support_sprint", "discount", "success_plan")
PLAYBOOK_EFFECTS = np.array(
    [
        [0.20, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.35, 0.0],
        [0.80, -1.40, 0.0, 0.0],  # works: the open problems are solved
        [-0.70, 0.0, 0.0, -1.30],  # harms: it draws eyes to the price
        [0.0, 0.0, 0.0, 0.0],  # does nothing
    ]
)  # on value, friction, people, money
PLAYBOOK_SHARES = np.array([0.2, 0.15, 0.25, 0.2, 0.2])
RENEWAL_IS_NEAR = (14, 91)  # days left of a long term in which the CSMs look closer, last day exclusive
TYPICAL_CARE = 0.022  # chance of an intervention in a week, of all accounts


def care_of(look: Floats, days_left: Ints, term_months: Ints) -> Floats:
    """Chance that a CSM intervenes in a week: of accounts that look bad (`look` is low), before their renewal."""
    low, high = RENEWAL_IS_NEAR
    near = (days_left >= low) & (days_left < high) & (term_months >= LONG_TERM_MONTHS)
    return sigmoid(-4.45 - 0.9 * look + 1.6 * near)


def sigmoid(x: Floats) -> Floats:
    """Logistic function; arguments of any shape."""
    out: Floats = 1.0 / (1.0 + np.exp(-x))
    return out


@dataclass(frozen=True)
class Forces:
    """The linear system: ``z' = mu + keep (z - mu) + push + noise``, with noise ~ N(0, covariance)."""

    keep: Floats  # (4, 4)
    covariance: Floats  # (4, 4), with what shocks and interventions add
    intervention: Floats  # (4,) mean effect of one


def make_forces(dynamics: Dynamics) -> Forces:
    """The matrices of a scenario's dynamics."""
    keep = np.diag(dynamics.keep)
    keep[0, 1], keep[0, 2] = dynamics.friction_on_value, dynamics.people_on_value
    shocks = np.array([0.0, dynamics.outage * dynamics.outage_shock**2,
                       dynamics.champion_leaves * dynamics.champion_shock**2,
                       dynamics.budget_cut * dynamics.budget_shock**2])  # fmt: skip
    playbooks = TYPICAL_CARE * PLAYBOOK_SHARES[:, None] * PLAYBOOK_EFFECTS
    covariance = np.diag(np.square(dynamics.noise) + shocks) + PLAYBOOK_EFFECTS.T @ playbooks
    return Forces(keep, covariance, PLAYBOOK_SHARES @ PLAYBOOK_EFFECTS)


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
class Rules:
    """The scenario's churn rules side by side (first axis), and which of them holds in each week.

    `number` below is the rule in force for each row.
    """

    weights: Floats  # (rules, segments, 4)
    value_friction: Floats
    people_money: Floats
    end: Floats
    notice: Floats
    between: Floats
    between_scale: Floats
    captive_at_end: Floats
    of_week: Ints  # long enough for any outlook

    def index(self, state: Floats, segment: Ints, number: Ints) -> Floats:
        """Churn index of each row's state: 0 is ordinary, higher is worse."""
        linear = (self.weights[number, segment] * state).sum(axis=1)
        crossed = self.value_friction[number] * state[:, 0] * state[:, 1]
        return np.asarray(linear + crossed + self.people_money[number] * state[:, 2] * state[:, 3])

    def gradient(self, state: Floats, segment: Ints, number: Ints) -> Floats:
        """Derivative of the index by the state, same shape as `state`."""
        first, second = self.value_friction[number, None], self.people_money[number, None]
        crossed = np.hstack([first * state[:, [1, 0]], second * state[:, [3, 2]]])
        return np.asarray(self.weights[number, segment] + crossed, dtype=np.float64)

    def curvature(self, covariance: Floats, number: Ints) -> Floats:
        """What the products add to the mean of the index when the state has this covariance."""
        crossed = self.value_friction * covariance[0, 1] + self.people_money * covariance[2, 3]
        return np.asarray(crossed[number], dtype=np.float64)

    def log_odds_at_term(self, number: Ints, captive: Bools, due: Bools) -> Floats:
        """Intercept of leaving at the end of a term where it is due, of giving notice elsewhere."""
        base = np.where(due, self.end[number], self.notice[number])
        return np.asarray(base + self.captive_at_end[number] * captive, dtype=np.float64)


def make_rules(scenario: Scenario, clock: Clock) -> Rules:
    """The scenario's rules as arrays."""
    specs = [scenario.rule] + ([scenario.late_rule] if scenario.late_rule else [])
    monday = clock.start + 7 * np.arange(clock.weeks + 60)
    late = (monday > clock.end - scenario.late_days) & (len(specs) > 1)
    numbers = {name: np.array([getattr(s, name) for s in specs]) for name in _NUMBERS}
    weights = np.array([[s.weights[name] for name in SEGMENTS] for s in specs])
    return Rules(weights=weights, of_week=late.astype(np.int64), **numbers)


def may_give_notice(days_left: Ints, term_months: Ints) -> Bools:
    """Whether the days left in the term, seen from a Monday, are in the notice window."""
    long = term_months >= LONG_TERM_MONTHS
    low = np.where(long, LONG_NOTICE[0], SHORT_NOTICE[0])
    high = np.where(long, LONG_NOTICE[1], SHORT_NOTICE[1])
    return np.asarray((days_left >= low) & (days_left < high))
