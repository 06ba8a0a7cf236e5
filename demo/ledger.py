"""The contract book: which subscription rows open and close, and on which days an account is a customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rind.demo.accounts import Births
from rind.demo.clock import FAR, Bools, Clock, Floats, Ints, add_months, to_dates
from rind.demo.scenarios import PLANS, Scenario

PLAN_FACTOR = np.array([0.7, 1.0, 1.5])
CURRENCY = "EUR"  # of every price


class Ledger:
    """Openings and leavings as they are decided; `subscriptions` turns them into rows."""

    def __init__(self, births: Births, clock: Clock):
        self.births, self.clock = births, clock
        self._opens: list[tuple[Ints, ...]] = []
        self._leaves: list[tuple[Ints, ...]] = []
        self._back = np.full(births.count, FAR, dtype=np.int64)
        self.opened = np.full(births.count, -FAR, dtype=np.int64)  # start of each account's last row
        self._open_first_terms()

    def _open_first_terms(self) -> None:
        """The terms up to the one that runs when the account enters the data; seats grew on the way."""
        births = self.births
        months = births.term_months
        ago = np.maximum(np.round((births.starts - births.signed) / (months * 30.4375)), 0).astype(np.int64)
        who = np.repeat(np.arange(births.count), ago + 1)
        nth = np.arange(len(who)) - np.repeat(np.cumsum(ago + 1) - ago - 1, ago + 1)
        start = add_months(births.signed[who], nth * months[who])
        years_ago = (births.starts[who] - start) / 365.25
        seats = np.maximum(np.round(births.seats[who] * 0.93**years_ago), 2).astype(np.int64)
        self.open(who, start, add_months(start, months[who]), seats, births.plan[who])

    def open(self, who: Ints, start: Ints, term_ends: Ints, seats: Ints, plan: Ints) -> None:
        """Open one row each for these accounts."""
        self._opens.append((who.copy(), start.copy(), term_ends.copy(), seats.copy(), plan.copy()))
        np.maximum.at(self.opened, who, start)

    def leave(self, who: Ints, day: Ints, notice: Ints) -> None:
        """Close the row that runs; `notice` is FAR when none is given."""
        self._leaves.append((who, day, notice))

    def plan_return(self, who: Ints, day: Ints) -> None:
        """These accounts will sign again on these days."""
        self._back[who] = day

    def returning(self, from_day: int, to_day: int) -> tuple[Ints, Ints]:
        """Accounts that sign again on a day in (from_day, to_day], and the day."""
        who = np.flatnonzero((self._back > from_day) & (self._back <= to_day))
        return who, self._back[who]

    def rows(self) -> pd.DataFrame:
        """One row a subscription: account, start, end, notice, term_ends (days), seats, plan.

        What would happen after the data end is not there: later rows are absent, later ends are FAR.
        """
        who, start, term, seats, plan = (np.concatenate(c) for c in zip(*self._opens, strict=True))
        rows = pd.DataFrame({"account": who, "start": start, "term_ends": term, "seats": seats, "plan": plan})
        rows = rows.sort_values(["account", "start"], ignore_index=True)
        following = rows.groupby("account")["start"].shift(-1).fillna(FAR).astype(np.int64)
        gone, day, notice = (np.concatenate(c) for c in zip(*self._leaves, strict=True))
        exits = pd.DataFrame({"account": gone, "day": day, "notice": notice, "start": day - 1})
        exits = pd.merge_asof(
            exits.sort_values("start"), rows[["account", "start"]].reset_index().sort_values("start"),
            on="start", by="account",
        ).set_index("index")  # fmt: skip
        rows["end"] = exits["day"].reindex(rows.index).fillna(FAR).clip(upper=following).astype(np.int64)
        rows["notice"] = exits["notice"].reindex(rows.index).fillna(FAR).astype(np.int64)
        rows = rows[rows["start"] <= self.clock.end].reset_index(drop=True)
        for column in ("end", "notice"):
            rows[column] = rows[column].where(rows[column] <= self.clock.end, FAR)
        return rows


@dataclass(frozen=True)
class Tenure:
    """The days on which accounts are customers: spells [start, end), sorted by account and start."""

    account: Ints
    start: Ints
    end: Ints

    @classmethod
    def from_rows(cls, rows: pd.DataFrame) -> Tenure:
        """Join the rows that follow one another without a gap."""
        account, start = rows["account"].to_numpy(), rows["start"].to_numpy()
        end = rows["end"].to_numpy()
        first = np.r_[True, (account[1:] != account[:-1]) | (start[1:] != end[:-1])]
        last = np.r_[first[1:], True]
        return cls(account[first], start[first], end[last])

    def active(self, account: Ints, day: Ints) -> Bools:
        """Whether each account is a customer on each day."""
        return np.asarray(day < self.last_day(account, day))

    def last_day(self, account: Ints, day: Ints) -> Ints:
        """End (exclusive) of the spell that holds each day; 0 when the account is no customer then."""
        scale = np.int64(4 * FAR)  # 64 bits, whatever the callers' codes have
        at = np.searchsorted(self.account * scale + self.start, account * scale + day, side="right") - 1
        spell = np.maximum(at, 0)
        inside = (at >= 0) & (self.account[spell] == account) & (day < self.end[spell])
        return np.where(inside, self.end[spell], 0)

    def weeks(self, clock: Clock, accounts: int) -> Bools:
        """(weeks, accounts): whether the account is a customer on any day of the week."""
        edges = np.zeros((clock.weeks + 1, accounts), dtype=np.int64)
        inside = (self.end > clock.start) & (self.start <= clock.end)
        first = np.clip((self.start[inside] - clock.start) // 7, 0, clock.weeks)
        last = np.clip((self.end[inside] - 1 - clock.start) // 7 + 1, 0, clock.weeks)
        np.add.at(edges, (first, self.account[inside]), 1)
        np.add.at(edges, (last, self.account[inside]), -1)
        return np.asarray(np.cumsum(edges, axis=0)[:-1] > 0)


def monthly_price(scenario: Scenario, births: Births, account: Ints, plan: Ints, seats: Ints) -> pd.Series:
    """MRR of each row, in the vendor's currency, two decimals."""
    seat = np.array([s.seat_price for s in scenario.segments])[births.segment[account]]
    return pd.Series(np.round(seat * volume_factor(seats) * PLAN_FACTOR[plan] * births.discount[account] * seats, 2))


def volume_factor(seats: Ints) -> Floats:
    """What a seat costs beside the list price: less, the more there are."""
    return np.asarray(np.clip(1.15 - 0.07 * np.log(seats), 0.7, 1.1))


def subscriptions(scenario: Scenario, births: Births, rows: pd.DataFrame) -> pd.DataFrame:
    """Table `subscriptions`: one row a term, a new row for every renewal and change."""
    account, plan = rows["account"].to_numpy(), rows["plan"].to_numpy()
    return pd.DataFrame(
        {
            "subscription_id": [f"S{i:07d}" for i in range(1, len(rows) + 1)],
            "account_id": births.ids[account],
            "plan": np.array(PLANS, dtype=object)[plan],
            "seats": rows["seats"].to_numpy(),
            "mrr": monthly_price(scenario, births, account, plan, rows["seats"].to_numpy()).to_numpy(),
            "starts_on": to_dates(rows["start"].to_numpy()),
            "term_ends_on": to_dates(rows["term_ends"].to_numpy()),
            "ended_on": to_dates(rows["end"].to_numpy()),
            "notice_on": to_dates(rows["notice"].to_numpy()),
            "currency": CURRENCY,
        }
    )
