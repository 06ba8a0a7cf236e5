"""What a CSM commits to for an account and a quarter, and the record of it as forecast_record.json holds it."""

from __future__ import annotations

from typing import Literal, TypedDict, get_args

Category = Literal["commit", "best_case", "at_risk"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
NONE = "none"
"""Stands for a category where nobody committed to anything."""


class CommitmentRecord(TypedDict):
    """The accounts of one category in one quarter that is over; money a year.

    Parameters
    ----------
    quarter
        Its first day, ISO 8601.
    csm
        Who looks after them; ``all``: everybody's.
    category
        One of `CATEGORIES` as it stood when the quarter began, or `NONE`.
    arr, arr_actual
        What they paid on the day of the quarter's first forecast, and at its end.
    kept
        Share of ``arr`` that was still paid at the end, expansion left out; 0 to 1.
    kept_by_model
        The same as the model's churn probabilities of that day expected it; None where there were none.
    """

    quarter: str
    csm: str
    category: str
    accounts: int
    arr: float
    arr_actual: float
    kept: float
    kept_by_model: float | None
