"""Which interventions are known on a day."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from rind.features.begun import begun_interventions

DAY = date(2026, 6, 28)
SCHEMA = {"intervention_id": "string", "account_id": "string", "playbook": "string", "started_on": "date",
          "ended_on": "date", "cost": "float64", "recorded_at": "timestamp"}  # fmt: skip


def begun(playbook: str | None, started: date, recorded: pd.Timestamp | None = None) -> list[str]:
    row = {"intervention_id": "i", "account_id": "a", "playbook": playbook, "started_on": started, "ended_on": None,
           "cost": 1.0, "recorded_at": recorded}  # fmt: skip
    tables = {
        "interventions": ibis.memtable(pd.DataFrame([row]).astype("object"), schema=SCHEMA),
        "accounts": ibis.memtable([{"account_id": "a"}, {"account_id": "b"}]),
    }
    known = begun_interventions(tables, DAY)
    assert known is not None
    return list(known.to_pandas()["playbook"])


@pytest.mark.parametrize(
    ("playbook", "started", "recorded", "known"),
    [
        ("call", date(2026, 6, 27), None, True),
        ("call", date(2026, 6, 28), None, False),
        ("call", date(2023, 1, 1), None, True),
        ("call", date(2026, 6, 1), pd.Timestamp("2026-06-27 23:59"), True),
        ("call", date(2026, 6, 1), pd.Timestamp("2026-06-28"), False),
        (None, date(2026, 6, 1), None, False),
    ],
)
def test_what_began_and_was_recorded_before_the_day_is_known(
    playbook: str | None, started: date, recorded: pd.Timestamp | None, known: bool
) -> None:
    assert begun(playbook, started, recorded) == ([playbook] if known else [])


def test_without_the_table_nothing_is_known() -> None:
    assert begun_interventions({}, DAY) is None
