"""What was known of every outcome, and when: a label may be learned late, taken back, or turn round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.models.common.frames import KEYS


@dataclass(frozen=True)
class KnownOutcomes:
    """The outcomes of the rows of one table, at any date.

    Parameters
    ----------
    index
        Of the table.
    rows, churned, known_from, known_until
        One entry per answer: position of its row, 1/0, and the dates [known_from, known_until) at which it was valid.
    """

    index: pd.Index[int]
    rows: npt.NDArray[np.intp]
    churned: npt.NDArray[np.float64]
    known_from: npt.NDArray[np.datetime64]
    known_until: npt.NDArray[np.datetime64]

    @classmethod
    def of(cls, table: pd.DataFrame, answers: pd.DataFrame) -> KnownOutcomes:
        """The outcomes of a table's rows.

        Parameters
        ----------
        table
            One row per (account_id, as_of).
        answers
            One row per (account_id, as_of, known_from): churned 1/0, known_until (null: valid to this day).
        """
        place = table[KEYS].assign(row=np.arange(len(table)))
        placed = answers.merge(place, on=KEYS, validate="many_to_one")
        return cls(
            table.index,
            placed["row"].to_numpy(),
            placed["churned"].to_numpy(dtype=np.float64),
            _midnights(placed["known_from"]),
            _midnights(placed["known_until"]),
        )

    def at(self, day: date) -> pd.Series[float]:
        """1, 0 or NaN (unknown) for each row of the table, standing at ``day`` 00:00."""
        midnight = np.datetime64(day)
        valid = (self.known_from <= midnight) & ~(self.known_until <= midnight)  # an open end is later than any day
        churned = np.full(len(self.index), np.nan)
        churned[self.rows[valid]] = self.churned[valid]
        return pd.Series(churned, index=self.index)


def _midnights(dates: pd.Series) -> npt.NDArray[np.datetime64]:
    return pd.to_datetime(dates).to_numpy(dtype="datetime64[s]")
