"""The true probability of churn, from the latent state of a Monday: closed form, no sampling.

The state is a linear system with Gaussian noise (shocks and interventions enter by their mean and
variance), so its distribution k weeks ahead is known. The churn index is a quadratic form of it,
taken as normal with its exact mean and the variance of its linearisation; the chance to stay is
integrated over that normal by Gauss-Hermite quadrature, with one deviation shared by all weeks ahead
(the state is persistent, so weeks ahead move together).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demo.accounts import Births
from demo.clock import Bools, Clock, Floats, Ints, add_months, to_dates
from demo.rules import Forces, Rule, expected_push, make_forces, may_give_notice, rules_in_force
from demo.scenarios import Scenario
from demo.simulation import History

HORIZONS_DAYS = (30, 60, 90, 180)
_WEEKS_AHEAD = 26
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class _Now:
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
    rules, rule_of_week = rules_in_force(scenario, clock)
    frames = []
    for weeks in np.array_split(np.arange(clock.weeks), -(-births.count * clock.weeks // 150_000)):
        now = _gather(scenario, forces, births, history, clock, weeks)
        chance = _look_ahead(now, births, forces, rules, rule_of_week) * (1 - scenario.back_in_grace)
        columns = {f"p_{h}": chance[:, i] for i, h in enumerate(HORIZONS_DAYS)}
        keys = {"account_id": births.ids[now.account], "as_of": to_dates(now.monday)}
        frames.append(pd.DataFrame({**keys, **columns}))
    return pd.concat(frames, ignore_index=True)


def _gather(scenario: Scenario, forces: Forces, births: Births, history: History, clock: Clock, weeks: Ints) -> _Now:
    at, account = np.nonzero(history.alive[weeks])
    week = weeks[at]
    monday = clock.mondays[week]
    mean = births.mean[account].copy()
    mean[:, 0] += births.lift[account] * (births.lift_day[account] <= monday)
    push = expected_push(scenario.dynamics, forces, history.champion[week, account], history.care[week, account])
    return _Now(
        week, account, monday, history.state[week, account], mean, push,
        history.term_ends[week, account], history.noticed[week, account],
    )  # fmt: skip


def _look_ahead(now: _Now, births: Births, forces: Forces, rules: tuple[Rule, ...], rule_of_week: Ints) -> Floats:
    """(rows, horizons): chance of leaving within each horizon."""
    segment, captive = births.segment[now.account], births.captive[now.account]
    months, lift = births.term_months[now.account], births.lift[now.account]
    lift_day = births.lift_day[now.account]
    horizons = now.monday[:, None] + np.array(HORIZONS_DAYS)
    state, mean, covariance = now.state.copy(), now.mean.copy(), np.zeros((4, 4))
    term_ends = now.term_ends.copy()
    stay = np.ones((len(now.week), len(_NODES)))
    gone = np.zeros((len(now.week), len(HORIZONS_DAYS)))
    for ahead in range(_WEEKS_AHEAD):
        monday = now.monday + 7 * ahead
        index = np.zeros((len(now.week), len(_NODES)))
        for number, rule in enumerate(rules):
            mine = rule_of_week[now.week + ahead] == number
            index[mine] = _index(rule, state[mine], segment[mine], covariance)
        at_end, notice, between = _chances(rules, rule_of_week[now.week + ahead], index, captive)
        days_left = term_ends - monday
        told = notice * may_give_notice(days_left, months)[:, None]
        quits = at_end * ((days_left > 0) & (days_left <= 7))[:, None]
        leaves_at_end = (stay * (1 - between) * (told + (1 - told) * quits)) @ _WEIGHTS
        leaves_now = (stay * between) @ _WEIGHTS
        share_of_week = np.clip((horizons - monday[:, None]) / 7, 0, 1)
        gone += leaves_at_end[:, None] * (term_ends[:, None] <= horizons) + leaves_now[:, None] * share_of_week
        stay *= (1 - between) * (1 - told) * (1 - quits)
        begins = (lift_day > monday) & (lift_day <= monday + 7)
        state = (state - mean) @ forces.keep.T + mean + now.push
        state[:, 0] += 0.5 * lift * begins
        mean[:, 0] += lift * begins
        covariance = forces.keep @ covariance @ forces.keep.T + forces.covariance
        due = term_ends <= monday + 7
        term_ends[due] = add_months(term_ends[due], months[due])
    settled = now.term_ends[:, None] <= horizons
    return np.where(now.noticed[:, None], settled, gone)


def _index(rule: Rule, state: Floats, segment: Ints, covariance: Floats) -> Floats:
    """(rows, nodes): the churn index at the nodes of its distribution around the expected state."""
    middle = rule.index(state, segment) + rule.curvature(covariance)
    slope = rule.gradient(state, segment)
    spread = np.sqrt(np.maximum(((slope @ covariance) * slope).sum(axis=1), 0))
    return np.asarray(middle[:, None] + spread[:, None] * _NODES, dtype=np.float64)


def _chances(rules: tuple[Rule, ...], number: Ints, index: Floats, captive: Bools) -> tuple[Floats, Floats, Floats]:
    """The chances of `Rule.chances` under the rule in force for each row."""
    out = rules[0].chances(index, captive[:, None])
    for later in range(1, len(rules)):
        mine = (number == later)[:, None]
        turned = rules[later].chances(index, captive[:, None])
        out = (
            np.where(mine, turned[0], out[0]),
            np.where(mine, turned[1], out[1]),
            np.where(mine, turned[2], out[2]),
        )
    return out
