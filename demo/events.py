"""Things that happen to accounts at a rate: drawn week by week, kept while the account is a customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rind.demo.accounts import Births
from rind.demo.clock import FAR, Bools, Clock, Floats, Ints
from rind.demo.ledger import Tenure
from rind.demo.simulation import History

DAY = 86_400
NEVER = FAR * DAY


@dataclass(frozen=True)
class World:
    """What the makers of tables need: births, history, contract spells and the calendar."""

    births: Births
    history: History
    tenure: Tenure
    clock: Clock

    def live(self) -> Bools:
        """(weeks, accounts): customer on any day of the week."""
        return self.tenure.weeks(self.clock, self.births.count)

    def felt(self, lag_weeks: int) -> Floats:
        """(weeks, accounts, 4): the state as it was some weeks before."""
        back = np.maximum(np.arange(self.clock.weeks) - lag_weeks, 0)
        return np.asarray(self.history.state[back], dtype=np.float64)

    def before_end(self, account: Ints, since: Ints, second: Ints) -> Ints:
        """Seconds, NEVER where they lie at or after the end of the spell of `since`, or of the data."""
        end = np.minimum(self.tenure.last_day(account, since // DAY), self.clock.end + 1)
        return np.where(second < end * DAY, second, NEVER)


@dataclass(frozen=True)
class Happenings:
    """Drawn events: week, account and second, ordered by second."""

    week: Ints
    account: Ints
    second: Ints

    def __len__(self) -> int:
        return len(self.week)


def happen(world: World, rate: Floats, rng: np.random.Generator) -> Happenings:
    """Poisson events at a weekly `rate` (weeks, accounts), mostly on weekdays in office hours."""
    count = rng.poisson(np.where(world.live(), rate, 0))
    week, account = np.nonzero(count)
    times = count[week, account]
    week, account = np.repeat(week, times), np.repeat(account, times)
    day = rng.choice(7, size=len(week), p=[0.21, 0.21, 0.2, 0.19, 0.15, 0.02, 0.02])
    start = world.clock.mondays[week] + day
    second = start * DAY + 6 * 3600 + (12 * 3600 * rng.beta(2, 2, len(week))).astype(np.int64)
    keep = world.tenure.active(account, start) & (start <= world.clock.end)
    order = np.flatnonzero(keep)[np.lexsort((account[keep], second[keep]))]
    return Happenings(week[order], account[order], second[order])


def hours(count: int, median: Floats | float, spread: float, rng: np.random.Generator) -> Ints:
    """Log-normal waiting times in seconds, at least a minute; `median` in hours."""
    drawn = np.asarray(median) * 3600 * np.exp(spread * rng.normal(size=count))
    return np.asarray(np.maximum(drawn, 60), dtype=np.int64)
