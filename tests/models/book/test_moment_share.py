"""Who is past the True North moment, by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rind.models.book.moment_share import moment_cells

MOMENT: Any = {
    "segment": "small",
    "feature": "reports",
    "measure": "users",
    "count": 3,
    "within_days": 30,
    "confirmed": True,
}
LAUNCHES = pd.DataFrame(
    {"account_id": ["a", "b", "c"], "signed_on": pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"])}
)
EARLY = pd.DataFrame(
    [("a", "users:reports", 30, 3.0), ("b", "users:reports", 30, 2.0), ("b", "users:reports", 60, 9.0),
     ("c", "users:boards", 30, 9.0)],
    columns=["account_id", "behaviour", "within_days", "count"],
)  # fmt: skip


def cells(*moments: Any, segment: str | None = "small") -> dict[str, list[float]]:
    """Month -> who is counted, 1 for past the moment, in the order of the accounts."""
    months = ["2025-01-01", "2025-02-01"]
    customers = pd.DataFrame(
        [(account, month) for month in months for account in "abcd"], columns=["account_id", "month"]
    )
    customers = customers.assign(month=pd.to_datetime(customers["month"]), segment=segment, csm="Ann", plan="x")
    made = moment_cells(customers, LAUNCHES, EARLY, moments)
    return {str(month.date()): list(rows["moment_reached"]) for month, rows in made.groupby("month")}


def test_customers_count_once_their_first_days_are_over_by_the_count_and_days_of_the_moment() -> None:
    # 30 days after the 1st of January are over on the 31st, after the 2nd they are not; d signed before the source
    assert cells(MOMENT) == {"2025-01-01": [1.0, 0.0], "2025-02-01": [1.0, 0.0, 0.0]}


def test_the_moment_of_the_segment_stands_before_that_of_all() -> None:
    whole = MOMENT | {"segment": "all", "count": 2}
    assert cells(whole, MOMENT)["2025-02-01"] == [1.0, 0.0, 0.0]
    assert cells(whole, MOMENT, segment="big")["2025-02-01"] == [1.0, 1.0, 0.0]
    assert cells(whole, segment=None)["2025-02-01"] == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("moments", [[], [MOMENT | {"confirmed": False}], [MOMENT | {"segment": "big"}]])
def test_without_a_confirmed_moment_nobody_is_counted(moments: list[Any]) -> None:
    assert cells(*moments) == {}
