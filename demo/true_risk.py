"""The true probability of churn, from the latent state of a Monday: closed form, no sampling.

The state is a linear system with Gaussian noise (shocks and interventions enter by their mean and
variance), so its distribution k weeks ahead is known. The churn index is a quadratic form of it,
taken as normal with its exact mean and the variance of its linearisation; the chance to stay is
integrated over that normal by Gauss-Hermite quadrature, with one deviation shared by all weeks ahead
(the state is persistent, so weeks ahead move together).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rind.demo.accounts import Births
from rind.demo.clock import Bools, Clock, Floats, Ints, add_months, to_dates
from rind.demo.rules import Forces, Rules, expected_push, make_forces, make_rules, may_give_notice, sigmoid
from rind.demo.scenarios import Scenario
from rind.demo.simulation import History

HORIZONS_DAYS = (30, 60, 90, 180)
_WEEKS_AHEAD = 26
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Latent:
    """What is latent on the Mondays of some weeks, one entry an (account, week) that is active."""

    week: Ints
    account: Ints
    monday: Ints
    state: Floats
    mean: Floats
    push: Floats
    term_ends: Ints
    noticed: Bools


def churn_probability(scenario: Scenario, births: Births, history: History, clock: Clock) -> pd.DataFrame:
    """Truth, one row an (account, Monday on which it is active): p_30, p_60, p_90, p_180.

    p_h is the probability of logo churn on a day in (as_of, as_of + h], given the latent state at the
    start of as_of. It is all but certain one way or the other once notice has been given.
    """
    forces = make_forces(scenario.dynamics)
    rules = make_rules(scenario, clock)
    frames = []
    for weeks in np.array_split(np.arange(clock.weeks), -(-births.count * clock.weeks // 20_000)):
        now = gather(scenario, forces, births, history, clock, weeks)
        chance = look_ahead(now, births, forces, rules) * (1 - scenario.back_in_grace)
        columns = {f"p_{h}": chance[:, i] for i, h in enumerate(HORIZONS_DAYS)}
        keys = {"account_id": births.ids[now.account], "as_of": to_dates(now.monday)}
        frames.append(pd.DataFrame({**keys, **columns}))
    return pd.concat(frames, ignore_index=True)


def gather(scenario: Scenario, forces: Forces, births: Births, history: History, clock: Clock, weeks: Ints) -> Latent:
    """The latent state of every account that is active in any of ``weeks``: one row per account and week.

    Each value is that of the Monday's start, before anything of the week happens.
    """
    at, account = np.nonzero(history.alive[weeks])
    week = weeks[at]
    monday = clock.mondays[week]
    mean = births.mean[account].copy()
    mean[:, 0] += births.lift[account] * (births.lift_day[account] <= monday)
    push = expected_push(scenario.dynamics, forces, history.champion[week, account], history.care[week, account])
    return Latent(
        week, account, monday, history.state[week, account], mean, push,
        history.term_ends[week, account], history.noticed[week, account],
    )  # fmt: skip


@dataclass(frozen=True)
class Ahead:
    """A week ahead, as seen from each row: the arrays belong to `weeks_ahead`, which moves them on.

    ``between`` and ``at_term``: chances (rows, nodes) to leave in between, and, of ``decides`` (row numbers), at the
    end of the term; ``monday``, ``term_ends``, ``state`` (its mean) and ``covariance`` are those of the week's start.
    """

    monday: Ints
    term_ends: Ints
    state: Floats
    covariance: Floats
    between: Floats
    decides: Ints
    at_term: Floats


def weeks_ahead(
    now: Latent, births: Births, forces: Forces, rules: Rules, weeks: int, push: Floats | None = None
) -> Iterator[Ahead]:
    """The weeks ahead of each row, one after the other.

    ``push``: what the first week adds to the state of each row, (rows, 4), beside what every week adds on average.
    """
    lift, lift_day = births.lift[now.account], births.lift_day[now.account]
    months = births.term_months[now.account]
    state, mean, covariance = now.state.copy(), now.mean.copy(), np.zeros((4, 4))
    term_ends, monday = now.term_ends.copy(), now.monday.copy()
    for ahead in range(weeks):
        between, rows, at_term = _chances(now, births, rules, ahead, state, covariance, term_ends)
        yield Ahead(monday, term_ends, state, covariance, between, rows, at_term)
        monday += 7
        begins = lift * ((lift_day > monday - 7) & (lift_day <= monday))
        state = (state - mean) @ forces.keep.T + mean + now.push
        if push is not None and ahead == 0:
            state += push
        state[:, 0] += 0.5 * begins
        mean[:, 0] += begins
        covariance = forces.keep @ covariance @ forces.keep.T + forces.covariance
        due = np.flatnonzero(term_ends <= monday)
        term_ends[due] = add_months(term_ends[due], months[due])


class Leaving:
    """The chance of each row to have left within each horizon, and not to have decided to leave, week by week."""

    def __init__(self, now: Latent, horizons_days: Sequence[int]) -> None:
        self._horizons = now.monday[:, None] + np.array(horizons_days)
        self._stay = np.ones((len(now.week), len(_NODES)))
        self.gone = np.zeros((len(now.week), len(horizons_days)))

    def add(self, week: Ahead) -> None:
        """Take in the next week."""
        leaves_now = (self._stay * week.between) @ _WEIGHTS
        self.gone += leaves_now[:, None] * np.clip((self._horizons - week.monday[:, None]) / 7, 0, 1)
        self._stay *= 1 - week.between
        rows = week.decides
        leaves_at_end = (self._stay[rows] * week.at_term) @ _WEIGHTS
        self.gone[rows] += leaves_at_end[:, None] * (week.term_ends[rows, None] <= self._horizons[rows])
        self._stay[rows] *= 1 - week.at_term

    @property
    def undecided(self) -> Floats:
        """Chance not to have decided to leave so far, per row."""
        return np.asarray(self._stay @ _WEIGHTS)


def look_ahead(
    now: Latent, births: Births, forces: Forces, rules: Rules, weeks: int = _WEEKS_AHEAD, push: Floats | None = None
) -> Floats:
    """(rows, horizons): chance of leaving within each horizon; of those beyond ``weeks``, within these.

    ``push``: as for `weeks_ahead`.
    """
    leaving = Leaving(now, HORIZONS_DAYS)
    for week in weeks_ahead(now, births, forces, rules, weeks, push):
        leaving.add(week)
    horizons = now.monday[:, None] + np.array(HORIZONS_DAYS)
    return np.where(now.noticed[:, None], now.term_ends[:, None] <= horizons, leaving.gone)


def _chances(
    now: Latent, births: Births, rules: Rules, ahead: int, state: Floats, covariance: Floats, term_ends: Ints
) -> tuple[Floats, Ints, Floats]:
    """Chances (rows, nodes) in the week `ahead`: to leave in between; and, for the rows that are asked, at term."""
    number, segment = rules.of_week[now.week + ahead], births.segment[now.account]
    middle = rules.index(state, segment, number) + rules.curvature(covariance, number)
    slope = rules.gradient(state, segment, number)
    spread = np.sqrt(np.maximum(((slope @ covariance) * slope).sum(axis=1), 0))
    index = middle[:, None] + spread[:, None] * _NODES
    between = sigmoid(rules.between_scale[number, None] * index + rules.between[number, None])
    days_left = term_ends - now.monday - 7 * ahead
    due = (days_left > 0) & (days_left <= 7)
    rows = np.flatnonzero(due | may_give_notice(days_left, births.term_months[now.account]))
    base = rules.log_odds_at_term(number[rows], births.captive[now.account[rows]], due[rows])
    return between, rows, sigmoid(index[rows] + base[:, None])
