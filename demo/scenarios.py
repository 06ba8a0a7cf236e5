"""The numbers of the planted worlds: every quantity a person may vary, and nothing else.

A scenario says how customers are spread over segments, how their latent state moves, which rule turns
the latent state into churn, and which early behaviour lifts value for good (the True North moments).
Latents are in units of about one standard deviation between accounts; rates are per week.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

LATENTS = ("value", "friction", "people", "money")
SEGMENTS = ("small_business", "mid_market", "enterprise")
PLANS = ("starter", "team", "business")

Vector = tuple[float, float, float, float]


@dataclass(frozen=True)
class Segment:
    """One kind of customer: how many, how big, how dear, how it uses the product."""

    name: str
    share: float
    seats_median: float
    seats_spread: float  # standard deviation of log seats
    seat_price: float  # a month, on the middle plan
    plan_shares: Vector | tuple[float, float, float]
    contacts: float  # people known to the vendor when all is well
    touch_rate: float  # vendor's touch points a week
    ticket_rate: float  # support cases a week for an account of median size
    base: Vector  # mean latent state
    volume_from_value: float  # how much of the log usage volume follows value


@dataclass(frozen=True)
class Moment:
    """A True North rule: at least `count` of `measure` of `feature` in the first `within_days` days.

    `events` counts usage rows of the feature, `users` distinct users of it; day 0 is `signed_on`.
    Reaching it raises the account's mean value by `lift` from day `within_days` on, for good.
    """

    segment: str
    feature: str
    measure: Literal["events", "users"]
    count: int
    within_days: int
    lift: float = 1.6


@dataclass(frozen=True)
class Dynamics:
    """How the latent state moves from one week to the next: a stable linear system with shocks."""

    keep: Vector = (0.972, 0.958, 0.966, 0.972)
    noise: Vector = (0.07, 0.09, 0.08, 0.07)
    spread: Vector = (0.86, 0.74, 0.80, 0.88)  # between accounts
    friction_on_value: float = -0.012
    people_on_value: float = 0.006
    champion_leaves: float = 0.004
    champion_shock: float = -1.2  # on people
    budget_cut: float = 0.003
    budget_shock: float = -1.6  # on money
    outage: float = 0.02  # hits every account in the same week
    outage_shock: float = 0.35  # on friction


@dataclass(frozen=True)
class ChurnRule:
    """Log-odds of leaving as a function of the latent state, by kind of decision.

    ``index = weights . state + value_friction * value * friction + people_money * people * money``;
    each intercept is the log-odds at index 0: of not renewing at a term's end, of giving notice in one
    week of the notice window, of leaving in one week in the middle of a term.
    """

    weights: dict[str, Vector]
    value_friction: float
    people_money: float
    end: float
    notice: float
    between: float
    between_scale: float = 0.7
    captive_at_end: float = 0.7


@dataclass(frozen=True)
class Scenario:
    """A whole world: segments, contracts, dynamics, the rule of churn and the planted moments."""

    name: str
    term_months: dict[int, float]  # length of a term -> share of accounts
    rule: ChurnRule
    late_rule: ChurnRule | None = None  # in force in the last `late_days`
    late_days: int = 365
    moments: tuple[Moment, ...] = ()
    segments: tuple[Segment, ...] = ()
    dynamics: Dynamics = Dynamics()
    captive_share: float = 0.10
    old_share: float = 0.40  # customers before the data start
    back_in_grace: float = 0.03  # of those who leave
    back_later: float = 0.04


def _segments() -> tuple[Segment, ...]:
    small = Segment("small_business", 0.50, 6, 0.45, 29, (0.6, 0.35, 0.05), 4, 0.42, 0.16,
                    (-0.15, 0.05, -0.2, -0.2), 0.20)  # fmt: skip
    middle = Segment("mid_market", 0.35, 19, 0.45, 36, (0.2, 0.55, 0.25), 6, 0.58, 0.21,
                     (0.05, 0.0, 0.0, 0.05), 0.15)  # fmt: skip
    large = Segment("enterprise", 0.15, 55, 0.5, 44, (0.0, 0.35, 0.65), 10, 0.85, 0.30,
                    (0.25, 0.1, 0.25, 0.25), 0.10)  # fmt: skip
    return small, middle, large


def _rule(end: float, notice: float, between: float, strength: float = 1.0) -> ChurnRule:
    weights: dict[str, Vector] = {
        "small_business": (-1.05, 0.40, -0.45, -0.50),
        "mid_market": (-1.00, 0.50, -0.70, -0.40),
        "enterprise": (-0.80, 0.45, -1.05, -0.30),
    }
    scaled: dict[str, Vector] = {
        name: (v * strength, f * strength, p * strength, m * strength) for name, (v, f, p, m) in weights.items()
    }
    return ChurnRule(scaled, -0.22 * strength, 0.18 * strength, end, notice, between)


def _shifted(rule: ChurnRule) -> ChurnRule:
    """People matter little any more, money and friction much more."""
    turned: dict[str, Vector] = {
        name: (0.65 * v, 1.8 * f, 0.1 * p, 2.6 * m) for name, (v, f, p, m) in rule.weights.items()
    }
    return replace(rule, weights=turned, people_money=0.0, end=rule.end - 0.2, notice=rule.notice - 0.2)


def _meaningless(rule: ChurnRule) -> ChurnRule:
    """Nothing but the contract's calendar matters; intercepts make up for the lost spread."""
    zero: dict[str, Vector] = dict.fromkeys(SEGMENTS, (0.0, 0.0, 0.0, 0.0))
    return replace(rule, weights=zero, value_friction=0.0, people_money=0.0, captive_at_end=0.0,
                   end=rule.end + 0.4, notice=rule.notice + 0.4, between=rule.between + 0.2)  # fmt: skip


MOMENTS = (
    Moment("small_business", "data_import", "events", 6, 14),
    Moment("mid_market", "shared_report", "users", 5, 30),
    Moment("enterprise", "workflow_run", "users", 8, 60),
)
_YEARLY = {12: 0.86, 24: 0.06, 6: 0.08}
_MONTHLY = {1: 0.85, 3: 0.10, 12: 0.05}
_yearly_rule = _rule(end=-1.72, notice=-4.22, between=-6.9, strength=0.80)

SCENARIOS: dict[str, Scenario] = {
    "yearly": Scenario("yearly", _YEARLY, _yearly_rule, moments=MOMENTS, segments=_segments()),
    "monthly": Scenario(
        "monthly", _MONTHLY, _rule(end=-4.65, notice=-5.95, between=-7.65, strength=1.0), moments=MOMENTS,
        segments=_segments(),
    ),
    "shifting": Scenario(
        "shifting", _YEARLY, _yearly_rule, late_rule=_shifted(_yearly_rule), moments=MOMENTS, segments=_segments()
    ),
    "null": Scenario("null", _YEARLY, _meaningless(_yearly_rule), segments=_segments()),
}  # fmt: skip
