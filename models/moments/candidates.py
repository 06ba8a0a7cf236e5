"""Candidate moments: at least k of X in the first d days, for accounts that are still customers at day d."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.facts.moments import PRODUCT_MEASURES
from rind.models.common.frames import datetimes
from rind.models.common.resampling import Floats
from rind.models.common.settings import OutcomeSettings
from rind.models.common.survival import Bools, Followed, follow, tenure

Codes = npt.NDArray[np.int64]
ROUND_COUNTS = (*range(1, 13), 15, 20, 25, 30, 40, 50, 75, 100)
QUANTILES = np.linspace(0.05, 0.95, 19)
APART = 0.02  # neighbouring thresholds differ by at least this share of the accounts
KNOWN = (
    "account_id",
    "signed_on",
    "segment",
    "left_on",
    "followed_days",
    "term_days",
    "contract_day",
    "mrr_later",
    "used_later",
    "csm",
)
LEVELS = 8  # of a text of day 0; rarer ones are one


@dataclass(frozen=True)
class Landmark:
    """The accounts that are still customers at day ``within_days``, what they had done by then, and what followed.

    Only what happens after day ``within_days`` counts as outcome: who had left before is not compared.

    Parameters
    ----------
    within_days
        d: counts are of [signed_on, signed_on + d).
    behaviours
        The names of the columns of ``counts``.
    counts
        (accounts, behaviours).
    followed
        What became of the accounts, from signing on.
    day_zero
        (accounts, columns) what the account was on day 0, and when it signed; the first column is 1.
    segments
        (accounts,) name of the segment.
    blocks
        (accounts,) number of the segment and half of the sign-ups, within which permutations deal.
    rows
        (accounts,) position of the account in the table that all landmarks were made from.
    """

    within_days: int
    behaviours: tuple[str, ...]
    counts: Floats
    followed: Followed
    day_zero: Floats
    segments: npt.NDArray[np.str_]
    blocks: Codes
    rows: Codes

    def only(self, keep: Bools) -> Landmark:
        """The same landmark for some of its accounts."""
        return Landmark(
            self.within_days,
            self.behaviours,
            self.counts[keep],
            self.followed.only(keep),
            self.day_zero[keep],
            self.segments[keep],
            self.blocks[keep],
            self.rows[keep],
        )

    def reached(self, behaviour: str, count: int) -> Bools:
        """(accounts,) whether each did at least so much; nobody where the behaviour is unknown."""
        if behaviour not in self.behaviours:
            return np.zeros(len(self.rows), dtype=bool)
        return np.asarray(self.counts[:, self.behaviours.index(behaviour)] >= count)


def landmarks(
    early: pd.DataFrame,
    accounts: pd.DataFrame,
    behaviours: tuple[str, ...],
    windows: Sequence[int],
    success: OutcomeSettings,
) -> list[Landmark]:
    """One `Landmark` per window of days; tables as for `models.moments.discovery.find`."""
    if not windows or accounts.empty:
        return []
    row = pd.Index(accounts["account_id"]).get_indexer(pd.Index(early["account_id"]))
    column = pd.Index(list(behaviours)).get_indexer(pd.Index(early["behaviour"]))
    window, many = early["within_days"].to_numpy(), early["count"].to_numpy("float64")
    segments = accounts["segment"].to_numpy(dtype="str")
    late = datetimes(accounts["signed_on"]).rank(pct=True).to_numpy() > 0.5
    blocks = pd.factorize(pd.Series(segments) + np.where(late, "|late", "|early"))[0].astype("int64")
    followed, zero = follow(accounts, success), day_zero(accounts)
    alive_until = np.minimum(tenure(accounts), accounts["followed_days"].to_numpy("float64"))
    made = []
    for within in windows:
        here = (window == within) & (row >= 0) & (column >= 0)
        counts = np.zeros((len(accounts), len(behaviours)))
        counts[row[here], column[here]] = many[here]
        rows = np.arange(len(accounts))
        whole = Landmark(within, behaviours, counts, followed, zero, segments, blocks, rows)
        made.append(whole.only(alive_until >= within))
    return made


def day_zero(accounts: pd.DataFrame) -> Floats:
    """(accounts, columns): 1, the numbers of day 0 (log1p, standardised) and their squares, texts and the segment
    as 0/1, the length of the first term, and the day of signing to the third power."""
    columns = [np.ones(len(accounts))]
    for name in (c for c in accounts.columns if c not in KNOWN):
        column = accounts[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            values = column.astype("float64")
            filled = values.fillna(values.median() if values.notna().any() else 0.0).clip(lower=0.0)
            logs = standardised(np.log1p(filled.to_numpy("float64")))
            columns += [logs, logs**2]
        else:
            columns += _indicators(column)
    columns += _indicators(accounts["segment"])
    if "term_days" in accounts:
        terms = pd.cut(accounts["term_days"].astype("float64"), [-np.inf, 45, 200, 500, np.inf]).astype("str")
        columns += _indicators(terms)
    signed = datetimes(accounts["signed_on"])
    day = standardised((signed - signed.min()).dt.days.to_numpy("float64")) if len(signed) else np.zeros(0)
    return np.column_stack([*columns, day, day**2, day**3])


def _indicators(column: pd.Series) -> list[Floats]:
    """0/1 of each level of a text but the most frequent; levels beyond `LEVELS` are one."""
    text = column.astype("str").fillna("")
    levels = text.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable").index[1:LEVELS]
    return [np.asarray(text == level, dtype="float64") for level in levels]


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


def grid(landmark: Landmark, min_side: int) -> Grid:
    """The thresholds of every behaviour; `uses` that equal `events` (every quantity is 1) are left out."""
    columns, counts, reached = [], [], []
    for column, behaviour in enumerate(landmark.behaviours):
        values = landmark.counts[:, column]
        if _is_copy(landmark, behaviour, values):
            continue
        for k in thresholds(values, min_side):
            columns.append(column)
            counts.append(k)
            reached.append(values >= k)
    matrix = np.column_stack(reached) if reached else np.zeros((len(landmark.rows), 0))
    return Grid(np.array(columns, dtype="int64"), np.array(counts, dtype="int64"), matrix.astype("float32"))


def _is_copy(landmark: Landmark, behaviour: str, values: Floats) -> bool:
    measure, _, what = behaviour.partition(":")
    twin = f"events:{what}"
    if measure != "uses" or twin not in landmark.behaviours:
        return False
    return bool(np.array_equal(values, landmark.counts[:, landmark.behaviours.index(twin)]))


def thresholds(values: Floats, min_side: int) -> list[int]:
    """The k to try for one behaviour, ascending: round numbers, and quantiles of those who did it at all.

    Only those that at least ``min_side`` accounts reached and as many did not, and that another share of the
    accounts reaches than the one before.
    """
    done = values[values > 0]
    if len(done) < min_side:
        return []
    wanted = np.unique(np.concatenate([np.ceil(np.quantile(done, QUANTILES)), ROUND_COUNTS]))
    sizes = len(values) - np.searchsorted(np.sort(values), wanted, side="left")
    chosen: list[int] = []
    last = float("inf")
    for k, size in zip(wanted, sizes, strict=True):
        apart = last - size >= max(1.0, APART * len(values))
        if min_side <= size <= len(values) - min_side and apart:
            chosen.append(int(k))
            last = float(size)
    return chosen


def feature_of(behaviour: str) -> str:
    """What a behaviour is about: ``users:reports`` -> ``reports``; ``active_days`` -> ``active_days``."""
    measure, _, what = behaviour.partition(":")
    return what if measure in PRODUCT_MEASURES else behaviour


def measure_of(behaviour: str) -> str:
    """How it is counted: ``users:reports`` -> ``users``; ``active_days`` -> ``count``."""
    measure = behaviour.partition(":")[0]
    return measure if measure in PRODUCT_MEASURES else "count"
