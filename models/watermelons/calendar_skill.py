"""Whether flags find more than the renewal calendar does: their precision beside that of accounts as near an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rind.models.common.calendar import CELL
from rind.models.common.resampling import Floats, account_draws, interval, outcome, ratio


@dataclass(frozen=True)
class Skill:
    """What flags are worth beside the calendar.

    Parameters
    ----------
    expected
        The precision that a lot among green accounts with as near a renewal would have.
    gain
        precision - expected.
    expected_draws, gain_draws
        Over the bootstrap draws of accounts.
    """

    expected: float
    gain: float
    expected_draws: Floats
    gain_draws: Floats

    @property
    def proven(self) -> bool:
        """The interval of the gain lies above 0."""
        limits = interval(self.gain_draws)
        return limits is not None and limits["low"] > 0


def beyond_calendar(rows: pd.DataFrame, pick: Floats, codes: Any, weights: Floats) -> Skill:
    """Compare picked rows with a lot among green rows of the same cells of the calendar.

    The rates of the cells include the picked rows themselves: where a cell is small the gain is understated.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): churned (1/0), health_band, ``calendar`` (see `models.common.calendar.cells`;
        absent: all alike).
    pick
        Per row 1 where it is flagged.
    codes, weights
        The account of each row; (draws, accounts) of `models.common.resampling.account_draws`.
    """
    left, green = outcome(rows["churned"]), np.where(rows["health_band"] == "green", 1.0, 0.0)
    cell, names = pd.factorize(rows[CELL]) if CELL in rows else (np.zeros(len(rows), dtype="int64"), [0])
    accounts, kinds = weights.shape[1], max(len(names), 1)
    place = codes * kinds + cell

    def sums(values: Floats) -> Floats:
        flat = np.bincount(place, weights=values, minlength=accounts * kinds)
        return np.asarray(flat.reshape(accounts, kinds), dtype="float64")

    here, gone, taken, caught = (sums(v) for v in (green, green * left, pick * green, pick * green * left))
    drawn = np.vstack([np.ones(accounts), weights])  # the first: as it is
    rate = np.nan_to_num(ratio(drawn @ gone, drawn @ here))
    flagged = drawn @ taken
    total = flagged.sum(axis=1)
    expected = ratio((flagged * rate).sum(axis=1), total)
    gain = ratio((drawn @ caught).sum(axis=1), total) - expected
    return Skill(float(expected[0]), float(gain[0]), expected[1:], gain[1:])


def unproven(past: pd.DataFrame, fewest_departed: int, draws: int, seed: int) -> bool:
    """Whether the past had enough departures to show skill beyond the calendar, and did not.

    Parameters
    ----------
    past
        Rows of dates whose outcomes were all known on the day of the question: account_id, churned, health_band,
        ``watermelon_candidate``, ``calendar``?.
    fewest_departed
        Green accounts that must have left; with fewer nothing is held against the flags.
    draws, seed
        Of the bootstrap by account.
    """
    green = past["health_band"] == "green"
    gone = past.loc[green & (outcome(past["churned"]) == 1), "account_id"].nunique()
    if gone < fewest_departed or not past["watermelon_candidate"].any():
        return False
    codes, names = pd.factorize(past["account_id"], sort=True)
    pick = past["watermelon_candidate"].to_numpy("float64")
    return not beyond_calendar(past, pick, codes, account_draws(len(names), draws, seed)).proven
