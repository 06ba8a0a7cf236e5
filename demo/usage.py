"""Usage rows: who uses which product feature on which day, from the volume and breadth of each week.

Volume follows the work to be done (captive accounts have much of it) more than value; the number of
people and features in use follows value and people, late and with noise. Users live in slots, one a
seat: a slot is held by one user after another, so users come and go while seats stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyarrow import lib as pa  # the package re-exports without saying so

from rind.demo.clock import Bools, Clock, Floats, Ints, working_share
from rind.demo.early import EarlyUse
from rind.demo.events import World
from rind.demo.people import People
from rind.demo.product import Product
from rind.demo.rules import sigmoid
from rind.demo.simulation import History

_LAG_WEEKS = 2
_USER_WEEKS = 120  # mean time a user holds a slot
_REGION_HOURS = np.array([8, 14, 1])


@dataclass(frozen=True)
class UsageRows:
    """Rows of the usage table as codes of 32 bits; `usage_table` finds out which user held the slot."""

    account: Ints
    slot: Ints
    feature: Ints
    day: Ints
    second: Ints
    quantity: Ints


@dataclass(frozen=True)
class Slots:
    """One entry a seat that an account ever had, in the order of accounts."""

    account: Ints
    rank: Ints
    first: Ints  # over accounts: the position of slot 0
    energy: Floats  # mean 1, heavy tail: power users
    threshold: Floats  # the slot is in use while its account's breadth is above
    turn: Floats  # length of a generation, weeks
    phase: Floats

    def generation(self, slot: Ints, day: Ints, clock: Clock) -> Ints:
        """Which user in turn holds the slot on a day."""
        return np.floor((day - clock.start) / 7 / self.turn[slot] + self.phase[slot]).astype(np.int64) + 30


def make_slots(history: History, rng: np.random.Generator) -> Slots:
    """Slots for the largest number of seats each account reaches."""
    seats = np.maximum(history.seats.max(axis=0), 2)
    account = np.repeat(np.arange(len(seats)), seats)
    first = np.cumsum(seats) - seats
    rank = np.arange(len(account)) - first[account]
    return Slots(
        account=account,
        rank=rank,
        first=first,
        energy=rng.gamma(2.0, 1 / 2.0, len(account)),
        threshold=spread_evenly(rng.random(len(seats))[account], rank),
        turn=_USER_WEEKS * rng.uniform(0.4, 1.6, len(account)),
        phase=rng.random(len(account)),
    )


def spread_evenly(start: Floats, position: Ints) -> Floats:
    """Numbers in [0, 1) that fill the interval evenly in every prefix, so that few seats are not all luck."""
    return np.asarray((start + position * 0.6180339887498949) % 1.0, dtype=np.float64)


def usage_rows(world: World, product: Product, early: EarlyUse, slots: Slots, rng: np.random.Generator) -> UsageRows:
    """All usage of all weeks, ordered by account and time."""
    births, history, clock = world.births, world.history, world.clock
    taste = product.popularity + rng.normal(0, 0.8, (births.count, len(product.names)))
    ease = spread_evenly(
        rng.random(births.count)[:, None], rng.random(taste.shape).argsort(axis=1)
    )  # a feature is taken up while the account's depth is above
    breadth = rng.normal(0, 0.15, births.count)
    live = world.live()
    parts = [_early_rows(early, slots, rng)]
    for week in range(clock.weeks):
        felt = history.state[max(week - _LAG_WEEKS, 0)]
        reach = breadth + 0.95 * felt[:, 0] + 0.20 * felt[:, 2] - 0.15 * felt[:, 1] + 0.35 * births.captive
        depth = 0.5 * breadth + 1.0 * felt[:, 0] + 0.15 * births.fit
        chances = _feature_chances(taste, ease, depth, product, history, week, clock)
        parts.append(_week_rows(world, week, live[week], reach, chances, slots, rng))
    rows = UsageRows(*(np.concatenate(c) for c in zip(*parts, strict=True)))
    return _kept(rows, world, early)


def _feature_chances(
    taste: Floats, ease: Floats, depth: Floats, product: Product, history: History, week: int, clock: Clock
) -> Floats:
    """(accounts, features): cumulative chances of each feature, within the plan and what is released."""
    plan = np.minimum(history.plan[week], history.plan[min(week + 1, clock.weeks - 1)])
    open_ = product.plan <= plan[:, None]
    open_ = open_ & (product.released <= clock.start + 7 * week)
    uptake = sigmoid(depth[:, None] + 0.8 * product.popularity - 0.1)
    weight = np.exp(taste) * (ease < uptake) * open_
    weight[:, 0] += 1e-3
    total = np.cumsum(weight, axis=1)
    return np.asarray(total / total[:, -1:], dtype=np.float64)


def _week_rows(
    world: World, week: int, live: Bools, reach: Floats, chances: Floats, slots: Slots, rng: np.random.Generator
) -> tuple[Ints, ...]:
    """Rows of one week: first which slots on which days, then what they use."""
    births, history, clock = world.births, world.history, world.clock
    monday = clock.start + 7 * week
    mine = slots.account
    drift = 0.08 * rng.normal(size=len(mine))
    in_use = slots.threshold + drift < sigmoid(reach - 0.45)[mine]
    slot = np.flatnonzero(live[mine] & (slots.rank < history.seats[week][mine]) & in_use)
    age = np.maximum(monday + 7 - births.signed[slots.account[slot]], 1)
    pace = np.exp(history.use[week])[mine[slot]] * slots.energy[slot] * (1 - np.exp(-age / 25))
    days = working_share(monday + np.arange(7))
    on = rng.random((len(slot), 7)) < 1 - np.exp(-(0.06 + 0.20 * pace[:, None]) * days)
    which, weekday = np.nonzero(on)
    times = 1 + rng.poisson(np.minimum(0.33 * pace[which] ** 0.5, 4))
    which, weekday = np.repeat(which, times), np.repeat(weekday, times)
    account = mine[slot[which]]
    feature = (rng.random((len(which), 1)) > chances[account]).sum(axis=1)
    key = np.unique((which * 7 + weekday) * 64 + feature)
    which, weekday, feature = key // 448, key // 64 % 7, key % 64
    slot, day = slot[which], monday + weekday
    account = mine[slot]
    second = _seconds(births.region[account], slot, day, rng)
    quantity = 1 + rng.poisson(0.6 * pace[which] ** 0.6 * (1 + (feature % 5)))
    columns = (account, slot, feature, day, second, quantity)
    return tuple(c.astype(np.int32) for c in columns)


def _seconds(region: Ints, salt: Ints, day: Ints, rng: np.random.Generator) -> Ints:
    """Second of the day (UTC) in the region's office hours; a user has a habit, and strays from it."""
    habit = (salt * 7919 + day * 104729) % 6 + 0.5
    hour = _REGION_HOURS[region] + np.minimum(np.abs(habit + rng.normal(0, 1.2, len(salt))), 9.7)
    return np.asarray(hour * 3600, dtype=np.int64) % 86400


def _early_rows(early: EarlyUse, slots: Slots, rng: np.random.Generator) -> tuple[Ints, ...]:
    """The planted early use, user by user, one unit a row."""
    slot = slots.first[early.account] + early.user
    second = 9 * 3600 + rng.integers(0, 8 * 3600, len(slot))
    columns = (early.account, slot, early.feature, early.day, second, np.ones_like(slot))
    return tuple(c.astype(np.int32) for c in columns)


def _kept(rows: UsageRows, world: World, early: EarlyUse) -> UsageRows:
    """Rows of days on which the account is a customer, without unplanned early use of a moment's feature."""
    planned = np.arange(len(rows.account)) < len(early.account)
    before = (rows.feature == early.until_feature[rows.account]) & (rows.day < early.until[rows.account])
    keep = world.tenure.active(rows.account, rows.day) & (rows.day <= world.clock.end) & (planned | ~before)
    order = np.flatnonzero(keep)
    order = order[np.lexsort((rows.second[order], rows.day[order], rows.account[order]))]
    return UsageRows(*(getattr(rows, name)[order] for name in UsageRows.__dataclass_fields__))


def usage_table(
    rows: UsageRows, world: World, product: Product, early: EarlyUse, people: People, slots: Slots
) -> pd.DataFrame:
    """Table `usage`: one row a user, feature and session of a day, with a quantity."""
    moment = rows.day.astype(np.int64) * 86400 + rows.second
    columns = {
        "account_id": _strings(rows.account, world.births.ids),
        "user_id": _strings(*_user_names(rows, world, early, people, slots)),
        "feature": _strings(rows.feature, np.array(product.names, dtype=object)),
        "occurred_at": moment.astype("datetime64[s]").astype("datetime64[us]"),
        "quantity": rows.quantity,
    }
    return pd.DataFrame(columns, copy=False)


def _user_names(
    rows: UsageRows, world: World, early: EarlyUse, people: People, slots: Slots
) -> tuple[Ints, NDArray[np.object_]]:
    """Code of each row's user and the names: a contact's own id while it is there, else the slot's turn.

    Slots do not change hands before the account's moment is decided, so that distinct users count right.
    """
    day = np.maximum(rows.day, early.until[rows.account])
    generation = slots.generation(rows.slot, day, world.clock)
    turns, code = np.unique(rows.slot * np.int64(64) + generation, return_inverse=True)
    slot, turn = turns // 64, turns % 64
    parts = zip(slots.account[slot], slots.rank[slot], turn, strict=True)
    ids = [f"U{world.births.ids[a][1:]}-{rank}-{nth}" for a, rank, nth in parts]
    contact = people.by_slot(slots.first, len(slots.account))[rows.slot]
    known = (contact >= 0) & (day >= people.added[contact]) & (day < people.left[contact])
    names = np.concatenate([np.array(ids, dtype=object), people.ids])
    return np.where(known, len(ids) + contact, code), names


def _strings(code: Ints, names: NDArray[np.object_]) -> pd.Series:
    """A column of strings from codes, without a Python object a row."""
    words = pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32)), pa.array(names, type=pa.string()))
    return pd.Series(pd.array(words.cast(pa.string()), dtype="str"))
