"""The story of the company, week by week: states drift, contracts end, accounts stay or leave.

All accounts move at once; the only loop is over weeks. Nothing that a table shows feeds back into churn:
the decision reads the latent state and the contract's calendar alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rind.demo import resizing
from rind.demo.accounts import Births
from rind.demo.clock import FAR, Bools, Clock, Floats, Ints, add_months
from rind.demo.ledger import Ledger
from rind.demo.rules import (
    PLAYBOOK_EFFECTS,
    PLAYBOOK_SHARES,
    care_of,
    make_forces,
    make_rules,
    may_give_notice,
    sigmoid,
)
from rind.demo.scenarios import Scenario


@dataclass
class History:
    """What held on each Monday; arrays are (weeks, accounts), `state` and `mean` have 4 columns more.

    `use` is the log of the usage volume per seat that the account is inclined to in that week.
    """

    state: Floats
    alive: Bools
    noticed: Bools
    champion: Bools
    care: Floats
    use: Floats
    seats: Ints
    plan: Ints
    term_ends: Ints
    champion_left: list[tuple[Ints, Ints]] = field(default_factory=list)  # account, day
    champion_came: list[tuple[Ints, Ints]] = field(default_factory=list)
    interventions: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)  # account, day, playbook


def _blank(weeks: int, accounts: int) -> History:
    shape = (weeks, accounts)
    return History(
        state=np.zeros((*shape, 4)), alive=np.zeros(shape, dtype=bool), noticed=np.zeros(shape, dtype=bool),
        champion=np.zeros(shape, dtype=bool), care=np.zeros(shape), use=np.zeros(shape),
        seats=np.zeros(shape, dtype=np.int64), plan=np.zeros(shape, dtype=np.int64),
        term_ends=np.zeros(shape, dtype=np.int64),
    )  # fmt: skip


class Simulation:
    """The moving parts; `run` plays all weeks and returns what happened."""

    def __init__(
        self,
        scenario: Scenario,
        births: Births,
        clock: Clock,
        seeds: tuple[np.random.SeedSequence, np.random.SeedSequence],
    ):
        self.scenario, self.births, self.clock = scenario, births, clock
        self.rng = np.random.default_rng(seeds[0])
        self.wear = np.random.default_rng(seeds[1])  # of observables only
        self.forces = make_forces(scenario.dynamics)
        self.rules = make_rules(scenario, clock)
        n = births.count
        self.mean = births.mean + np.where(births.lift_day <= clock.start, births.lift, 0)[:, None] * [
            1,
            0,
            0,
            0,
        ]
        within = np.sqrt(np.diag(self.forces.covariance) / (1 - np.diag(self.forces.keep) ** 2))
        self.state = self.mean + within * self.rng.normal(size=(n, 4))
        self.champion = self.rng.random(n) < sigmoid(1.6 + 0.5 * self.state[:, 2])
        self.seats, self.plan = births.seats.copy(), births.plan.copy()
        self.term_ends = births.term_ends
        self.from_day = np.where(births.signed < clock.start, births.starts, births.signed)
        self.to_day = np.full(n, FAR, dtype=np.int64)  # the agreed or actual end, once it is decided
        self.noticed = np.zeros(n, dtype=bool)
        self.felt = self.state.copy()  # the state as behaviour follows it, with a lag
        self.mood = np.zeros(n)
        self.ledger = Ledger(births, clock)

    def run(self) -> tuple[History, Ledger]:
        """Play every week."""
        history = _blank(self.clock.weeks, self.births.count)
        for week, monday in enumerate(self.clock.mondays):
            alive = (self.from_day <= monday) & (self.to_day > monday)
            care = self._watch(history, week, alive)
            self._decide(week, int(monday), alive)
            self._change_plans(int(monday), alive)
            self._move(history, int(monday), alive, care)
        return history, self.ledger

    def _watch(self, history: History, week: int, alive: Bools) -> Floats:
        """Write down the week; the CSMs' chance to intervene follows what they see, not the state."""
        self.felt += 0.35 * (self.state - self.felt)
        self.mood = 0.8 * self.mood + 0.18 * self.wear.normal(size=len(self.mood))
        by_value = np.array([s.volume_from_value for s in self.scenario.segments])[self.births.segment]
        use = self.births.job + by_value * self.felt[:, 0] - 0.08 * self.felt[:, 1] + self.mood
        look = 0.9 * use + 0.3 * self.felt[:, 2] - 0.4 * self.felt[:, 1]
        care = care_of(look, self.term_ends - int(self.clock.mondays[week]), self.births.term_months)
        history.state[week], history.alive[week] = self.state, alive
        history.noticed[week], history.champion[week] = self.noticed & alive, self.champion
        history.care[week], history.use[week] = care, use - 0.35 * self.noticed
        history.seats[week], history.plan[week] = self.seats, self.plan
        history.term_ends[week] = self.term_ends
        return care

    def _decide(self, week: int, monday: int, alive: Bools) -> None:
        """Notices, ends of terms and exits in between of the days [monday, monday + 7]."""
        births, rules, n = self.births, self.rules, self.births.count
        number = np.full(n, rules.of_week[week])
        index = rules.index(self.state, births.segment, number)
        due = (self.term_ends > monday) & (self.term_ends <= monday + 7)
        must_decide = due | may_give_notice(self.term_ends - monday, births.term_months)
        at_term = sigmoid(index + rules.log_odds_at_term(number, births.captive, due))
        between = sigmoid(rules.between_scale[number] * index + rules.between[number])
        free = alive & ~self.noticed
        luck, day = self.rng.random((2, n)), monday + 1 + self.rng.integers(0, 7, n)
        out = free & (luck[0] < between) & (day < self.term_ends)
        says_no = free & ~out & must_decide & (luck[1] < at_term)
        gives, quits = says_no & ~due, says_no & due
        notice = np.full(n, FAR, dtype=np.int64)
        notice[gives] = day[gives] - 1
        self.noticed |= gives
        self.to_day = np.where(out, day, np.where(says_no, self.term_ends, self.to_day))
        left = out | says_no
        self.ledger.leave(np.flatnonzero(left), self.to_day[left], notice[left])
        self._come_back(left)
        self._renew(free & ~out & due & ~quits)

    def _come_back(self, left: Bools) -> None:
        """Some return: a few within the grace (no churn by the contract), a few after months."""
        who = np.flatnonzero(left)
        luck = self.rng.random(len(who))
        soon, late = self.rng.integers(5, 26, len(who)), self.rng.integers(75, 300, len(who))
        scenario = self.scenario
        quick = luck < scenario.back_in_grace
        back = quick | (luck < scenario.back_in_grace + scenario.back_later)
        gap = np.where(quick, soon, late)[back]
        who = who[back]
        self.ledger.plan_return(who, self.to_day[who] + gap)

    def _renew(self, renews: Bools) -> None:
        who = np.flatnonzero(renews)
        self._resize(who, resizing.resized_at_renewal(self.births.term_months[who]))
        start = self.term_ends[who]
        self.term_ends[who] = add_months(start, self.births.term_months[who])
        self.ledger.open(who, start, self.term_ends[who], self.seats[who], self.plan[who])

    def _change_plans(self, monday: int, alive: Bools) -> None:
        """Seats or plan change in the middle of a term; and those who come back sign again."""
        calm = alive & ~self.noticed & (self.to_day == FAR) & (self.term_ends > monday + resizing.QUIET_DAYS)
        who = np.flatnonzero(calm & (self.rng.random(len(calm)) < resizing.RESIZED_IN_A_WEEK))
        before = self.seats[who] * 10 + self.plan[who]
        self._resize(who, np.ones(len(who)))
        who = who[before != self.seats[who] * 10 + self.plan[who]]
        day = monday + 1 + self.rng.integers(0, 5, len(who))
        fresh = day > self.ledger.opened[who]
        who, day = who[fresh], day[fresh]
        self.ledger.open(who, day, self.term_ends[who], self.seats[who], self.plan[who])
        back, on = self.ledger.returning(monday, monday + 7)
        self.from_day[back], self.to_day[back], self.noticed[back] = on, FAR, False
        self.term_ends[back] = add_months(_early_in_month(on), self.births.term_months[back])
        self.ledger.open(back, on, self.term_ends[back], self.seats[back], self.plan[back])

    def _resize(self, who: Ints, share: Floats) -> None:
        """A share of these accounts buys more or fewer seats, some another plan; value and money pull."""
        moved = self.seats[who] * np.exp(
            resizing.seats_pull(self.state[who]) + resizing.SEATS_NOISE * self.rng.normal(size=len(who))
        )
        does = self.rng.random(len(who)) < share
        self.seats[who] = np.where(does, np.clip(np.round(moved), *resizing.SEATS_RANGE), self.seats[who])
        luck = self.rng.random(len(who)) * np.where(does, 1.0, np.inf)
        step = (luck < resizing.plan_up(self.state[who])).astype(np.int64)
        step -= luck > 1 - resizing.plan_down(self.state[who])
        self.plan[who] = np.clip(self.plan[who] + np.where(does, step, 0), 0, 2)

    def _move(self, history: History, monday: int, alive: Bools, care: Floats) -> None:
        """One step of the linear system, with its shocks, for the accounts that are there."""
        dynamics, births, n = self.scenario.dynamics, self.births, self.births.count
        begins = (births.lift_day > monday) & (births.lift_day <= monday + 7)
        drift = (self.state - self.mean) @ self.forces.keep.T
        self.mean[begins, 0] += births.lift[begins]
        step = drift + self.mean + self.rng.normal(size=(n, 4)) * dynamics.noise
        step[begins, 0] -= 0.5 * births.lift[begins]
        luck = self.rng.random((4, n))
        step[:, 1] += dynamics.outage_shock * (self.rng.random() < dynamics.outage)
        step[:, 3] += dynamics.budget_shock * (luck[1] < dynamics.budget_cut)
        goes = alive & self.champion & (luck[0] < dynamics.champion_leaves)
        comes = alive & ~self.champion & (luck[0] < 0.05 * sigmoid(self.state[:, 2] + 0.5))
        step[:, 2] += dynamics.champion_shock * goes
        cared = np.flatnonzero(alive & (luck[3] < care))
        playbook = self.rng.choice(len(PLAYBOOK_SHARES), size=len(cared), p=PLAYBOOK_SHARES)
        step[cared] += PLAYBOOK_EFFECTS[playbook]
        self.champion = (self.champion & ~goes) | comes
        self.state = np.where(alive[:, None], step, self.state)
        day = monday + self.wear.integers(0, 5, n)
        history.champion_left.append((np.flatnonzero(goes), day[goes]))
        history.champion_came.append((np.flatnonzero(comes), day[comes]))
        history.interventions.append((cared, day[cared], playbook))


def _early_in_month(day: Ints) -> Ints:
    """The day, or the 28th of its month when it is later: a term's day must exist in every month."""
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.minimum(day, month + 27)


def stack(parts: Sequence[tuple[Ints, ...]]) -> tuple[Ints, ...]:
    """Concatenate a week-by-week log into one array a column."""
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))
