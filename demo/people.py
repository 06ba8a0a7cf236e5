"""Contacts: who the vendor knows at each customer, when they came and when they left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rind.demo.accounts import Births
from rind.demo.clock import FAR, Bools, Clock, Floats, Ints, to_dates
from rind.demo.events import World
from rind.demo.rules import sigmoid
from rind.demo.scenarios import Scenario
from rind.demo.simulation import History, stack

LEVELS = ("user", "admin", "champion", "decision_maker", "executive")
_DEPARTMENTS = ("operations", "it", "sales", "finance", "marketing", "product", "hr")
_USER, _ADMIN, _CHAMPION, _DECIDER, _EXECUTIVE = range(5)


@dataclass(frozen=True)
class People:
    """Contacts, sorted by account; `slot` is the seat (rank) that the contact uses, -1 for none."""

    ids: NDArray[np.object_]
    account: Ints
    level: Ints
    department: Ints
    added: Ints
    left: Ints
    slot: Ints
    warmth: Floats  # person-level bias of answers and scores
    first: Ints  # over accounts, and one more: where each account's contacts begin

    def by_slot(self, first_slot: Ints, slots: int) -> Ints:
        """For each slot the contact that uses it, -1 for none."""
        out = np.full(slots, -1, dtype=np.int64)
        users = np.flatnonzero(self.slot >= 0)
        out[first_slot[self.account[users]] + self.slot[users]] = users
        return out

    def pick(self, account: Ints, day: Ints, rng: np.random.Generator) -> Ints:
        """A contact of each account who is there on the day; -1 where three tries found none."""
        chosen = np.full(len(account), -1, dtype=np.int64)
        size = self.first[account + 1] - self.first[account]
        for _ in range(3):
            tried = self.first[account] + (rng.random(len(account)) * size).astype(np.int64)
            tried = np.minimum(tried, len(self.account) - 1)
            here = (size > 0) & (self.added[tried] < day) & (self.left[tried] > day)
            chosen = np.where((chosen < 0) & here, tried, chosen)
        return chosen

    def names(self, contact: Ints) -> NDArray[np.object_]:
        """Contact ids; None for -1."""
        out = self.ids[contact]
        out[contact < 0] = None
        return out


def make_people(scenario: Scenario, world: World, rng: np.random.Generator) -> People:
    """Contacts at signing, those who come later, and champions as the simulation has them."""
    births, history, tenure, clock = world.births, world.history, world.tenure, world.clock
    parts = [
        _first_contacts(scenario, births, clock, rng),
        _newcomers(scenario, world, rng),
        _champions(births, history, clock),
    ]
    account, level, added, left = (np.concatenate(c) for c in zip(*parts, strict=True))
    gone = tenure.last_day(account, np.maximum(added, clock.start))
    keep = (added <= clock.end) & (gone > 0)
    account, level, added, left, gone = (x[keep] for x in (account, level, added, left, gone))
    left = np.where((left > clock.end) | (left >= gone), FAR, left)
    order = np.lexsort((added, account))
    account, level, added, left = account[order], level[order], added[order], left[order]
    first = np.searchsorted(account, np.arange(births.count + 1))
    nth = np.arange(len(account)) - first[account]
    uses = (level <= _CHAMPION) & (rng.random(len(account)) < 0.75)
    seats = history.seats.max(axis=0)[account]
    serial = [f"C{births.ids[a][1:]}-{n}" for a, n in zip(account, nth + 1, strict=True)]
    return People(
        ids=np.array(serial, dtype=object), account=account, level=level,
        department=rng.choice(len(_DEPARTMENTS), size=len(account), p=[0.3, 0.15, 0.15, 0.15, 0.1, 0.1, 0.05]),
        added=added, left=left, slot=np.where(uses & (nth < seats), nth, -1),
        warmth=rng.normal(size=len(account)), first=first,
    )  # fmt: skip


def _life(account: Ints, births: Births, rng: np.random.Generator) -> Ints:
    """Days until a contact leaves: about five years, shorter where relations are poor."""
    mean = 1700 * np.exp(0.20 * births.mean[account, 2])
    return np.asarray(np.ceil(rng.exponential(mean)), dtype=np.int64)


def _first_contacts(
    scenario: Scenario, births: Births, clock: Clock, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Ints]:
    size = np.array([s.contacts for s in scenario.segments])[births.segment]
    count = 1 + rng.poisson(size * np.exp(0.25 * births.mean[:, 2] - 0.25) * 0.7)
    account = np.repeat(np.arange(births.count), count)
    nth = np.arange(len(account)) - np.repeat(np.cumsum(count) - count, count)
    level = _levels(births.mean[account, 2], rng)
    level[nth == 0] = np.where(rng.random((nth == 0).sum()) < 0.6, _ADMIN, _DECIDER)
    signed = births.signed[account]
    added = signed + rng.integers(0, 60, len(account)) * (nth > 0)
    since = np.maximum(clock.start - signed, 0)
    added = np.where(rng.random(len(account)) < 0.5, added + (since * rng.random(len(account))).astype(int), added)
    return account, level, added, np.maximum(added, clock.start) + _life(account, births, rng)


def _levels(people: Floats, rng: np.random.Generator) -> Ints:
    """Level of a contact: senior ones where relations are good."""
    senior = rng.random(len(people)) < sigmoid(-1.5 + 0.9 * people)
    low = rng.choice([_USER, _ADMIN], size=len(people), p=[0.75, 0.25])
    return np.where(senior, rng.choice([_DECIDER, _EXECUTIVE], size=len(people), p=[0.6, 0.4]), low)


def _newcomers(scenario: Scenario, world: World, rng: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    births, history, clock = world.births, world.history, world.clock
    live = world.live()
    size = np.array([s.contacts for s in scenario.segments])[births.segment]
    rate = 0.0052 * size * np.exp(0.5 * history.state[..., 2] + 0.10 * history.state[..., 0])
    week, account = np.nonzero(live & (rng.random(live.shape) < np.minimum(rate, 0.5)))
    added = clock.mondays[week] + rng.integers(0, 5, len(week))
    level = _levels(history.state[week, account, 2], rng)
    return account, level, added, added + _life(account, births, rng)


def _champions(births: Births, history: History, clock: Clock) -> tuple[Ints, Ints, Ints, Ints]:
    """One contact a spell of `history.champion`, leaving on the day of the shock."""
    there: Bools = history.champion[0]
    first = np.flatnonzero(there)
    begin = births.signed[first]
    came, came_on = stack(history.champion_came)
    left, left_on = stack(history.champion_left)
    account, added = np.concatenate([first, came]), np.concatenate([begin, came_on])
    exits = pd.DataFrame({"account": left, "left": left_on, "day": left_on}).sort_values("day")
    spells = pd.DataFrame({"account": account, "day": np.where(added < clock.start, 0, added)})
    ends = pd.merge_asof(
        spells.reset_index().sort_values("day", kind="stable"), exits, on="day", by="account",
        direction="forward",
    ).set_index("index")["left"].reindex(spells.index).fillna(FAR).to_numpy().astype(np.int64)  # fmt: skip
    keep = ends > added
    account, added, ends = account[keep], added[keep], ends[keep]
    return account, np.full(len(account), _CHAMPION), added, ends


def contacts_table(births: Births, people: People) -> pd.DataFrame:
    """Table `contacts`: one row a person at a customer."""
    return pd.DataFrame(
        {
            "contact_id": people.ids,
            "account_id": births.ids[people.account],
            "level": np.array(LEVELS, dtype=object)[people.level],
            "department": np.array(_DEPARTMENTS, dtype=object)[people.department],
            "added_on": to_dates(people.added),
            "left_on": to_dates(people.left),
        }
    )
