"""Invoices: one a month for every account, paid late where money is short."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.demo.clock import FAR, Ints, add_months, to_dates
from rind.demo.events import World
from rind.demo.ledger import monthly_price
from rind.demo.scenarios import Scenario


def invoices_table(scenario: Scenario, world: World, rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Table `invoices`: one row a bill, issued on the contract's day of the month since the data start."""
    account, day = _billing_days(world)
    amount = _amounts(scenario, world, rows, account, day)
    births, clock = world.births, world.clock
    due = day + np.where(births.segment[account] == 0, 14, 30)
    week = clock.week_of(due)
    money = world.history.state[week, account, 3]
    habit = rng.normal(size=births.count)[account]
    # A bill is paid some days before or after it is due: by habit, and the later the shorter the money.
    slack = -4.0 - 5.5 * money + 1.8 * habit + 3.0 * rng.normal(size=len(day))
    worse = np.where(slack > 0, rng.gamma(1.2, 3 * np.exp(-0.4 * money)), 0)
    paid = np.maximum(due + np.ceil(slack + worse).astype(np.int64), day)
    never = rng.random(len(day)) < 0.004 * np.exp(-0.8 * money)
    paid = np.where(never | (paid > clock.end), FAR, paid)
    return pd.DataFrame(
        {
            "invoice_id": [f"B{i:07d}" for i in range(1, len(day) + 1)],
            "account_id": births.ids[account],
            "issued_on": to_dates(day),
            "due_on": to_dates(due),
            "paid_on": to_dates(paid),
            "amount": amount,
        }
    )


def _billing_days(world: World) -> tuple[Ints, Ints]:
    """Account and day of every bill, ordered by account and day."""
    births, clock = world.births, world.clock
    months = int((clock.end - clock.start) / 30.4) + 3
    ago = np.maximum((clock.start - births.signed) / 30.4375, 0).astype(np.int64)
    steps = ago[:, None] + np.arange(-1, months)
    account = np.repeat(np.arange(births.count), steps.shape[1])
    day = add_months(births.signed[account], np.maximum(steps, 0).ravel())
    key = np.unique(account * FAR + day)
    account, day = key // FAR, key % FAR
    keep = (day >= clock.start) & (day <= clock.end) & world.tenure.active(account, day)
    return account[keep], day[keep]


def _amounts(scenario: Scenario, world: World, rows: pd.DataFrame, account: Ints, day: Ints) -> np.ndarray:
    """MRR of the subscription row that holds the day."""
    key = rows["account"].to_numpy() * FAR + rows["start"].to_numpy()
    at = np.searchsorted(key, account * FAR + day, side="right") - 1
    seats, plan = rows["seats"].to_numpy()[at], rows["plan"].to_numpy()[at]
    return monthly_price(scenario, world.births, account, plan, seats).to_numpy()
