"""Tickets: more and worse ones where there is friction, more how-to ones where people are new."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.demo.clock import Floats, Ints, to_times
from rind.demo.events import NEVER, Happenings, World, happen, hours
from rind.demo.people import People
from rind.demo.rules import sigmoid
from rind.demo.scenarios import Scenario

_PRIORITIES = np.array(["low", "normal", "high", "urgent"], dtype=object)
_CATEGORIES = np.array(["how_to", "bug", "billing", "feature_request"], dtype=object)


def tickets_table(
    scenario: Scenario, world: World, people: People, rng: np.random.Generator
) -> tuple[pd.DataFrame, Happenings]:
    """Table `tickets`, one row a support case, and the cases as happenings (for surveys)."""
    events = _cases(scenario, world, rng)
    friction = world.felt(1)[events.week, events.account, 1]
    category = _categories(world, events, friction, rng)
    load = 1 + 0.5 * np.sin(events.week / 8.0) + 0.4 * (rng.random(world.clock.weeks) < 0.08)[events.week]
    level = sigmoid(-0.9 + 0.6 * friction + 0.6 * (category == 1) + 0.8 * rng.normal(size=len(events)))
    priority = (level[:, None] > np.array([0.15, 0.55, 0.82])).sum(axis=1)
    touches = 1 + rng.poisson(np.exp(-0.3 + 0.6 * friction + 0.4 * (category == 1)))
    first = events.second + hours(len(events), 3.0 * load / (1 + 0.7 * priority), 0.9, rng)
    slow = 14 * load * np.exp(0.55 * friction) * touches**0.7
    solved = first + hours(len(events), slow, 0.8, rng)
    stuck = rng.random(len(events)) < 0.02 * np.exp(0.5 * friction)
    solved = np.where(stuck, NEVER, solved)
    escalates = rng.random(len(events)) < sigmoid(-4.3 + 0.95 * friction + 0.7 * priority)
    wait = np.minimum(solved - first, 20 * 86400)
    escalated = np.where(escalates, first + (wait * rng.random(len(events))).astype(np.int64), NEVER)
    reopens = (rng.random(len(events)) < sigmoid(-3.2 + 0.5 * friction)) & (solved < NEVER)
    reopened = np.where(reopens, solved + hours(len(events), 30, 0.9, rng), NEVER)
    closed = np.where(reopened < NEVER, reopened + hours(len(events), 40, 1.0, rng), solved)
    times = [world.before_end(events.account, events.second, t) for t in (first, solved, closed, escalated, reopened)]
    first, solved, closed, escalated, reopened = times
    final = np.where(reopened < NEVER, closed, solved)  # open again while it is reopened
    contact = people.pick(events.account, events.second // 86400, rng)
    table = pd.DataFrame(
        {
            "ticket_id": [f"T{i:07d}" for i in range(1, len(events) + 1)],
            "account_id": world.births.ids[events.account],
            "contact_id": people.names(contact),
            "opened_at": to_times(events.second),
            "first_response_at": to_times(first),
            "resolved_at": to_times(final),
            "priority": _PRIORITIES[priority],
            "category": _CATEGORIES[category],
            "touches": pd.array(np.where(final < NEVER, touches, 1), dtype="Int64"),
            "escalated_at": to_times(escalated),
            "reopened_at": to_times(reopened),
        }
    )
    table.loc[final >= NEVER, "touches"] = pd.NA
    return table, Happenings(events.week, events.account, np.where(final < NEVER, final, NEVER))


def _cases(scenario: Scenario, world: World, rng: np.random.Generator) -> Happenings:
    births, history = world.births, world.history
    base = np.array([s.ticket_rate for s in scenario.segments])[births.segment]
    age_weeks = np.maximum((world.clock.mondays[:, None] - births.signed) / 7, 0)
    habit = np.exp(0.2 * rng.normal(size=births.count))  # some ask, some never do
    warm = np.exp(0.7 * world.felt(1)[..., 1] + 0.20 * history.use + 0.12 * world.felt(2)[..., 2])
    rate = 1.3 * base * habit * warm * (1 + 1.2 * np.exp(-age_weeks / 6)) * np.where(history.noticed, 0.4, 1.0)
    return happen(world, np.minimum(rate, 8), rng)


def _categories(world: World, events: Happenings, friction: Floats, rng: np.random.Generator) -> Ints:
    age_weeks = (world.clock.mondays[events.week] - world.births.signed[events.account]) / 7
    score = np.zeros((len(events), 4))
    score[:, 0] = 0.3 + 1.0 * np.exp(-np.maximum(age_weeks, 0) / 12)
    score[:, 1] = 0.1 + 0.75 * friction
    score[:, 2] = -1.2 - 0.2 * world.felt(0)[events.week, events.account, 3]
    score[:, 3] = -0.9 + 0.15 * friction
    return np.asarray(np.argmax(score + rng.gumbel(size=score.shape), axis=1), dtype=np.int64)
