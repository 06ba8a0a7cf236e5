"""What each intervention truly did: the chance of leaving with its push on the state, and without."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd

from rind.demo.clock import Clock, Ints, to_dates
from rind.demo.events import World
from rind.demo.rules import PLAYBOOK_EFFECTS, PLAYBOOKS, make_forces, make_rules
from rind.demo.scenarios import Scenario
from rind.demo.simulation import stack
from rind.demo.true_drivers import HORIZON, WEEKS_AHEAD
from rind.demo.true_risk import Latent, gather, look_ahead


def intervention_effects(scenario: Scenario, world: World) -> pd.DataFrame:
    """Truth, one row an intervention of an account that had not given notice.

    Columns: account_id, as_of (the Monday of its week), playbook; p_90_without and p_90_with, the chance of leaving
    within 90 days of that Monday without the push of this intervention and with it; later ones come as usual.
    """
    births, history, clock = world.births, world.history, world.clock
    forces, rules = make_forces(scenario.dynamics), make_rules(scenario, clock)
    now = gather(scenario, forces, births, history, clock, np.arange(clock.weeks))
    rows, playbook = _rows(now, world, clock)
    begun = Latent(*(getattr(now, field.name)[rows] for field in fields(Latent)))
    stay = 1 - scenario.back_in_grace
    without = look_ahead(begun, births, forces, rules, WEEKS_AHEAD)[:, HORIZON] * stay
    pushed = look_ahead(begun, births, forces, rules, WEEKS_AHEAD, PLAYBOOK_EFFECTS[playbook])[:, HORIZON] * stay
    return pd.DataFrame(
        {
            "account_id": births.ids[begun.account],
            "as_of": to_dates(begun.monday),
            "playbook": np.array(PLAYBOOKS, dtype=object)[playbook],
            "p_90_without": without,
            "p_90_with": pushed,
        }
    )


def _rows(now: Latent, world: World, clock: Clock) -> tuple[Ints, Ints]:
    """The row of ``now`` of each intervention that took place before a notice, and its playbook."""
    account, day, playbook = stack(world.history.interventions)
    kept = world.tenure.active(account, day) & (day <= clock.end)
    account, day, playbook = account[kept], day[kept], playbook[kept]
    week = (day - clock.mondays[0]) // 7
    accounts = world.births.count
    rows = np.searchsorted(now.week * accounts + now.account, week * accounts + account)
    free = ~now.noticed[rows]
    return rows[free], playbook[free]
