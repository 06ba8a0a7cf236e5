"""What truly drives each account's risk: what its true probability loses when one latent state is put to the usual."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from rind.demo.accounts import Births
from rind.demo.clock import Clock, Floats, to_dates
from rind.demo.rules import make_forces, make_rules
from rind.demo.scenarios import LATENTS, SEGMENTS, Scenario
from rind.demo.simulation import History
from rind.demo.true_risk import Latent, gather, look_ahead

HORIZON = 2  # the place of 90 days among true_risk.HORIZONS_DAYS
WEEKS_AHEAD = 13


def drivers(scenario: Scenario, births: Births, history: History, clock: Clock, weeks: int = 26) -> pd.DataFrame:
    """Truth, one row an (account, Monday of the last ``weeks`` on which it is active and has not given notice).

    Columns value, friction, people, money: p_90 less what it would be had that one state been the mean of the
    accounts of its segment on that Monday, all else as it is. Above 0: the state drives the account away.
    """
    forces, rules = make_forces(scenario.dynamics), make_rules(scenario, clock)
    latest = np.arange(max(clock.weeks - weeks, 0), clock.weeks)
    now = gather(scenario, forces, births, history, clock, latest)
    usual = _usual(now, births)
    stay = 1 - scenario.back_in_grace
    chance = look_ahead(now, births, forces, rules, WEEKS_AHEAD)[:, HORIZON] * stay
    columns = {}
    for n, name in enumerate(LATENTS):
        state = now.state.copy()
        state[:, n] = usual[:, n]
        other = look_ahead(replace(now, state=state), births, forces, rules, WEEKS_AHEAD)[:, HORIZON] * stay
        columns[name] = chance - other
    rows = pd.DataFrame({"account_id": births.ids[now.account], "as_of": to_dates(now.monday), **columns})
    return rows[~now.noticed].reset_index(drop=True)


def _usual(now: Latent, births: Births) -> Floats:
    """The mean state of the accounts of the row's segment in its week, of those that have not given notice."""
    cell = now.week * len(SEGMENTS) + births.segment[now.account]
    free = ~now.noticed
    count = np.bincount(cell[free], minlength=cell.max() + 1)
    sums = [np.bincount(cell[free], now.state[free, n], minlength=cell.max() + 1) for n in range(len(LATENTS))]
    return np.asarray((np.stack(sums, axis=1) / np.maximum(count, 1)[:, None])[cell], dtype=np.float64)
