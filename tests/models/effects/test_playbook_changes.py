"""What playbooks did to use and revenue: planted changes are found, and nothing is said where the comparison fails."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.models.effects.changes import WeekPanel
from rind.models.effects.playbook_changes import (
    PREFIX,
    change_records,
    corrected_changes,
    nothing_measured,
    with_changes,
)

START = date(2025, 1, 6)


def test_the_weeks_after_begin_once_every_start_of_the_snapshot_lies_behind() -> None:
    weeks = [{"account_id": "a", "week": pd.Timestamp(START + timedelta(weeks=n)), "mrr": 100.0 + n, "active_days": n}
             for n in range(10)]  # fmt: skip
    panel = WeekPanel(pd.DataFrame(weeks), START + timedelta(weeks=10))
    rows = pd.DataFrame(
        {"account_id": ["a", "a", "b"], "as_of": pd.to_datetime(["2025-01-27", "2025-03-03", "2025-01-27"])}
    )
    made = with_changes(rows, panel, every_days=7, weeks=2)
    # as_of is week 3: before are weeks 1 and 2; starts lie in week 3, so after are weeks 4 and 5
    assert made[PREFIX + "active_days"].iloc[0] == pytest.approx((4 + 5 - 1 - 2) / 2)
    assert made[PREFIX + "mrr"].iloc[0] == pytest.approx(105 / 102 - 1)
    assert made[PREFIX + "active_days"].iloc[1:].isna().all()  # not over yet; never paid


def records(shift: float, accounts: int = 400) -> Any:
    rng = np.random.default_rng(2)
    own = rng.random(accounts) < 0.3
    change = rng.normal(size=accounts) + shift * own
    chance, kept = np.full(accounts, 0.3), np.ones(accounts, dtype=bool)
    values = {"active_days": (change, np.zeros(accounts)), "mrr": (np.full(accounts, np.nan), np.zeros(accounts))}
    return change_records(values, kept, own, chance, np.arange(accounts), 50)


@pytest.mark.parametrize(("shift", "direction"), [(0.8, "up"), (-0.8, "down"), (0.0, "none_shown")])
def test_a_planted_change_is_found_and_an_unknown_one_is_not(shift: float, direction: str) -> None:
    playbook: Any = {"reason": "", "changes": records(shift)}
    corrected_changes([playbook], 0.05)
    use, mrr = playbook["changes"]
    assert use["low"] < shift < use["high"]
    assert (use["direction"], mrr["direction"], mrr["reason"]) == (direction, "cannot_tell", "too_few")


def test_nothing_is_said_of_changes_where_the_comparison_of_the_playbook_fails() -> None:
    playbook: Any = {"reason": "placebo_fails", "changes": records(0.8)}
    corrected_changes([playbook], 0.05)
    assert {change["direction"] for change in playbook["changes"]} == {"cannot_tell"}
    assert {change["reason"] for change in nothing_measured("no_overlap")} == {"no_overlap"}
