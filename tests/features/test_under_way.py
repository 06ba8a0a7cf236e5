from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from rind.features.under_way import under_way

AS_OF = date(2026, 6, 28)


def running(started: date, ended: date | None = None) -> list[str]:
    rows = pd.DataFrame(
        {
            "intervention_id": ["i"], "account_id": ["a"], "playbook": ["training"],
            "started_on": pd.Series([started], dtype="object"), "ended_on": pd.Series([ended], dtype="object"),
            "cost": [1.0],
        }
    )  # fmt: skip
    schema = {"intervention_id": "string", "account_id": "string", "playbook": "string", "started_on": "date",
              "ended_on": "date", "cost": "float64"}  # fmt: skip
    spine = ibis.memtable([{"account_id": "a", "as_of": AS_OF}], schema={"account_id": "string", "as_of": "date"})
    running = under_way(spine, {"interventions": ibis.memtable(rows, schema=schema)}, within_days=91)
    assert running is not None
    return list(running.to_pandas()["playbook"])


@pytest.mark.parametrize(
    ("started", "ended", "runs"),
    [
        (date(2026, 6, 27), None, True),
        (date(2026, 6, 28), None, False),  # of the scoring date itself nothing is known
        (date(2026, 3, 29), None, True),  # 91 days
        (date(2026, 3, 28), None, False),
        (date(2026, 6, 1), date(2026, 6, 27), False),
        (date(2026, 6, 1), date(2026, 6, 28), True),
        (date(2026, 6, 1), date(2026, 9, 30), True),  # a planned end has not come
    ],
)
def test_what_began_and_has_not_ended_runs_for_at_most_so_many_days(
    started: date, ended: date | None, runs: bool
) -> None:
    assert running(started, ended) == (["training"] if runs else [])


def test_without_the_table_nothing_is_known() -> None:
    spine = ibis.memtable([{"account_id": "a", "as_of": AS_OF}], schema={"account_id": "string", "as_of": "date"})
    assert under_way(spine, {}, within_days=91) is None
