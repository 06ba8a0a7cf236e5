"""Interactions with the vendor's people, and the interventions of the CS team."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.demo.clock import FAR, Floats, to_dates, to_times
from rind.demo.events import NEVER, World, happen, hours
from rind.demo.people import People
from rind.demo.rules import LONG_TERM_MONTHS, PLAYBOOKS, sigmoid
from rind.demo.scenarios import Scenario
from rind.demo.simulation import stack

_CHANNELS = np.array(["email", "call", "meeting", "qbr", "training", "event", "social"], dtype=object)
_OUT_SHARES = np.array([[0.62, 0.20, 0.08, 0.01, 0.05, 0.02, 0.02], [0.50, 0.22, 0.15, 0.03, 0.05, 0.03, 0.02],
                        [0.38, 0.22, 0.22, 0.07, 0.06, 0.04, 0.01]])  # fmt: skip
_IN_SHARES = np.array([0.66, 0.22, 0.08, 0.0, 0.0, 0.01, 0.03])
_BASE_ANSWER = np.array([-0.5, 0.4, 1.6, 2.0, 1.3, 0.4, -1.0])
_COSTS = np.array([600, 900, 1200, 2500, 1500])


def interactions_table(scenario: Scenario, world: World, people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Table `interactions`: one row a touch point; the unanswered ones have no `answered_at`."""
    inbound_rate, outbound_rate = _rates(scenario, world, rng)
    out, inn = happen(world, outbound_rate, rng), happen(world, inbound_rate, rng)
    week, account, second = (np.concatenate([getattr(out, k), getattr(inn, k)]) for k in ("week", "account", "second"))
    inbound = np.arange(len(week)) >= len(out)
    segment = world.births.segment[account]
    edges = np.where(inbound[:, None], np.cumsum(_IN_SHARES), np.cumsum(_OUT_SHARES, axis=1)[segment])
    channel = np.minimum((rng.random((len(week), 1)) > edges).sum(axis=1), len(_CHANNELS) - 1)
    contact = people.pick(account, second // 86400, rng)
    warmth = np.where(contact >= 0, people.warmth[contact], 0)
    liking = np.array([_keenness(world, rng)[account], rng.normal(0, 0.4, (world.births.count, 7))[account, channel]])
    people_state = world.felt(1)[week, account, 2]
    keen = _BASE_ANSWER[channel] + 1.5 * people_state + 0.5 * warmth + liking.sum(axis=0) + 1.6 * inbound
    answered = (rng.random(len(week)) < sigmoid(keen)) & ~((channel == 6) & ~inbound & (contact < 0))
    wait = hours(len(week), np.where(channel == 0, 14.0, 0.2) * np.exp(-0.25 * people_state), 1.0, rng)
    answer = world.before_end(account, second, np.where(answered, second + wait, NEVER))
    order = np.lexsort((account, second))
    table = pd.DataFrame(
        {
            "account_id": world.births.ids[account],
            "contact_id": people.names(contact),
            "channel": _CHANNELS[channel],
            "direction": np.where(inbound, "inbound", "outbound").astype(object),
            "occurred_at": to_times(second),
            "answered_at": to_times(answer),
        }
    ).iloc[order]
    table.insert(0, "interaction_id", [f"I{i:07d}" for i in range(1, len(table) + 1)])
    return table.reset_index(drop=True)


def _keenness(world: World, rng: np.random.Generator) -> Floats:
    return np.asarray(0.35 * rng.normal(size=world.births.count), dtype=np.float64)


def _rates(scenario: Scenario, world: World, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Weekly rates (weeks, accounts) of inbound and outbound touches: the vendor calls those who look bad."""
    base = np.array([s.touch_rate for s in scenario.segments])[world.births.segment]
    diligence = np.exp(0.3 * rng.normal(size=16))[world.births.csm]
    days_left = world.history.term_ends - world.clock.mondays[:, None]
    long = world.births.term_months >= LONG_TERM_MONTHS
    close = 1 + 0.5 * ((days_left > 0) & (days_left < 75) & long)
    outbound = 1.3 * base * diligence * close * (1 + 6 * world.history.care)
    felt = world.felt(1)
    inbound = 0.5 * base * np.exp(0.6 * felt[..., 2] + 0.15 * felt[..., 1])
    return inbound, outbound


def interventions_table(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Table `interventions`: one row a playbook that the CS team ran for an account."""
    account, day, playbook = stack(world.history.interventions)
    keep = world.tenure.active(account, day) & (day <= world.clock.end)
    account, day, playbook = account[keep], day[keep], playbook[keep]
    end = day + rng.integers(1, 45, len(day))
    last = np.minimum(world.tenure.last_day(account, day) - 1, world.clock.end)
    cost = np.round(_COSTS[playbook] * np.exp(0.3 * rng.normal(size=len(day))), 2)
    return pd.DataFrame(
        {
            "intervention_id": [f"V{i:06d}" for i in range(1, len(day) + 1)],
            "account_id": world.births.ids[account],
            "playbook": np.array(PLAYBOOKS, dtype=object)[playbook],
            "started_on": to_dates(day),
            "ended_on": to_dates(np.where(end > last, FAR, end)),
            "cost": cost,
        }
    )
