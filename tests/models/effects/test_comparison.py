"""Who is compared with whom, by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rind.models.effects.comparison import comparison_rows

MONDAY = pd.Timestamp("2024-01-01")


def snapshots(accounts: str = "abcdefgh", weeks: int = 2, **left: int) -> pd.DataFrame:
    """Each account on each Monday; of `left`, the days from the first Monday to when it left."""
    rows = [
        {
            "account_id": name,
            "as_of": MONDAY + pd.Timedelta(days=7 * week),
            "churned": float(name in left),
            "days_to_churn": left[name] - 7 * week if name in left else None,
        }
        for name in accounts
        for week in range(weeks)
    ]
    return pd.DataFrame(rows).astype({"days_to_churn": "float64"})


def starts(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "playbook", "started_on"]).assign(cost=5.0)
    return frame.assign(started_on=pd.to_datetime(frame["started_on"]))


def compared(*rows: tuple[str, str, str], every: pd.DataFrame | None = None, **given: Any) -> pd.DataFrame:
    return comparison_rows(snapshots() if every is None else every, starts(*rows), 7, given.get("per_start", 99), 1)


def treated(rows: pd.DataFrame) -> list[tuple[str, str]]:
    own = rows[rows["playbook"] != ""]
    return list(zip(own["account_id"], own["as_of"].dt.strftime("%m-%d"), strict=True))


@pytest.mark.parametrize(
    ("day", "as_of"),
    [("2024-01-01", "01-01"), ("2024-01-07", "01-01"), ("2024-01-08", "01-08"), ("2024-01-14", "01-08")],
)
def test_a_start_belongs_to_the_last_snapshot_that_knows_nothing_of_it(day: str, as_of: str) -> None:
    assert treated(compared(("a", "sprint", day))) == [("a", as_of)]


@pytest.mark.parametrize("day", ["2023-12-31", "2024-01-15"])
def test_a_start_without_a_snapshot_of_its_week_is_not_judged(day: str) -> None:
    assert treated(compared(("a", "sprint", day))) == []


def test_only_accounts_without_an_intervention_that_week_are_compared_on_the_dates_of_the_starts() -> None:
    rows = compared(("a", "sprint", "2024-01-02"), ("b", "call", "2024-01-03"))
    untreated = rows[rows["playbook"] == ""]
    assert sorted(untreated["account_id"]) == list("cdefgh")
    assert set(untreated["as_of"]) == {MONDAY}


def test_whoever_gets_one_later_is_compared_too() -> None:
    rows = compared(("a", "sprint", "2024-01-02"), ("b", "call", "2024-01-10"))
    assert "b" in set(rows.loc[(rows["as_of"] == MONDAY) & (rows["playbook"] == ""), "account_id"])


def test_two_starts_of_one_account_in_one_week_say_nothing_of_either() -> None:
    rows = compared(("a", "sprint", "2024-01-02"), ("a", "call", "2024-01-03"), ("b", "call", "2024-01-03"))
    assert "a" not in set(rows["account_id"])


def test_whoever_left_before_the_start_is_in_neither_group() -> None:
    every = snapshots(c=3, d=4, e=1)
    rows = compared(("a", "sprint", "2024-01-04"), every=every)  # three days after the snapshot
    assert sorted(rows.loc[rows["as_of"] == MONDAY, "account_id"]) == list("abdfgh")


def test_so_many_untreated_rows_are_drawn_for_each_start_as_are_wanted() -> None:
    rows = compared(("a", "sprint", "2024-01-02"), per_start=3)
    assert (rows["playbook"] == "").sum() == 3


def test_interventions_of_the_91_days_before_are_counted() -> None:
    earlier = [("a", "call", "2023-10-02"), ("a", "call", "2023-10-01"), ("a", "call", "2023-12-31")]
    rows = compared(("a", "sprint", "2024-01-01"), *earlier)
    assert rows.loc[rows["playbook"] != "", "interventions_before"].tolist() == [2]


def test_what_starts_after_the_last_known_outcome_changes_nothing() -> None:
    own = ("a", "sprint", "2024-01-02")
    later = [("c", "call", "2024-02-20"), ("a", "call", "2024-03-01")]
    pd.testing.assert_frame_equal(compared(own), compared(own, *later))


def test_without_starts_there_are_no_rows() -> None:
    assert compared().empty
