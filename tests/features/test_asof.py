from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import snapshots, tables

from rind.features.asof import known, known_on

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


def test_what_is_known_on_a_day_is_what_a_snapshot_of_the_day_knows(con: Any) -> None:
    """Of an account that is in no table, too."""
    times = ("2024-03-10T23:59:59", "2024-03-11T00:00:00")
    rows = [
        {"ticket_id": f"{opened}{solved}{recorded}", "account_id": "a", "opened_at": opened, "resolved_at": solved,
         "touches": 1, "recorded_at": recorded}
        for opened in times for solved in (*times, None) for recorded in (*times, None)
    ]  # fmt: skip
    tickets = tables(con, ("tickets",), tickets=rows)["tickets"]
    pairs = known(snapshots(con, ("a", AS_OF)), tickets, "tickets").select(*tickets.columns)
    alone = known_on(tickets, "tickets", date.fromisoformat(AS_OF))
    one, other = (table.order_by("ticket_id").to_pyarrow().to_pylist() for table in (pairs, alone))
    assert one == other
    assert len(one) == 6
    assert {row["touches"] for row in one} == {1, None}
