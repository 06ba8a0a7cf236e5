"""The company's own health score: mostly usage volume, which is why its greens are not all green."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.demo.clock import Floats, to_dates
from rind.demo.events import DAY, World
from rind.demo.rules import sigmoid
from rind.demo.usage import UsageRows

_WINDOW_WEEKS = 4


def health_scores_table(
    world: World, usage: UsageRows, tickets: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Table `health_scores`: one row an account and Monday, from what was known before that Monday.

    Usage of the last four weeks per seat against the segment's usual level makes nine tenths of it.
    `fit` is the CSM's answer, where one was given, to "does this use fit how they should be using it?".
    """
    clock, births, history = world.clock, world.births, world.history
    volume = _recent(_weekly(world, usage.account, usage.day, usage.quantity))
    per_seat = np.log1p(volume / np.maximum(history.seats, 1))
    usual, spread = _usual(world, per_seat)
    opened = tickets["opened_at"].to_numpy().astype("datetime64[s]").astype(np.int64) // DAY
    account = pd.Index(births.ids).get_indexer(pd.Index(tickets["account_id"]))
    cases = _recent(_weekly(world, account, opened, np.ones(len(opened))))
    level = 1.0 + 1.15 * (per_seat - usual) / spread - 0.10 * np.log1p(cases)
    score = 100 * sigmoid(level + 0.15 * rng.normal(size=level.shape))
    week, who = np.nonzero(history.alive & (np.arange(clock.weeks) >= _WINDOW_WEEKS)[:, None])
    return pd.DataFrame(
        {
            "account_id": births.ids[who],
            "as_of": to_dates(clock.mondays[week]),
            "score": np.round(score[week, who], 1),
            "fit": _answers(world, rng)[week // 13, who],
        }
    )


def _usual(world: World, per_seat: Floats) -> tuple[Floats, Floats]:
    """Over accounts: median and standard deviation of the weeks of customers in the account's segment."""
    level, spread = np.zeros(world.births.count), np.ones(world.births.count)
    for segment in range(3):
        mine = world.births.segment == segment
        values = per_seat[:, mine][world.history.alive[:, mine]]
        if len(values):
            level[mine], spread[mine] = np.median(values), np.std(values) + 0.1
    return level, spread


def _weekly(world: World, account: np.ndarray, day: np.ndarray, amount: np.ndarray) -> Floats:
    """(weeks, accounts): sums by week."""
    cell = world.clock.week_of(day) * world.births.count + account
    total = np.bincount(cell, weights=amount, minlength=world.clock.weeks * world.births.count)
    return np.asarray(total.reshape(world.clock.weeks, world.births.count), dtype=np.float64)


def _recent(weekly: Floats) -> Floats:
    """Sum of the four weeks before each Monday."""
    total = np.vstack([np.zeros((1, weekly.shape[1])), np.cumsum(weekly, axis=0)])
    week = np.arange(len(weekly))
    return np.asarray(total[week] - total[np.maximum(week - _WINDOW_WEEKS, 0)], dtype=np.float64)


def _answers(world: World, rng: np.random.Generator) -> np.ndarray:
    """(quarters, accounts): the CSM's yes, no or unsure; None for two thirds."""
    births, quarters = world.births, world.clock.weeks // 13 + 1
    state = world.history.state[np.minimum(13 * np.arange(quarters), world.clock.weeks - 1)]
    bad = sigmoid(-1.6 + 1.9 * births.captive - 0.35 * births.fit - 0.3 * state[..., 0])
    luck, unsure = rng.random(bad.shape), rng.random(bad.shape) < 0.25
    word = np.where(unsure, "unsure", np.where(luck < bad, "no", "yes")).astype(object)
    word[rng.random(bad.shape) < 0.65] = None
    return np.asarray(word)
