"""Candidate moments: at least k of X in the first d days, for accounts that are still customers at day d."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.health import days
from models.resampling import Floats, outcome

Codes = npt.NDArray[np.int64]
ROUND_COUNTS = (1, 2, 3, 5, 10, 20, 50, 100)
QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Landmark:
    """The accounts that are still customers at day ``within_days``, and what they had done by then.

    Parameters
    ----------
    within_days
        d: counts are of [signed_on, signed_on + d).
    behaviours
        The names of the columns of ``counts``.
    counts
        (accounts, behaviours).
    stayed
        (accounts,) 1 or 0.
    strata
        (accounts,) number of the stratum (segment x terciles of day 0).
    segments
        (accounts,) name of the segment.
    adjust
        (accounts, columns) what else the account was on day 0, standardised.
    rows
        (accounts,) position of the account in the table that all landmarks were made from.
    """

    within_days: int
    behaviours: tuple[str, ...]
    counts: Floats
    stayed: Floats
    strata: Codes
    segments: npt.NDArray[np.str_]
    adjust: Floats
    rows: Codes

    def only(self, keep: npt.NDArray[np.bool_]) -> Landmark:
        """The same landmark for some of its accounts."""
        return Landmark(
            self.within_days,
            self.behaviours,
            self.counts[keep],
            self.stayed[keep],
            self.strata[keep],
            self.segments[keep],
            self.adjust[keep],
            self.rows[keep],
        )


def landmarks(
    early: pd.DataFrame, accounts: pd.DataFrame, behaviours: tuple[str, ...], windows: Sequence[int]
) -> list[Landmark]:
    """One `Landmark` per window of days; tables as for `models.true_north.find`, all outcomes known."""
    if not windows or accounts.empty:
        return []
    row_of = pd.Series(np.arange(len(accounts)), index=accounts["account_id"])
    strata, adjust = day_zero(accounts)
    segments = accounts["segment"].to_numpy(dtype="str")
    lived = (days(accounts["left_on"]) - days(accounts["signed_on"])).dt.days.to_numpy("float64", na_value=np.inf)
    stayed = outcome(accounts["stayed"])
    column_of = pd.Series(np.arange(len(behaviours)), index=list(behaviours))
    early = early[early["account_id"].isin(row_of.index) & early["behaviour"].isin(column_of.index)]
    found = []
    for within in windows:
        part = early[early["within_days"] == within]
        counts = np.zeros((len(accounts), len(behaviours)))
        counts[row_of[part["account_id"]], column_of[part["behaviour"]]] = part["count"]
        rows = np.arange(len(accounts))
        whole = Landmark(within, behaviours, counts, stayed, strata, segments, adjust, rows)
        found.append(whole.only(lived >= within))
    return found


def day_zero(accounts: pd.DataFrame) -> tuple[Codes, Floats]:
    """Strata (segment x the tercile or value of every day-0 column) and the numeric columns, log1p, standardised."""
    known = ("account_id", "signed_on", "segment", "stayed", "left_on")
    parts: list[pd.Series[str]] = [accounts["segment"].astype("str")]
    numbers: list[Floats] = []
    for name in (c for c in accounts.columns if c not in known):
        column = accounts[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            values = column.astype("float64").fillna(column.median() if column.notna().any() else 0.0)
            third = values.groupby(accounts["segment"]).rank(pct=True)  # equal values share a rank
            parts.append(third.mul(3).apply(np.ceil).astype("int64").astype("str"))
            numbers.append(standardised(np.log1p(values.clip(lower=0).to_numpy("float64"))))
        else:
            parts.append(column.astype("str").fillna(""))
    strata = pd.concat(parts, axis=1).agg("|".join, axis=1)
    adjust = np.column_stack(numbers) if numbers else np.zeros((len(accounts), 0))
    return pd.factorize(strata)[0].astype("int64"), adjust


def standardised(values: Floats) -> Floats:
    """Mean 0 and spread 1 by column; a constant becomes 0."""
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0), dtype="float64")


@dataclass(frozen=True)
class Grid:
    """The candidates of one landmark: ``columns`` of behaviours, ``counts`` k, and who reached them.

    ``reached``: (accounts, candidates) float32 0/1.
    """

    columns: Codes
    counts: Codes
    reached: npt.NDArray[np.float32]


def grid(landmark: Landmark, min_side: int, most: int = 8) -> Grid:
    """Thresholds at round numbers and at the quantiles of those who did it at all, at most ``most`` a behaviour.

    Only those that at least ``min_side`` accounts reached and as many did not; of thresholds that the same
    accounts reach, the lowest.
    """
    columns, counts, reached = [], [], []
    for column in range(len(landmark.behaviours)):
        values = landmark.counts[:, column]
        for k in thresholds(values, min_side, most):
            columns.append(column)
            counts.append(k)
            reached.append(values >= k)
    matrix = np.column_stack(reached) if reached else np.zeros((len(landmark.stayed), 0))
    return Grid(np.array(columns, dtype="int64"), np.array(counts, dtype="int64"), matrix.astype("float32"))


def thresholds(values: Floats, min_side: int, most: int) -> list[int]:
    """The k to try for one behaviour, ascending."""
    done = values[values > 0]
    if len(done) < min_side:
        return []
    wanted = np.unique(np.concatenate([np.ceil(np.quantile(done, QUANTILES)), ROUND_COUNTS]))
    sizes = np.array([(values >= k).sum() for k in wanted])
    supported = (sizes >= min_side) & (sizes <= len(values) - min_side)
    wanted, sizes = wanted[supported], sizes[supported]
    _, first = np.unique(-sizes, return_index=True)
    distinct = wanted[first]
    if len(distinct) > most:
        distinct = distinct[np.unique(np.linspace(0, len(distinct) - 1, most).round().astype(int))]
    return [int(k) for k in distinct]


NOUNS = {"events": ("use", "of"), "users": ("user", "on"), "days": ("day", "on")}


def said(behaviour: str, count: int, more: bool = False) -> str:
    """A behaviour in words: ``users:reports`` 2 -> "2 users on reports", ``trainings`` 1 -> "1 training"."""
    kind, _, what = behaviour.replace("_", " ").partition(":")
    noun, word = NOUNS.get(kind, (kind.removesuffix("s"), "of"))
    noun = noun if count == 1 else f"{noun}s"
    return " ".join(filter(None, [str(count), "more" if more else "", noun, f"{word} {what}" if what else ""]))
