"""The change of what an account did, by hand: three weeks before, three weeks after, from week 4 of the panel on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.models.effects.changes import (
    ACTIVE_DAYS,
    CES,
    MRR,
    NPS,
    TICKETS,
    WEEKS_A_MONTH,
    Outcome,
    WeekPanel,
    monday_from,
    monday_until,
    weeks_of,
)

START = date(2025, 1, 6)
NAMES = ("mrr", "active_days", "tickets", "nps_balance", "nps_answers", "ces_sum", "ces_answers")


def panel(weeks: int = 8, **columns: dict[int, float]) -> WeekPanel:
    """Of one account that pays 100 in every week, unless the columns say otherwise."""
    values = {"mrr": dict.fromkeys(range(weeks), 100.0)} | columns
    rows = [
        {"account_id": "a", "week": pd.Timestamp(START + timedelta(weeks=n))}
        | {name: values.get(name, {}).get(n, 0.0) for name in NAMES}
        for n in range(weeks)
    ]
    return WeekPanel(pd.DataFrame(rows), START + timedelta(weeks=weeks))


def change(outcome: Outcome, given: WeekPanel, after: int = 4, before: int = 4, weeks: int = 3) -> float:
    at = [np.array([place], dtype=np.intp) for place in (0, after, before)]
    return float(outcome.change(given, *at, weeks)[0])


def test_use_is_told_in_days_a_week_and_support_contacts_a_month() -> None:
    given = panel(active_days={0: 7, 1: 1, 2: 1, 3: 1, 4: 2, 5: 3, 6: 4, 7: 7}, tickets={1: 3, 5: 6})
    assert change(ACTIVE_DAYS, given) == pytest.approx((2 + 3 + 4 - 3) / 3)
    assert change(TICKETS, given) == pytest.approx(WEEKS_A_MONTH * (6 - 3) / 3)


def test_an_account_that_was_no_customer_when_the_weeks_before_began_has_no_change_of_use() -> None:
    assert np.isnan(change(ACTIVE_DAYS, panel(mrr={2: 100.0, 3: 100.0}, active_days={3: 2, 4: 2})))


def test_weeks_that_are_not_over_are_not_known() -> None:
    assert np.isnan(change(ACTIVE_DAYS, panel(weeks=6), weeks=3))


@pytest.mark.parametrize(("after", "share"), [(120.0, 0.2), (0.0, -1.0), (900.0, 1.0)])
def test_revenue_moves_by_its_share_and_a_departure_is_all_of_it(after: float, share: float) -> None:
    mrr = dict.fromkeys(range(4), 100.0) | dict.fromkeys(range(4, 8), after)
    assert change(MRR, panel(mrr=mrr)) == pytest.approx(share)


def test_answers_are_compared_with_those_of_the_year_before_where_both_are_there() -> None:
    given = panel(nps_balance={0: -1, 5: 1}, nps_answers={0: 1, 2: 1, 5: 1}, ces_sum={5: 4}, ces_answers={5: 1})
    assert change(NPS, given) == pytest.approx(100 * (1 - -0.5))
    assert np.isnan(change(CES, given))


def test_a_feed_that_ends_before_the_last_week_does_not_cover_it() -> None:
    given = panel(tickets={1: 1, 5: 1})
    assert given.covers("tickets", 1, 5)
    assert not given.covers("tickets", 1, 6)
    assert not given.covers("tickets", 0, 5)
    assert not given.covers("ces_answers", 5, 1)


def test_an_unknown_account_has_no_change_and_an_empty_panel_knows_none() -> None:
    assert list(panel().rows_of(pd.Series(["b", "a"]))) == [-1, 0]
    nobody: Any = pd.DataFrame({name: pd.Series(dtype="float64") for name in NAMES})
    nobody = nobody.assign(account_id=pd.Series(dtype="str"), week=pd.Series(dtype="datetime64[s]"))
    empty = WeekPanel(nobody, START)
    assert np.isnan(empty.value("mrr", np.array([-1]), np.array([0])))[0]
    assert not empty.covers("mrr", 0, 0)


@pytest.mark.parametrize(("day", "before", "after"), [(6, 6, 6), (7, 6, 13), (12, 6, 13), (13, 13, 13)])
def test_whole_weeks_end_on_the_monday_before_the_change_and_begin_on_the_one_after(
    day: int, before: int, after: int
) -> None:
    assert monday_until(date(2025, 1, day)) == date(2025, 1, before)
    assert monday_from(date(2025, 1, day)) == date(2025, 1, after)


def test_ninety_days_are_thirteen_weeks_and_a_day_is_one() -> None:
    assert (weeks_of(90), weeks_of(1)) == (13, 1)
