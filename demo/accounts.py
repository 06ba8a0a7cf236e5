"""What each account is at birth: segment, fit, size, contract, and the state it tends to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rind.demo.clock import FAR, Bools, Clock, Floats, Ints, add_months, to_dates
from rind.demo.names import company_names, csm_names
from rind.demo.scenarios import PLANS, SEGMENTS, Scenario

_INDUSTRIES = ("manufacturing", "software", "health", "logistics", "retail", "finance", "education", "media")
_REGIONS = ("europe", "americas", "asia_pacific")


@dataclass(frozen=True)
class Births:
    """Arrays over accounts; days are int64, `mean` is (accounts, 4) in the order of LATENTS."""

    ids: NDArray[np.object_]
    segment: Ints
    region: Ints
    industry: Ints
    csm: Ints
    fit: Floats
    captive: Bools
    job: Floats  # how much use the work itself asks for, whatever it is worth (log)
    mean: Floats
    seats: Ints
    plan: Ints
    discount: Floats
    term_months: Ints
    signed: Ints
    starts: Ints  # first day of the term that runs when the account enters the data
    reached: Bools
    lift: Floats
    lift_day: Ints  # day from which the lift works, FAR when never

    @property
    def count(self) -> int:
        return len(self.segment)

    @property
    def term_ends(self) -> Ints:
        """Last day, exclusive, of the term that runs when the account enters the data."""
        return add_months(self.starts, self.term_months)


def make_births(scenario: Scenario, count: int, clock: Clock, rng: np.random.Generator) -> Births:
    """Draw `count` accounts; the planted moments are added later (see `demo.early`)."""
    segment = rng.choice(len(SEGMENTS), size=count, p=[s.share for s in scenario.segments])
    fit = rng.normal(size=count)
    captive = rng.random(count) < scenario.captive_share
    job = rng.normal(0, 0.55, count) + 0.15 * fit + 0.9 * captive
    seats = _seats(scenario, segment, fit, rng)
    months = rng.choice(list(scenario.term_months), size=count, p=list(scenario.term_months.values()))
    signed = _signing_days(scenario, count, clock, rng)
    return Births(
        ids=np.array([f"A{i:05d}" for i in range(1, count + 1)], dtype=object),
        segment=segment,
        region=rng.choice(3, size=count, p=[0.45, 0.4, 0.15]),
        industry=rng.integers(len(_INDUSTRIES), size=count),
        csm=rng.integers(len(csm_names(count)), size=count),
        fit=fit,
        captive=captive,
        job=job,
        mean=_means(scenario, segment, fit, captive, rng),
        seats=seats,
        plan=_plans(scenario, segment, rng),
        discount=np.round(rng.uniform(0.75, 1.1, count), 2),
        term_months=months.astype(np.int64),
        signed=signed,
        starts=_current_term(signed, months.astype(np.int64), clock),
        reached=np.zeros(count, dtype=bool),
        lift=np.zeros(count),
        lift_day=np.full(count, FAR, dtype=np.int64),
    )


def _seats(scenario: Scenario, segment: Ints, fit: Floats, rng: np.random.Generator) -> Ints:
    median = np.array([s.seats_median for s in scenario.segments])[segment]
    spread = np.array([s.seats_spread for s in scenario.segments])[segment]
    seats = median * np.exp(spread * (0.95 * rng.normal(size=len(segment)) + 0.3 * fit))
    rounded: Ints = np.clip(np.round(seats), 2, 300).astype(np.int64)
    return rounded


def _plans(scenario: Scenario, segment: Ints, rng: np.random.Generator) -> Ints:
    edges = np.cumsum([s.plan_shares for s in scenario.segments], axis=1)[segment]
    above = (rng.random((len(segment), 1)) > edges).sum(axis=1)
    return np.asarray(np.minimum(above, len(PLANS) - 1), dtype=np.int64)


def _means(scenario: Scenario, segment: Ints, fit: Floats, captive: Bools, rng: np.random.Generator) -> Floats:
    """The state that an account returns to: its segment's, its fit's, its own; captive ones get little value."""
    base = np.array([s.base for s in scenario.segments])[segment]
    own = rng.normal(size=base.shape) * np.array(scenario.dynamics.spread)
    pull = np.outer(fit, [0.40, -0.20, 0.10, 0.10])
    trapped = np.outer(captive, [-1.0, 0.15, 0.0, 0.0])
    return np.asarray(base + own + pull + trapped, dtype=np.float64)


def _signing_days(scenario: Scenario, count: int, clock: Clock, rng: np.random.Generator) -> Ints:
    """Days of signing: working days, every third account on the first of a month, day of month at most 28."""
    old = rng.random(count) < scenario.old_share
    ago = np.minimum(rng.exponential(700, count), 2500).astype(np.int64) + 7
    day = np.where(old, clock.start - ago, rng.integers(clock.start, clock.end - 20, count))
    day = day - np.maximum((day + 3) % 7 - 4, 0)  # weekends go back to Friday
    as_date = day.astype("datetime64[D]")
    first = as_date.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    to_first = (rng.random(count) < 0.33) | (day - first > 27)
    return np.asarray(np.where(to_first, first, day), dtype=np.int64)


def _current_term(signed: Ints, months: Ints, clock: Clock) -> Ints:
    """Start of the term that holds the first day of the data; the signing day for later accounts."""
    terms = np.maximum((clock.start - signed) / (months * 30.4375), 0).astype(np.int64)
    starts = add_months(signed, terms * months)
    starts = np.where(starts > np.maximum(clock.start, signed), add_months(signed, (terms - 1) * months), starts)
    late = add_months(starts, months) <= clock.start
    return np.where(late, add_months(starts, months), starts).astype(np.int64)


def accounts_table(births: Births, rng: np.random.Generator) -> pd.DataFrame:
    """Table `accounts`: one row a customer company."""
    employees = births.seats * np.exp(rng.normal(1.6, 0.7, births.count))
    csms = np.array(csm_names(births.count), dtype=object)
    return pd.DataFrame(
        {
            "account_id": births.ids,
            "name": company_names(births.count, rng),
            "segment": np.array(SEGMENTS, dtype=object)[births.segment],
            "industry": np.array(_INDUSTRIES, dtype=object)[births.industry],
            "region": np.array(_REGIONS, dtype=object)[births.region],
            "employees": np.maximum(np.round(employees), 3).astype(np.int64),
            "csm": csms[births.csm],
            "signed_on": to_dates(births.signed),
        }
    )
