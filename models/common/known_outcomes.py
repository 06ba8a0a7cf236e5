"""What was known of every outcome, and when: a label may be learned late, taken back, or turn round.

And how much a row teaches: less, if so configured, where it was known that an intervention may have turned its outcome.
"""

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
    treated_from
        One entry per row: the first date at which it was known that it is under an intervention; NaT: never. None:
        every row teaches alike.
    treated_weight
        How much such a row teaches from then on, 0 to 1.
    """

    index: pd.Index[int]
    rows: npt.NDArray[np.intp]
    churned: npt.NDArray[np.float64]
    known_from: npt.NDArray[np.datetime64]
    known_until: npt.NDArray[np.datetime64]
    treated_from: npt.NDArray[np.datetime64] | None = None
    treated_weight: float = 1.0

    @classmethod
    def of(
        cls, table: pd.DataFrame, answers: pd.DataFrame, treated: pd.DataFrame | None = None, weight: float = 1.0
    ) -> KnownOutcomes:
        """The outcomes of a table's rows.

        Parameters
        ----------
        table
            One row per (account_id, as_of).
        answers
            One row per (account_id, as_of, known_from): churned 1/0, known_until (null: valid to this day).
        treated
            One row per (account_id, as_of) under an intervention: known_from (`features.under_intervention`).
        weight
            How much such a row teaches; with 1 every row teaches alike.
        """
        place = table[KEYS].assign(row=np.arange(len(table)))
        placed = answers.merge(place, on=KEYS, validate="many_to_one")
        return cls(
            table.index,
            placed["row"].to_numpy(),
            placed["churned"].to_numpy(dtype=np.float64),
            _midnights(placed["known_from"]),
            _midnights(placed["known_until"]),
            None if treated is None or weight == 1 else _midnights(_of_rows(table, treated)),
            weight,
        )

    def at(self, day: date) -> pd.Series[float]:
        """1, 0 or NaN (unknown) for each row of the table, standing at ``day`` 00:00."""
        midnight = np.datetime64(day)
        valid = (self.known_from <= midnight) & ~(self.known_until <= midnight)  # an open end is later than any day
        churned = np.full(len(self.index), np.nan)
        churned[self.rows[valid]] = self.churned[valid]
        return pd.Series(churned, index=self.index)

    def weight_at(self, day: date) -> pd.Series[float] | None:
        """How much each row of the table teaches, by what is known at ``day`` 00:00; None: every row alike."""
        if self.treated_from is None:
            return None
        treated = self.treated_from <= np.datetime64(day)  # NaT is no date before any
        return pd.Series(np.where(treated, self.treated_weight, 1.0), index=self.index)


def _of_rows(table: pd.DataFrame, treated: pd.DataFrame) -> pd.Series:
    """known_from of each row of the table."""
    return table[KEYS].merge(treated, on=KEYS, how="left", validate="one_to_one")["known_from"]


def _midnights(dates: pd.Series) -> npt.NDArray[np.datetime64]:
    return pd.to_datetime(dates).to_numpy(dtype="datetime64[s]")
