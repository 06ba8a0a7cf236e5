"""The planted True North moments: early use of one feature, partly luck, that lifts value for good."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rind.demo.accounts import Births
from rind.demo.clock import FAR, Clock, Ints
from rind.demo.product import Product
from rind.demo.scenarios import SEGMENTS, Moment, Scenario


@dataclass(frozen=True)
class EarlyUse:
    """Raw events of the moments' features by young accounts; all arrays are over events.

    `user` counts from 0 within the account. For an account in `until` (day, 0 when it has no moment)
    these rows are all the use of `feature` that there is before that day.
    """

    account: Ints
    user: Ints
    feature: Ints
    day: Ints
    until: Ints  # over accounts
    until_feature: Ints  # over accounts, -1 when there is none


def plant_moments(
    scenario: Scenario, births: Births, product: Product, clock: Clock, rng: np.random.Generator
) -> tuple[Births, EarlyUse]:
    """Draw the early use of each moment's feature and lift the accounts that got there.

    How often depends on fit, size and plan (so that reaching is confounded) and on luck of the same order;
    accounts that were customers before the data start have had their luck unseen.
    """
    parts, reached = [], np.zeros(births.count, dtype=bool)
    lift, lift_day = np.zeros(births.count), np.full(births.count, FAR, dtype=np.int64)
    until, feature = np.zeros(births.count, dtype=np.int64), np.full(births.count, -1, dtype=np.int64)
    for moment in scenario.moments:
        who = np.flatnonzero(births.segment == SEGMENTS.index(moment.segment))
        count = _counts(moment, births, who, rng)
        there = who[count >= moment.count]
        reached[there], lift[there] = True, moment.lift
        lift_day[there] = births.signed[there] + moment.within_days
        until[who], feature[who] = births.signed[who] + moment.within_days, product.position(moment.feature)
        young = births.signed[who] >= clock.start
        parts.append(_events(moment, births, who[young], count[young], rng))
    account, user, day = (
        np.concatenate([p[i] for p in parts]) if parts else np.zeros(0, dtype=np.int64) for i in range(3)
    )
    use = EarlyUse(account, user, feature[account], day, until, feature)
    return replace(births, reached=reached, lift=lift, lift_day=lift_day), use


def _counts(moment: Moment, births: Births, who: Ints, rng: np.random.Generator) -> Ints:
    """Events or users of each account in the moment's window."""
    size = np.log(births.seats[who] / np.median(births.seats[who])) if len(who) else np.zeros(0)
    drive = 0.22 * births.fit[who] + 0.25 * size + 0.12 * births.job[who] + 0.5 * rng.normal(size=len(who))
    count = rng.poisson(0.9 * moment.count * np.exp(drive))
    return np.minimum(count, births.seats[who]) if moment.measure == "users" else count


def _events(
    moment: Moment, births: Births, who: Ints, count: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Account, user and day of every event, `count` an account by the moment's measure."""
    account = np.repeat(who, count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    if moment.measure == "users":
        again = 1 + rng.poisson(1.5, len(account))
        account, user = np.repeat(account, again), np.repeat(nth, again)
    else:
        user = rng.integers(0, np.minimum(births.seats[account], 1 + count.repeat(count) // 3))
    day = births.signed[account] + (moment.within_days * rng.beta(1.0, 1.3, len(account))).astype(np.int64)
    friday = day - np.maximum((day + 3) % 7 - 4, 0)  # people work on weekdays
    return account, user, np.where(friday >= births.signed[account], friday, day)
