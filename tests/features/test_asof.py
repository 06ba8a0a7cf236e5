from __future__ import annotations

from typing import Any

import pytest
from builders import snapshots, tables

from rind.features.asof import known

AS_OF = "2024-03-11"


def ages(con: Any, within_days: int | None, *opened: str) -> list[int]:
    """The ages of the tickets that a snapshot knows, in days."""
    rows = [{"ticket_id": str(n), "account_id": "a", "opened_at": when} for n, when in enumerate(opened)]
    pairs = known(snapshots(con, ("a", AS_OF)), tables(con, tickets=rows)["tickets"], "tickets", within_days)
    return sorted(int(age) for age in pairs.age_days.execute())


@pytest.mark.parametrize(
    ("opened", "within_7", "ever"),
    [
        ("2024-03-11T00:00:00", [], []),
        ("2024-03-10T23:59:59", [1], [1]),
        ("2024-03-10T00:00:00", [1], [1]),
        ("2024-03-04T00:00:00", [7], [7]),
        ("2024-03-03T23:59:59", [], [8]),
    ],
)
def test_a_window_of_seven_days_is_the_seven_days_before_as_of(
    con: Any, opened: str, within_7: list[int], ever: list[int]
) -> None:
    assert ages(con, 7, opened) == within_7
    assert ages(con, None, opened) == ever
