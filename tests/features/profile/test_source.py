from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from rind.common.profile import MOST_MONTHS, SourceProfile
from rind.features.profile.likeness import looks_like
from rind.features.profile.source import profile_source
from rind.features.profile.tables import every_month, months_later
from rind.features.sources import open_source
from tests.features.companies import SOUND, company, write_csv, write_duckdb, write_parquet, write_postgres
from tests.validating import check

END = date(2024, 12, 23)


def profiled(url: str | Path, end: date | None = END) -> SourceProfile:
    with open_source(url) as source:
        return profile_source(source, check(source, END).counts, end, 30)


def terms(*rows: tuple[str, str, float, str, str | None]) -> dict[str, pa.Table]:
    """A company with these subscriptions: id, account, mrr, start, end."""
    made = [
        {"subscription_id": i, "account_id": a, "mrr": mrr, "starts_on": start, "ended_on": end}
        for i, a, mrr, start, end in rows
    ]
    return company(subscriptions=made)


@pytest.mark.parametrize("engine", ["parquet", "csv", "duckdb", "postgres"])
def test_each_table_tells_rows_days_months_and_what_is_empty_on_every_engine(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tables = company()
    if engine == "postgres":
        url: str | Path = write_postgres(request.getfixturevalue("postgres_uri"), "profile", tables)
    elif engine == "duckdb":
        url = write_duckdb(tmp_path / "c.db", tables)
    else:
        url = (write_csv if engine == "csv" else write_parquet)(tmp_path, tables)
    by_name = {table.name: table for table in profiled(url).tables}
    use = by_name["usage"]
    assert (use.rows, use.first, use.last) == (52, date(2024, 1, 1), END)
    assert [rows for _, rows in use.months] == [5, 4, 4, 5, 4, 4, 5, 4, 5, 4, 4, 4]
    empty = {c.name: c.empty_share for c in by_name["subscriptions"].with_use("used")}
    assert (empty["mrr"], empty["ended_on"], empty["plan"]) == (0, 0.5, 1)


def test_a_column_that_is_not_read_names_the_missing_one_that_it_looks_like(tmp_path: Path) -> None:
    tables = company()
    tickets = tables["tickets"].drop_columns(["resolved_at"])
    tables["tickets"] = tickets.append_column("solved_at", pa.array([None], pa.timestamp("us")))
    (table,) = [t for t in profiled(write_parquet(tmp_path, tables)).tables if t.name == "tickets"]
    assert [(c.name, c.looks_like) for c in table.with_use("unused")] == [("solved_at", "resolved_at")]
    assert [c.name for c in table.with_use("missing")] == ["resolved_at"]


@pytest.mark.parametrize(
    ("column", "missing", "like"),
    [
        ("Customer ID", ["account_id"], "account_id"),
        ("startsOn", ["starts_on"], "starts_on"),
        ("current_period_end", ["term_ends_on"], "term_ends_on"),
        ("acount_id", ["account_id"], "account_id"),
        ("solved_at", ["priority"], ""),
        ("colour", ["account_id", "mrr"], ""),
    ],
)
def test_likeness_names_only_what_is_missing_and_alike(column: str, missing: list[str], like: str) -> None:
    assert looks_like(column, missing) == like


def test_accounts_and_mrr_stand_as_on_the_last_day_of_the_month(tmp_path: Path) -> None:
    rows = terms(
        ("S1", "A1", 100.0, "2024-01-31", "2024-03-31"),  # the first day without is the last of March
        ("S2", "A1", 60.0, "2024-02-01", "2024-03-01"),  # beside it: one account, more money
        ("S3", "A2", 0.0, "2024-02-15", None),
    )
    profile = profiled(write_parquet(tmp_path, rows)).company
    assert profile is not None
    months = {m.month.month: (m.active, m.paying, m.mrr) for m in profile.months}
    assert months[1] == (1, 1, 100.0)
    assert months[2] == (1, 1, 160.0)  # who pays nothing is no customer yet
    assert months[3] == (0, 0, 0.0)
    assert profile.months[-1].month == date(2024, 12, 1)


def test_who_comes_back_within_the_grace_has_not_left_and_who_comes_later_has_returned(tmp_path: Path) -> None:
    rows = terms(
        ("S1", "A1", 1.0, "2024-01-01", "2024-02-01"),
        ("S2", "A1", 1.0, "2024-03-02", "2024-04-01"),  # 30 days later: within the grace
        ("S3", "A1", 1.0, "2024-06-01", None),
        ("S4", "A2", 1.0, "2024-01-01", "2024-12-20"),  # its grace is not over at the data end
    )
    profile = profiled(write_parquet(tmp_path, rows)).company
    assert profile is not None
    assert (profile.churned, profile.returned) == ({2024: 1}, 1)


def test_term_lengths_are_counted_in_months_and_invoices_by_the_month_of_issue(tmp_path: Path) -> None:
    term = {"account_id": "A1", "mrr": 1.0, "starts_on": "2024-01-31"}
    made = [
        {**term, "subscription_id": "S1", "term_ends_on": "2024-02-29"},
        {**term, "subscription_id": "S2", "term_ends_on": "2025-01-31"},
        {**term, "subscription_id": "S3"},
    ]
    bills = [
        {"invoice_id": f"I{i}", "account_id": "A1", "issued_on": day, "due_on": day, "amount": 5.0}
        for i, day in enumerate(["2024-02-01", "2024-02-29", "2024-04-01"])
    ]
    profile = profiled(write_parquet(tmp_path, company(subscriptions=made, invoices=bills))).company
    assert profile is not None
    assert profile.terms == {1: 1, 12: 1, None: 1}
    assert [m.invoiced for m in profile.months[:4]] == [0.0, 10.0, 0.0, 5.0]


def test_a_table_that_is_not_there_is_told_with_what_it_would_add(tmp_path: Path) -> None:
    profile = profiled(write_parquet(tmp_path, company()))
    families = {gain.name: gain.there for gain in profile.families}
    assert families["usage"]
    assert not families["contacts"]
    assert profile.next_tables[0].name == "contacts"
    assert "the family contacts" in profile.next_tables[0].words
    outcomes = {gain.name: gain.there for gain in profile.outcomes}
    assert outcomes == {"churn": True, "contraction and expansion": True, "nonpayment": False}


def test_a_source_without_subscriptions_or_dates_has_a_profile_all_the_same(tmp_path: Path) -> None:
    profile = profiled(write_parquet(tmp_path, company(subscriptions=None, usage=[], tickets=[])), None)
    assert profile.company is None
    assert profile.next_tables[0].name == "subscriptions"
    assert {t.name: t.months for t in profile.tables}["usage"] == ()


def test_a_date_of_1900_does_not_stretch_the_picture(tmp_path: Path) -> None:
    stray = [*SOUND["usage"], {"account_id": "A1", "feature": "login", "occurred_at": "1900-01-01T00:00:00"}]
    (table,) = [t for t in profiled(write_parquet(tmp_path, company(usage=stray))).tables if t.name == "usage"]
    assert table.first == date(1900, 1, 1)
    assert len(table.months) == MOST_MONTHS
    assert table.months[-1] == (date(2024, 12, 1), 4)


def test_months_without_a_row_count_0() -> None:
    assert every_month({date(2023, 12, 1): 2, date(2024, 2, 1): 3}) == (
        (date(2023, 12, 1), 2),
        (date(2024, 1, 1), 0),
        (date(2024, 2, 1), 3),
    )
    assert months_later(date(2024, 1, 1), -1) == date(2023, 12, 1)
    assert months_later(date(1, 3, 1), -60) == date(1, 1, 1)
