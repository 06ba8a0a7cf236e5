from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import snapshots, tables

from rind.features.labels import labels, spells
from rind.features.snapshots import grid, history_dates, spine

END = date(2024, 12, 31)


def term(starts: str, ends: str | None = None, account: str = "a", **more: Any) -> dict[str, Any]:
    return {"subscription_id": f"{account}{starts}", "account_id": account, "mrr": 1.0, "starts_on": starts,
            "ended_on": ends, **more}  # fmt: skip


def label(con: Any, *terms: dict[str, Any], as_of: str = "2024-06-03", end: date = END) -> tuple[Any, Any]:
    subs = tables(con, subscriptions=terms)["subscriptions"]
    row = labels(snapshots(con, ("a", as_of)), subs, end, horizon_days=90, grace_days=30).to_pyarrow().to_pylist()
    assert len(row) == 1
    return row[0]["churned"], row[0]["days_to_churn"]


@pytest.mark.parametrize(
    ("ended", "expected"),
    [("2024-06-04", (1, 1)), ("2024-09-01", (1, 90)), ("2024-09-02", (0, 91)), (None, (0, None))],
)
def test_churn_counts_from_the_day_after_the_as_of_date_to_the_last_day_of_the_horizon(con, ended, expected):
    assert label(con, term("2024-01-01", ended)) == expected


@pytest.mark.parametrize(("back_on", "churned"), [("2024-07-31", 0), ("2024-08-01", 1)])
def test_a_return_within_the_grace_is_no_churn(con, back_on, churned):
    assert label(con, term("2024-01-01", "2024-07-01"), term(back_on))[0] == churned


def test_a_renewal_on_the_day_of_the_end_is_no_churn(con):
    assert label(con, term("2023-07-01", "2024-07-01"), term("2024-07-01")) == (0, None)


@pytest.mark.parametrize(("end", "churned"), [(date(2024, 9, 30), None), (date(2024, 10, 1), 0)])
def test_staying_is_unknown_until_the_horizon_and_the_grace_are_covered(con, end, churned):
    assert label(con, term("2024-01-01"), end=end) == (churned, None)


@pytest.mark.parametrize(("end", "expected"), [(date(2024, 7, 30), (None, None)), (date(2024, 7, 31), (1, 28))])
def test_a_churn_is_known_as_soon_as_its_grace_has_passed(con, end, expected):
    assert label(con, term("2024-01-01", "2024-07-01"), end=end) == expected


def test_a_planned_end_after_the_data_end_is_not_a_churn(con):
    assert label(con, term("2024-01-01", "2024-08-01"), end=date(2024, 7, 20)) == (None, None)


def test_a_longer_overlapping_term_keeps_the_account(con):
    assert label(con, term("2023-01-01", "2024-12-30"), term("2024-01-01", "2024-07-01"))[0] == 0


def test_an_account_that_leaves_comes_back_and_leaves_again_has_two_spells(con):
    subs = tables(con, subscriptions=[term("2023-01-01", "2023-06-01"), term("2024-01-01", "2024-07-01")])
    rows = spells(subs["subscriptions"], END, 30).order_by("starts_on").to_pyarrow().to_pylist()
    assert [(str(r["starts_on"]), str(r["left_on"])) for r in rows] == [
        ("2023-01-01", "2023-06-01"),
        ("2024-01-01", "2024-07-01"),
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "notice", "there"),
    [
        ("2024-06-03", None, None, True),
        ("2024-06-04", None, None, False),
        ("2024-01-01", "2024-06-03", None, False),
        ("2024-01-01", "2024-06-04", None, True),
        ("2024-01-01", "2024-08-01", "2024-06-02", False),
        ("2024-01-01", "2024-08-01", "2024-06-03", True),
    ],
)
def test_the_cohort_is_active_on_the_date_and_gave_no_notice_before_it(con, starts, ends, notice, there):
    subs = tables(con, subscriptions=[term(starts, ends, notice_on=notice)])["subscriptions"]
    rows = spine(subs, [date(2024, 6, 3)]).to_pyarrow().to_pylist()
    assert rows == ([{"account_id": "a", "as_of": date(2024, 6, 3)}] if there else [])


def test_a_renewal_after_notice_is_in_the_cohort_again(con):
    terms = [term("2023-06-01", "2024-06-01", notice_on="2024-03-01"), term("2024-06-01")]
    subs = tables(con, subscriptions=terms)["subscriptions"]
    assert spine(subs, [date(2024, 6, 3)]).count().execute() == 1


def test_a_term_that_was_recorded_later_is_not_in_the_cohort_before(con):
    terms = [term("2024-01-01", recorded_at="2024-06-03T00:00")]
    subs = tables(con, recorded=["subscriptions"], subscriptions=terms)["subscriptions"]
    found = spine(subs, [date(2024, 6, 3), date(2024, 6, 10)]).to_pyarrow().to_pylist()
    assert [r["as_of"] for r in found] == [date(2024, 6, 10)]


def test_the_grid_is_the_same_mondays_whatever_the_data_end():
    assert grid(date(2024, 1, 1), date(2024, 1, 20), 7) == [date(2024, 1, d) for d in (1, 8, 15)]
    assert grid(date(2024, 1, 2), date(2024, 1, 8), 7) == [date(2024, 1, 8)]
    assert set(grid(date(2023, 5, 3), date(2024, 1, 20), 7)) >= set(grid(date(2023, 9, 1), date(2023, 12, 1), 7))


def test_the_scoring_date_may_lie_off_the_grid():
    dates = history_dates(date(2024, 1, 1), date(2024, 1, 17), 7, 364)
    assert dates == [date(2024, 1, 8), date(2024, 1, 15), date(2024, 1, 17)]
