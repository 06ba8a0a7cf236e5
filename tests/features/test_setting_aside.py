"""Broken rows leave, whole accounts where a term is broken, copies count once; too much ends the run."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import arrow_table
from validating import check, shipped

from rind.common.errors import UsageError
from rind.features.setting_aside import rows_set_aside
from rind.features.sources import open_source
from rind.features.storage import load
from rind.features.storing import store, store_rows
from rind.features.tables import TABLES
from rind.features.validation import Checked
from tests.features.companies import company, write_duckdb, write_parquet, write_postgres

BEGIN = date(2024, 1, 1)


def many(**more: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """A company in which one broken row is within the limits; every fifth account left in June."""
    names = [f"A{n:03}" for n in range(200)]
    rows: dict[str, list[dict[str, Any]]] = {
        "accounts": [{"account_id": a, "name": a, "signed_on": "2023-12-01"} for a in names],
        "subscriptions": [
            {"subscription_id": f"S-{a}", "account_id": a, "mrr": 100.0, "starts_on": "2024-01-01",
             "ended_on": "2024-06-01" if n % 5 == 0 else None}
            for n, a in enumerate(names)
        ],
        "usage": [
            {"account_id": names[n % 200], "user_id": f"U{n}", "feature": "login", "quantity": 1.0,
             "occurred_at": f"{BEGIN + timedelta(days=n)}T10:00"}
            for n in range(360)
        ],
        "tickets": [
            {"ticket_id": f"T{n}", "account_id": names[n], "opened_at": f"{BEGIN + timedelta(days=n * 18 // 5)}T10:00"}
            for n in range(100)
        ],
    }  # fmt: skip
    return {name: rows.get(name, []) + more.get(name, []) for name in {**rows, **more}}


def checked(place: Path, rows: dict[str, list[dict[str, Any]]], **named: Any) -> tuple[Checked, dict[str, Any]]:
    """The check of a source, with its sound rows and those set aside as plain values."""
    with open_source(write_parquet(place, company(**rows))) as source:
        result = check(source, **named)
        sound = {name: table.to_pyarrow().to_pylist() for name, table in result.sound.tables.items()}
        aside = {n: t.to_pyarrow().to_pylist() for n, t in rows_set_aside(source, result.sieves).items()}
        return result, {"sound": sound, "aside": {name: set_aside for name, set_aside in aside.items() if set_aside}}


def ids(rows: list[dict[str, Any]], column: str = "account_id") -> set[Any]:
    return {row[column] for row in rows}


TICKET = {"ticket_id": "T-x", "account_id": "A001", "opened_at": "2024-03-01", "priority": "P1"}


def test_a_broken_row_of_an_optional_table_leaves_alone_and_is_kept_as_it_came(tmp_path: Path) -> None:
    result, rows = checked(tmp_path, many(tickets=[TICKET]))
    result.report.raise_if_broken()
    assert "T-x" not in ids(rows["sound"]["tickets"], "ticket_id")
    assert len(rows["sound"]["tickets"]) == 100
    (row,) = rows["aside"]["tickets"]
    assert (row["ticket_id"], row["priority"], row["rule"], row["account_set_aside"]) == (
        "T-x", "P1", ["tickets", "priority: value not allowed"][1], False,
    )  # fmt: skip
    (rule,) = result.report.set_aside
    assert (rule.table, rule.count, rule.place_and_rule) == ("tickets", 1, "tickets.priority: value not allowed")
    assert rule.share == pytest.approx(1 / 101)
    assert len(rows["sound"]["accounts"]) == 200


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("subscriptions", {"subscription_id": "S-x", "account_id": "A007", "mrr": -1.0, "starts_on": "2024-01-01"}),
        ("accounts", {"account_id": "A007", "name": "another", "signed_on": "2023-01-01"}),  # which of them is right?
    ],
)
def test_a_broken_row_of_accounts_or_subscriptions_takes_its_account_along(
    tmp_path: Path, table: str, row: dict[str, Any]
) -> None:
    result, rows = checked(tmp_path, many(**{table: [row]}))
    result.report.raise_if_broken()
    assert (result.report.accounts.count, result.report.accounts.of) == (1, 200 + (table == "accounts"))
    for name in ("accounts", "subscriptions", "usage", "tickets"):
        assert "A007" not in ids(rows["sound"][name]), name
        assert ids([r for r in rows["aside"][name] if r["account_set_aside"]]) == {"A007"}, name
    assert len(ids(rows["sound"]["accounts"])) == 199
    assert {r["rule"] for r in rows["aside"]["usage"]} == {None}


def test_more_than_two_of_a_hundred_rows_end_the_run_with_the_report(tmp_path: Path) -> None:
    bad = [{**TICKET, "ticket_id": f"T-{n}"} for n in range(3)]
    assert checked(tmp_path / "two", many(tickets=bad[:2]))[0].report.problems == ()  # 2 of 102
    (problem,) = checked(tmp_path / "three", many(tickets=bad))[0].report.problems  # 3 of 103
    assert (problem.count, problem.limit) == (3, 0.02)


def test_more_than_one_of_a_hundred_accounts_end_the_run(tmp_path: Path) -> None:
    bad = [
        {"subscription_id": f"S-{n}", "account_id": f"A00{n}", "mrr": -1.0, "starts_on": "2024-01-01"} for n in range(3)
    ]
    assert checked(tmp_path / "two", many(subscriptions=bad[:2]))[0].report.problems == ()  # 2 of 200
    (problem,) = checked(tmp_path / "three", many(subscriptions=bad))[0].report.problems
    assert (problem.table, problem.rule) == ("subscriptions", "below 0")


def test_accounts_and_subscriptions_are_held_against_the_limit_together(tmp_path: Path) -> None:
    terms = [
        {"subscription_id": f"S-{n}", "account_id": f"A00{n}", "mrr": -1.0, "starts_on": "2024-01-01"} for n in range(2)
    ]
    accounts = [{"account_id": f"A01{n}", "name": "another", "signed_on": "2023-01-01"} for n in range(1)]
    result, _ = checked(tmp_path, many(subscriptions=terms, accounts=accounts))
    assert {p.table for p in result.report.problems} == {"accounts", "subscriptions"}


def test_a_rule_may_have_a_limit_of_its_own_in_either_direction(tmp_path: Path) -> None:
    bad = [{**TICKET, "ticket_id": f"T-{n}"} for n in range(3)]
    rule = "tickets.priority: value not allowed"
    for share, ends in ((0.1, False), (0.01, True)):
        settings = shipped(limits={"rules": {rule: share}})
        result, _ = checked(tmp_path / str(share), many(tickets=bad), settings=settings)
        assert bool(result.report.problems) is ends


def test_strict_sets_nothing_aside(tmp_path: Path) -> None:
    result, _ = checked(tmp_path, many(tickets=[TICKET]), strict=True)
    assert [p.rule for p in result.report.problems] == ["value not allowed"]
    assert result.report.set_aside == ()


def test_exact_copies_of_a_row_with_a_key_count_once(tmp_path: Path) -> None:
    rows = many()
    rows["subscriptions"] += rows["subscriptions"][:50]
    result, rows_of = checked(tmp_path, rows)
    assert result.report.problems == result.report.set_aside == ()
    assert len(rows_of["sound"]["subscriptions"]) == 200
    assert rows_of["aside"] == {}
    assert "subscriptions: 50 rows (20.0%) are exact copies of other rows: counted once" in result.report.notes


def test_usage_with_the_same_event_id_counts_once_and_copies_without_one_stay(tmp_path: Path) -> None:
    event = {"account_id": "A001", "user_id": "U1", "feature": "login", "occurred_at": "2024-03-01T10:00"}
    retried = [{**event, "event_id": "E1"}, {**event, "event_id": "E1"}, {**event, "event_id": "E2"}]
    _, rows_of = checked(tmp_path / "ids", many(usage=retried))
    assert len(rows_of["sound"]["usage"]) == 362
    plain = company(**many(usage=[event, event, event]))
    plain["usage"] = plain["usage"].drop_columns(["event_id"])
    with open_source(write_parquet(tmp_path / "plain", plain)) as source:
        result = check(source)
        assert result.sound.tables["usage"].count().to_pyarrow().as_py() == 363
    assert any(note.startswith("usage: 0.6% of the rows are exact copies") for note in result.report.notes)


def test_a_retry_that_is_recorded_later_leaves_what_was_known_before_it(tmp_path: Path) -> None:
    event = {"account_id": "A001", "user_id": "U1", "feature": "login", "event_id": "E1"}
    event |= {"occurred_at": "2024-03-01T10:00"}
    first = event | {"quantity": 7, "recorded_at": "2024-03-01T11:00"}
    retry = event | {"quantity": 5, "recorded_at": "2024-06-01T00:00"}
    tables = company(**many())
    late = arrow_table("usage", [*tables["usage"].to_pylist(), retry, first], recorded=True)
    with open_source(write_parquet(tmp_path, tables | {"usage": late})) as source:
        rows = check(source).sound.tables["usage"].to_pyarrow().to_pylist()
    assert [row["quantity"] for row in rows if row["recorded_at"]] == [7]


def test_a_retried_event_that_differs_keeps_the_same_row_whatever_the_order(tmp_path: Path) -> None:
    event = {"account_id": "A001", "user_id": "U1", "feature": "login", "event_id": "E1"}
    twice = [{**event, "occurred_at": "2024-03-01T10:00"}, {**event, "occurred_at": "2024-03-02T10:00"}]
    kept = [
        [r for r in checked(tmp_path / str(n), many(usage=order))[1]["sound"]["usage"] if r["user_id"] == "U1"][-1]
        for n, order in enumerate((twice, twice[::-1]))
    ]
    assert kept[0] == kept[1]


def test_use_is_a_positive_quantity_and_a_missing_one_counts_one(tmp_path: Path) -> None:
    # An export with a row for each user, feature and day: A001 stopped in February.
    days = [date(2024, 1, 31) + timedelta(days=n) for n in range(300)]
    grid = [
        {"account_id": "A001", "user_id": "U-x", "feature": "login", "occurred_at": f"{d}T10:00",
         "quantity": 5.0 if d < date(2024, 2, 3) else 0.0}
        for d in days
    ]  # fmt: skip
    blank = {"account_id": "A002", "user_id": "U-y", "feature": "login", "occurred_at": "2024-04-01"}
    result, rows_of = checked(tmp_path, many(usage=[*grid, blank]))
    mine = [r for r in rows_of["sound"]["usage"] if r["user_id"] == "U-x"]
    assert [(r["occurred_at"].date(), r["quantity"]) for r in mine] == [
        (date(2024, 1, 31), 5.0), (date(2024, 2, 1), 5.0), (date(2024, 2, 2), 5.0),
    ]  # fmt: skip
    assert [r["quantity"] for r in rows_of["sound"]["usage"] if r["user_id"] == "U-y"] == [1.0]
    assert rows_of["aside"] == {}
    assert any(note.startswith("usage: 297 rows") and "quantity 0" in note for note in result.report.notes)


def test_rows_of_zero_neither_begin_the_history_nor_move_the_data_end(tmp_path: Path) -> None:
    zero = {"account_id": "A001", "user_id": "U", "feature": "login", "quantity": 0.0}
    late = [{**zero, "occurred_at": "2023-12-20"}, {**zero, "occurred_at": "2025-02-01"}]
    result, _ = checked(tmp_path, many(usage=late))
    assert result.report.data_end == BEGIN + timedelta(days=359)


# --- dates -----------------------------------------------------------------------------------------


def test_a_lone_row_of_the_year_2000_is_set_aside_and_does_not_begin_the_history(tmp_path: Path) -> None:
    stray = {"account_id": "A001", "user_id": "U", "feature": "login", "occurred_at": "2000-01-01T00:00"}
    result, rows_of = checked(tmp_path, many(usage=[stray]))
    assert result.report.problems == ()
    assert [r["rule"] for r in rows_of["aside"]["usage"]] == ["occurred_at: a date that stands for unknown"]
    assert min(r["occurred_at"] for r in rows_of["sound"]["usage"]).date() == BEGIN


@pytest.mark.parametrize("day", ["1969-12-31", "1900-01-01", "0001-01-01"])
def test_usage_before_there_was_software_is_set_aside(tmp_path: Path, day: str) -> None:
    stray = {"account_id": "A001", "user_id": "U", "feature": "login", "occurred_at": f"{day}T00:00"}
    result, rows_of = checked(tmp_path, many(usage=[stray]))
    assert [r["rule"] for r in rows_of["aside"]["usage"]] == ["occurred_at: before 1971"]
    assert result.report.problems == ()


def test_a_stray_day_after_all_others_makes_no_later_list(tmp_path: Path) -> None:
    rows = many()
    rows["usage"] = rows["usage"] * 4  # 1,440 rows to 2024-12-25: one of 1,441 is a stray
    stray = {"account_id": "A001", "user_id": "U", "feature": "login", "occurred_at": "2025-03-01T00:00"}
    rows["usage"].append(stray)
    result, rows_of = checked(tmp_path, rows)
    assert result.report.data_end == date(2024, 12, 25)
    assert [r["rule"] for r in rows_of["aside"]["usage"]] == ["occurred_at: long after all other rows"]


def test_what_has_not_happened_yet_is_set_aside_and_moves_no_data_end(tmp_path: Path) -> None:
    future = {"account_id": "A001", "user_id": "U", "feature": "login", "occurred_at": "2025-01-11T00:00"}
    today = date(2025, 1, 10)
    result, rows_of = checked(tmp_path, many(usage=[future]), today=today)
    assert result.report.data_end == date(2024, 12, 25)
    assert [r["rule"] for r in rows_of["aside"]["usage"]] == ["occurred_at: in the future"]
    result, rows_of = checked(
        tmp_path / "now", many(usage=[{**future, "occurred_at": "2025-01-10T23:59"}]), today=today
    )
    assert result.report.data_end == today
    assert rows_of["aside"] == {}


PLANS: list[tuple[str, dict[str, Any]]] = [
    ("contacts", {"contact_id": "C", "account_id": "A001", "added_on": "2024-02-01", "left_on": "2025-02-01"}),
    ("interactions", {"interaction_id": "I", "account_id": "A001", "occurred_at": "2025-02-01T10:00"}),
    ("invoices", {"invoice_id": "B", "account_id": "A001", "issued_on": "2025-02-01", "due_on": "2025-03-01",
                  "paid_on": "2025-02-01", "amount": 9.0}),
    ("subscriptions", {"subscription_id": "S", "account_id": "A001", "mrr": 9.0, "starts_on": "2025-02-01",
                       "term_ends_on": "2026-02-01"}),
    ("subscriptions", {"subscription_id": "S", "account_id": "A001", "mrr": 9.0, "starts_on": "2024-02-01",
                       "notice_on": "2025-02-01", "ended_on": "2025-03-01"}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row"), PLANS)
def test_a_plan_is_kept_and_moves_no_data_end(tmp_path: Path, table: str, row: dict[str, Any]) -> None:
    result, rows_of = checked(tmp_path, many(**{table: [row]}), today=date(2025, 1, 10))
    assert result.report.problems == result.report.set_aside == ()
    assert result.report.data_end == date(2024, 12, 25)
    key = TABLES[table].key[0]
    assert row[key] in ids(rows_of["sound"][table], key)


def test_a_health_score_of_next_year_is_set_aside(tmp_path: Path) -> None:
    scores = [{"account_id": "A001", "as_of": f"{BEGIN + timedelta(days=n)}", "score": 50.0} for n in range(100)]
    late = {"account_id": "A001", "as_of": "2026-01-01", "score": 50.0}
    result, rows_of = checked(tmp_path, many(health_scores=[*scores, late]), today=date(2025, 1, 10))
    assert result.report.data_end == date(2024, 12, 25)
    assert len(rows_of["sound"]["health_scores"]) == 100


@pytest.mark.parametrize(("column", "value"), [("term_ends_on", "9999-12-31"), ("ended_on", "9999-12-31")])
def test_the_last_day_of_the_calendar_is_no_end(tmp_path: Path, column: str, value: str) -> None:
    term = {"subscription_id": "S", "account_id": "A001", "mrr": 9.0, "starts_on": "2024-02-01", column: value}
    result, rows_of = checked(tmp_path, many(subscriptions=[term]))
    assert [r[column] for r in rows_of["sound"]["subscriptions"] if r["subscription_id"] == "S"] == [None]
    assert any(f"{column} 1" in note for note in result.report.notes)


def test_unlimited_seats_are_unknown_and_an_absurd_quantity_is_broken(tmp_path: Path) -> None:
    term = {"subscription_id": "S", "account_id": "A001", "mrr": 9.0, "starts_on": "2024-02-01", "seats": 2.0**63}
    use = {"account_id": "A001", "feature": "login", "occurred_at": "2024-02-01", "quantity": 1e39}
    result, rows_of = checked(tmp_path, many(subscriptions=[term], usage=[use]))
    assert [r["seats"] for r in rows_of["sound"]["subscriptions"] if r["subscription_id"] == "S"] == [None]
    assert [r["rule"] for r in rows_of["aside"]["usage"]] == ["quantity: above 1e+12"]
    assert result.report.problems == ()


def test_a_usage_feed_that_died_withholds_the_list_or_stamps_it(tmp_path: Path) -> None:
    newcomer = {"account_id": "A-new", "name": "new", "signed_on": "2025-01-29"}  # 35 days after the last use
    withhold, stamp = shipped(silence={"usage": "withhold"}), shipped(silence={"usage": "stamp"})
    result, _ = checked(tmp_path, many(accounts=[newcomer]), settings=withhold)
    (problem,) = result.report.problems
    assert (problem.table, problem.rule) == ("usage", "stops 35 days before the data end 2025-01-29")
    assert "--data-end 2024-12-25" in problem.hint
    result, _ = checked(tmp_path, many(accounts=[newcomer]), settings=stamp)
    assert result.report.problems == ()
    assert result.report.notes[0].startswith("usage stops on 2024-12-25, 35 days before the data end 2025-01-29")


def test_a_data_end_or_a_scoring_date_in_the_future_is_refused(tmp_path: Path) -> None:
    for given in ({"data_end": date(2025, 1, 11)}, {"as_of": date(2025, 1, 11)}):
        with pytest.raises(UsageError, match="lies in the future"):
            checked(tmp_path, many(), today=date(2025, 1, 10), **given)


# --- ids ---------------------------------------------------------------------------------------------


def test_the_share_of_ids_that_meet_nothing_is_told(tmp_path: Path) -> None:
    people = [{"contact_id": f"C{n}", "account_id": "A001", "added_on": "2024-01-01"} for n in range(3)]
    touch = [
        {"interaction_id": f"I{n}", "account_id": "A001", "contact_id": f"C{n}", "occurred_at": "2024-02-01"}
        for n in range(4)
    ]
    features = [{"feature": "sso"}]
    rows = many(contacts=people, interactions=touch, product_features=features)
    rows["accounts"][0]["parent_id"] = "nobody"
    notes = checked(tmp_path, rows)[0].report.notes
    assert "interactions.contact_id: 1 of 4 rows (25.0%) meet nothing in contacts" in notes
    assert "usage.feature: 360 of 360 rows (100.0%) meet nothing in product_features" in notes
    assert "accounts.parent_id: 1 of 1 rows (100.0%) meet nothing in accounts" in notes


# --- on every engine, and as files --------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_what_is_set_aside_is_the_same_on_every_engine_and_lies_in_files(
    tmp_path: Path, request: pytest.FixtureRequest, engine: str
) -> None:
    term = {"subscription_id": "S-x", "account_id": "A007", "mrr": -1.0, "starts_on": "2024-01-01"}
    rows = many(tickets=[TICKET], subscriptions=[term])
    rows["tickets"] += [rows["tickets"][3], {**rows["tickets"][5], "category": "another"}]
    rows["usage"] += [{**rows["usage"][9], "event_id": "E"}] * 2
    tables = company(**rows)
    if engine == "postgres":
        url = write_postgres(request.getfixturevalue("postgres_uri"), "aside", tables)
    else:
        url = write_duckdb(tmp_path / "c.db", tables)
    with open_source(url) as source:
        # The two rows of ticket T5 differ; with T-x that is 3 of 103 rows: beyond the default limit.
        result = check(source, settings=shipped(limits={"table_share": 0.03}))
        assert result.report.problems == ()
        store(result.sound, tmp_path / "tables")
        counts = store_rows(source, rows_set_aside(source, result.sieves), tmp_path / "set_aside")
    assert counts == {"accounts": 1, "subscriptions": 2, "usage": 2, "tickets": 4}
    assert sorted(f.stem for f in (tmp_path / "set_aside").iterdir()) == sorted(counts)
    sound = {name: table.count().to_pyarrow().as_py() for name, table in load(tmp_path / "tables").items()}
    assert {n: sound[n] for n in ("accounts", "subscriptions", "usage", "tickets")} == {
        "accounts": 199, "subscriptions": 199, "usage": 359, "tickets": 98,
    }  # fmt: skip
    import pyarrow.parquet as pq

    tickets = pq.read_table(tmp_path / "set_aside" / "tickets.parquet")
    assert tickets.column_names == [*company()["tickets"].column_names, "rule", "account_set_aside"]
    assert sorted(tickets["ticket_id"].to_pylist()) == ["T-x", "T5", "T5", "T7"]


def test_a_table_left_out_by_without_is_absent_even_where_it_cannot_be_read(tmp_path: Path) -> None:
    folder = write_parquet(tmp_path, company(**many()))
    (folder / "tickets.parquet").write_text("no Parquet at all")
    with open_source(folder, without=("tickets",)) as source:
        report = check(source).report
    assert report.problems == ()
    assert "left out as asked by --without: tickets" in report.notes
    with pytest.raises(UsageError, match="cannot leave out usage"):
        open_source(folder, without=("usage",))


def test_the_report_goes_into_json_with_count_share_and_limit(tmp_path: Path) -> None:
    record = checked(tmp_path, many(tickets=[TICKET]))[0].report.as_record()
    (rule,) = record["rules"]
    assert {k: rule[k] for k in ("table", "column", "rule", "count", "limit", "set_aside")} == {
        "table": "tickets", "column": "priority", "rule": "value not allowed", "count": 1, "limit": 0.02,
        "set_aside": True,
    }  # fmt: skip
    assert record["accounts_set_aside"] == {"count": 0, "of": 200, "share": 0.0}
    assert record["notes"][0].startswith("broken rows set aside: tickets 1")
