"""The true probability that an account's mrr falls or rises by a tenth while it stays, from the latent state.

In closed form, as the probability of leaving (`demo.true_risk`): in each week ahead an account looks at its seats and
plan by a known chance; what it then pays depends on a normal variable whose mean is pulled by value and money, whose
own distribution that week is known. What is left out is small: two changes that undo each other within the grace, and
that value and money also say who leaves until then.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from rind.demo import resizing
from rind.demo.accounts import Births
from rind.demo.clock import Clock, Floats, Ints, to_dates
from rind.demo.ledger import PLAN_FACTOR, volume_factor
from rind.demo.rules import make_forces, make_rules
from rind.demo.scenarios import Scenario
from rind.demo.simulation import History
from rind.demo.true_risk import Ahead, Latent, Leaving, gather, weeks_ahead

HORIZON_DAYS, SHARE = 90, 0.10
_SEATS = np.arange(1, resizing.SEATS_RANGE[1] + 1)
_WORTH = _SEATS * volume_factor(_SEATS)
"""What so many seats cost beside the list price of one; it rises with them."""


def mrr_change_probability(scenario: Scenario, births: Births, history: History, clock: Clock) -> pd.DataFrame:
    """Truth, one row an (account, Monday on which it is active): contraction_90, expansion_90.

    The probability that its mrr falls, or rises, by 10 % or more on a day in (as_of, as_of + 90] and the account does
    not leave in these days.
    """
    forces, rules = make_forces(scenario.dynamics), make_rules(scenario, clock)
    frames = []
    for weeks in np.array_split(np.arange(clock.weeks), -(-births.count * clock.weeks // 20_000)):
        now = gather(scenario, forces, births, history, clock, weeks)
        leaving, chances, left = Leaving(now, [HORIZON_DAYS]), [], []
        size = _Size(history.seats[now.week, now.account], history.plan[now.week, now.account])
        for week in weeks_ahead(now, births, forces, rules, 1 + HORIZON_DAYS // 7):
            leaving.add(week)
            left.append((leaving.undecided, leaving.gone[:, 0].copy()))
            chances.append(_looks(now, week, births)[:, None] * size.moved(week))
        happens = _happens(np.array(chances), left)
        happens[now.noticed] = 0.0
        keys = {"account_id": births.ids[now.account], "as_of": to_dates(now.monday)}
        frames.append(pd.DataFrame({**keys, "contraction_90": happens[:, 0], "expansion_90": happens[:, 1]}))
    return pd.concat(frames, ignore_index=True)


def _looks(now: Latent, week: Ahead, births: Births) -> Floats:
    """Chance of each row to look at its seats and plan in the week, given that it stays."""
    ends = now.monday + HORIZON_DAYS
    in_time = np.clip((ends - week.monday) / 7, 0, 1)
    due = (week.term_ends > week.monday) & (week.term_ends <= week.monday + 7)
    renewal = resizing.resized_at_renewal(births.term_months[now.account]) * (due & (week.term_ends <= ends))
    # Whoever renews has a new term in the same week, and may look once more.
    in_between = resizing.RESIZED_IN_A_WEEK * in_time * (due | (week.term_ends > week.monday + resizing.QUIET_DAYS))
    return np.asarray(1 - (1 - renewal) * (1 - in_between))


class _Size:
    """What the rows pay for now, and the chance that a look at it changes that by a tenth."""

    def __init__(self, seats: Ints, plan: Ints) -> None:
        self._seats = seats
        worth = _WORTH[seats - 1] * PLAN_FACTOR[plan]
        self._bounds = []  # per step of the plan: log of the seats below which mrr has fallen, above which risen
        for step in (-1, 0, 1):
            factor = PLAN_FACTOR[np.clip(plan + step, 0, 2)]
            most = np.searchsorted(_WORTH, (1 - SHARE) * worth / factor * (1 + 1e-9), side="right")
            least = np.searchsorted(_WORTH, (1 + SHARE) * worth / factor * (1 - 1e-9), side="left") + 1
            fallen = np.where(most >= resizing.SEATS_RANGE[0], np.log((most + 0.5) / seats), -np.inf)
            risen = np.where(least <= resizing.SEATS_RANGE[0], -np.inf, np.log((least - 0.5) / seats))
            self._bounds.append((fallen, np.where(least > resizing.SEATS_RANGE[1], np.inf, risen)))

    def moved(self, week: Ahead) -> Floats:
        """(rows, 2): chance that mrr falls, and rises, by a tenth when it is looked at."""
        pulls = np.array([resizing.SEATS_BY_VALUE, 0.0, 0.0, resizing.SEATS_BY_MONEY])
        mean = resizing.seats_pull(week.state)
        spread = np.sqrt(resizing.SEATS_NOISE**2 + pulls @ week.covariance @ pulls)
        up, down = resizing.plan_up(week.state), resizing.plan_down(week.state)
        total = np.zeros((len(mean), 2))
        for share, (fallen, risen) in zip((down, 1 - up - down, up), self._bounds, strict=True):
            falls, rises = ndtr((fallen - mean) / spread), ndtr((mean - risen) / spread)
            total += share[:, None] * np.column_stack([falls, rises])
        return total


def _happens(chances: Floats, left: list[tuple[Floats, Floats]]) -> Floats:
    """(rows, 2): chance that it happens in any week and the row does not leave within the horizon.

    ``chances``: (weeks, rows, 2) in each week, given that the row is there; ``left``: of each week, the chance not to
    have decided to leave, and to have left within the horizon by a decision until then.
    """
    gone = left[-1][1]
    happens, not_yet = np.zeros(chances.shape[1:]), np.ones(chances.shape[1:])
    for chance, (undecided, gone_so_far) in zip(chances, left, strict=True):
        stays = np.clip(undecided - (gone - gone_so_far), 0, 1)
        happens += stays[:, None] * not_yet * chance
        not_yet *= 1 - chance
    return happens
