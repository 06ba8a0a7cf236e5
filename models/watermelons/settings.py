"""How watermelons are flagged, as params.yaml sets it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from rind.common.errors import ParamsError
from rind.common.settings import Count, Days, NotNegative, Section


class WatermelonSettings(Section):
    """How the threshold is chosen: exactly one of ``capacity``, ``accounts_per_week`` and ``precision`` is set.

    Parameters
    ----------
    capacity
        Share of the green accounts that the CSMs can call in a week (0.1 = a tenth).
    accounts_per_week
        The same as a number of accounts: so many a date, on the average of the earlier dates.
    precision
        Share of the flagged accounts that should really leave.
    look_back_days
        Only dates this recent choose the threshold.
    fewest_departed
        Green accounts known to have left, from which on nobody is flagged where the earlier flags found no more than
        the renewal calendar does.
    fewest_accounts
        A past precision of fewer accounts, on however many dates, is chance and chooses no threshold.
    told_from
        Log-odds by which a family must have raised the risk of a departed account to have given a warning.

    Raises
    ------
    ParamsError
        None or several of the three are set, or a share lies outside (0, 1).
    """

    capacity: float | None
    accounts_per_week: Count | None
    precision: float | None
    look_back_days: Days
    fewest_departed: Annotated[int, Field(ge=2)]
    fewest_accounts: Count
    told_from: NotNegative

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        shares = [v for v in (self.capacity, self.precision) if v is not None]
        set_ = len(shares) + (self.accounts_per_week is not None)
        if set_ != 1 or any(not 0 < v < 1 for v in shares):
            raise ParamsError(
                f"the watermelon rule has capacity {self.capacity}, accounts_per_week {self.accounts_per_week} and "
                f"precision {self.precision}",
                "give exactly one of them (capacity and precision between 0 and 1), and null for the others",
            )
        return self
