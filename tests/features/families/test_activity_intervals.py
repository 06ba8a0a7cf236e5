from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from builders import on_engine
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.families.activity_intervals import spells

START = date(2025, 1, 1)
SCHEMA = pa.schema(
    [("account_id", pa.string()), ("person_id", pa.string()), ("known_on", pa.date32()), ("happened_on", pa.date32())]
)


def active_days(con: Any, activity: list[tuple[int, int]], lasting: int) -> list[int]:
    """Days after START on which the person is active, with repetitions; activity = (happened, days to know)."""
    rows = [
        {
            "account_id": "a", "person_id": "p",
            "happened_on": START + timedelta(days=day), "known_on": START + timedelta(days=day + lag),
        }
        for day, lag in activity
    ]  # fmt: skip
    table = on_engine(con, pa.Table.from_pylist(rows, SCHEMA))
    origin = (START - date(1970, 1, 1)).days
    found = spells(table, lasting).to_pyarrow().to_pylist()
    return sorted(d - origin for row in found for d in range(row["first_day"], row["last_day"] + 1))


@pytest.mark.parametrize(("activity", "days"), [
    ([(0, 0)], list(range(1, 8))),
    ([(0, 0), (7, 0)], list(range(1, 15))),
    ([(0, 0), (8, 0)], [*range(1, 8), *range(9, 16)]),
    ([(0, 0), (6, 5)], [*range(1, 8), *range(12, 14)]),
    ([(0, 7)], []),
])  # fmt: skip
def test_a_person_is_active_from_the_day_after_it_was_known_for_so_many_days(
    con: Any, activity: list[tuple[int, int]], days: list[int]
) -> None:
    assert active_days(con, activity, 7) == days


@settings(deadline=None, max_examples=25)
@given(activity=st.lists(st.tuples(st.integers(0, 60), st.sampled_from([0, 0, 0, 1, 3, 9, 20])), max_size=25))
def test_spells_are_the_union_of_what_every_single_activity_makes_active(
    duckdb_engine: Any, activity: list[tuple[int, int]]
) -> None:
    union = {d for day, lag in activity for d in range(day + lag + 1, day + 7 + 1)}
    assert active_days(duckdb_engine, activity, 7) == sorted(union)
