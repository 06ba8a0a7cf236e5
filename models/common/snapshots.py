"""The rows that models learn from and score: who, when and what became of it in memory, the features when asked for.

A company of 100,000 accounts has ten million snapshots of some 180 features. A model learns from a sample of them and
scores a date at a time, so nobody needs them all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from rind.models.common.frames import KEYS

OUTCOME = [*KEYS, "churned"]

ReadRows = Callable[["pd.Index[int]"], Iterator[pd.DataFrame]]
"""Gives the rows of an index, which names them in ascending order, piece by piece: all columns, the same index."""


@dataclass(frozen=True)
class Snapshots:
    """One row per (account_id, as_of: datetime64), in order of time.

    Parameters
    ----------
    outcomes
        `OUTCOME` of every row: churned 1/0/NaN (NaN: scored, never trained on).
    pieces
        Reads the features of some of these rows.
    """

    outcomes: pd.DataFrame
    pieces: ReadRows

    @classmethod
    def held(cls, frame: pd.DataFrame) -> Snapshots:
        """Of a frame that lies in memory: features and churned."""

        def one_piece(index: pd.Index[int]) -> Iterator[pd.DataFrame]:
            yield frame.loc[index]

        return cls(frame[OUTCOME], one_piece)

    def rows(self, wanted: pd.DataFrame) -> pd.DataFrame:
        """The rows of a frame's index with all their features; what the frame itself says of them goes first."""
        pieces = list(self.pieces(wanted.index))
        rows = pieces[0] if len(pieces) == 1 else pd.concat(pieces)
        return rows.assign(**wanted.drop(columns=KEYS))
