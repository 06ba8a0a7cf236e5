from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from validating import history_need, validate

from rind.common.errors import HistoryError, SourceError, ValidationError
from rind.features.problems import Report
from rind.features.sources import open_source
from tests.features.companies import SOUND, company, write_csv, write_duckdb, write_parquet, write_postgres

REAL = Path(__file__).parents[2].parent / "shared" / "real"
USE = {"account_id": "A1", "feature": "login", "occurred_at": "2024-06-01"}
TERM = {"subscription_id": "S9", "account_id": "A1", "mrr": 1.0, "starts_on": "2024-01-01"}
TICKET = {"ticket_id": "T9", "account_id": "A1", "opened_at": "2024-03-01"}
SURVEY = {"response_id": "R9", "account_id": "A1", "kind": "nps", "sent_at": "2024-03-01", "responded_at": "2024-03-02"}
INVOICE = {"invoice_id": "I9", "account_id": "A1", "issued_on": "2024-03-01", "due_on": "2024-04-01", "amount": 1.0}
HEALTH = {"account_id": "A1", "as_of": "2024-03-01", "score": 50.0}
REQUEST = {"request_id": "Q9", "account_id": "A1", "topic": "sso", "asked_on": "2024-03-01"}
COST = {"month": "2024-03-01", "kind": "support", "amount": 1.0}
RATE = {"currency": "USD", "as_of": "2024-03-01", "rate": 0.9}
DEPARTURE = {"account_id": "A2", "left_on": "2024-06-01", "reason": "price"}


def check(url: str | Path, data_end: date | None = None, as_of: date | None = None, **days: int) -> Report:
    with open_source(url) as source:
        return validate(source, data_end, as_of, need=history_need(**days))


def written(tmp_path: Path, request: pytest.FixtureRequest, engine: str, tables: dict[str, pa.Table]) -> str:
    if engine == "postgres":
        return write_postgres(request.getfixturevalue("postgres_uri"), "validation", tables)
    return write_duckdb(tmp_path / "c.db", tables)


def test_a_sound_company_breaks_nothing_and_its_gaps_are_noted(tmp_path: Path) -> None:
    report = check(write_parquet(tmp_path, company()))
    assert report.problems == ()
    report.raise_if_broken()
    assert report.rows == {"accounts": 2, "subscriptions": 2, "usage": 52, "tickets": 1}
    assert report.data_end == date(2024, 12, 23)
    assert any("absent" in note and "surveys" in note for note in report.notes)


BROKEN: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("usage", {**USE, "account_id": None}, "account_id", "empty", "(empty), 2024-06-01 00:00:00"),
    ("usage", {**USE, "feature": ""}, "feature", "empty", "A1, 2024-06-01 00:00:00"),
    ("usage", {**USE, "account_id": "A9"}, "account_id", "unknown account", "A9, 2024-06-01 00:00:00"),
    ("usage", {**USE, "quantity": -1.0}, "quantity", "below 0", "A1, 2024-06-01 00:00:00"),
    ("usage", {**USE, "quantity": float("nan")}, "quantity", "not a number", "A1, 2024-06-01 00:00:00"),
    ("subscriptions", {**TERM, "mrr": -0.01}, "mrr", "below 0", "S9"),
    ("subscriptions", {**TERM, "mrr": float("inf")}, "mrr", "not a number", "S9"),
    ("subscriptions", {**TERM, "ended_on": "2023-12-31"}, "ended_on", "before starts_on", "S9"),
    ("subscriptions", {**TERM, "term_ends_on": "2023-12-31"}, "term_ends_on", "before starts_on", "S9"),
    ("subscriptions", {**TERM, "subscription_id": "S1"}, "subscription_id", "duplicate key", "S1"),
    ("tickets", {**TICKET, "priority": "P1"}, "priority", "value not allowed", "T9"),
    ("tickets", {**TICKET, "resolved_at": "2024-02-29"}, "resolved_at", "before opened_at", "T9"),
    ("surveys", {**SURVEY, "score": 11.0}, "score", "out of the range of its kind", "R9"),
    ("surveys", {**SURVEY, "kind": "csat", "score": 0.0}, "score", "out of the range of its kind", "R9"),
    ("surveys", {**SURVEY, "kind": "essential", "score": 4.0}, "score", "out of the range of its kind", "R9"),
    ("surveys", {**SURVEY, "kind": "stars"}, "kind", "value not allowed", "R9"),
    ("surveys", {**SURVEY, "sent_at": None, "responded_at": None}, "sent_at", "no time", "R9"),
    ("invoices", {**INVOICE, "amount": -5.0}, "amount", "below 0", "I9"),
    ("health_scores", {**HEALTH, "score": 101.0}, "score", "above 100", "A1, 2024-03-01"),
    ("subscriptions", {**TERM, "kind": "prepaid"}, "kind", "value not allowed", "S9"),
    ("subscriptions", {**TERM, "currency": "euro"}, "currency", "value not allowed", "S9"),
    ("subscriptions", {**TERM, "paused_from": "2023-12-31"}, "paused_from", "before starts_on", "S9"),
    ("subscriptions", {**TERM, "paused_from": "2024-03-01", "paused_until": "2024-02-29"}, "paused_until",
     "before paused_from", "S9"),
    ("requests", {**REQUEST, "outcome": "later"}, "outcome", "value not allowed", "Q9"),
    ("requests", {**REQUEST, "closed_on": "2024-02-29"}, "closed_on", "before asked_on", "Q9"),
    ("requests", {**REQUEST, "topic": None}, "topic", "empty", "Q9"),
    ("costs", {**COST, "kind": "rent"}, "kind", "value not allowed", "2024-03-01"),
    ("costs", {**COST, "amount": -1.0}, "amount", "below 0", "2024-03-01"),
    ("rates", {**RATE, "rate": 0.0}, "rate", "not above 0", "USD, 2024-03-01"),
    ("rates", {**RATE, "currency": "$"}, "currency", "value not allowed", "$, 2024-03-01"),
    ("departures", {**DEPARTURE, "reason": None}, "reason", "empty", "A2, 2024-06-01"),
    ("departures", {**DEPARTURE, "account_id": "A9"}, "account_id", "unknown account", "A9, 2024-06-01"),
]  # fmt: skip


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_every_broken_row_is_found_once_under_its_rule_and_all_at_once(
    tmp_path: Path, request: pytest.FixtureRequest, engine: str
) -> None:
    report = check(written(tmp_path, request, engine, with_rows([(name, row) for name, row, *_ in BROKEN])))
    expected: dict[tuple[str, str, str], set[str]] = {}
    for i, (name, _row, column, rule, key) in enumerate(BROKEN):
        expected.setdefault((name, column, rule), set()).add(key.replace("9", f"9-{i}") if key[1:] == "9" else key)
    assert {(p.table, p.column, p.rule): set(p.keys) for p in report.problems} == expected
    # Two rows share the key S1 and differ: which of them is right, nobody knows.
    assert [p.count for p in report.problems] == [len(p.keys) + (p.rule == "duplicate key") for p in report.problems]
    assert all(p.hint for p in report.problems)


def with_rows(added: list[tuple[str, dict[str, Any]]]) -> dict[str, pa.Table]:
    """The sound company with more rows; those whose id ends in 9 get one of their own."""
    tables = {name: list(SOUND.get(name, ())) for name in (*SOUND, *(name for name, _ in added))}
    for i, (name, row) in enumerate(added):
        own = {k: f"{v}-{i}" for k, v in row.items() if str(v) in ("S9", "T9", "R9", "I9", "Q9")}
        tables[name].append({**row, **own})
    return company(**tables)


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("usage", {**USE, "quantity": 0.0}),
    ("subscriptions", {**TERM, "mrr": 0.0, "ended_on": "2024-01-01"}),
    ("subscriptions", {**TERM, "starts_on": "2026-01-01", "term_ends_on": "2027-01-01"}),
    ("tickets", {**TICKET, "resolved_at": TICKET["opened_at"], "priority": None}),
    ("surveys", {**SURVEY, "score": 0.0}),
    ("surveys", {**SURVEY, "kind": "csat", "score": 5.0}),
    ("surveys", {**SURVEY, "responded_at": None}),
    ("health_scores", {**HEALTH, "score": 100.0}),
    ("subscriptions", {**TERM, "kind": "trial", "currency": "eur", "paused_from": "2024-01-01",
                       "paused_until": "2024-01-01"}),
    ("requests", {**REQUEST, "closed_on": "2024-03-01", "outcome": "done"}),
    ("costs", COST), ("costs", COST),
    ("rates", RATE),
    ("departures", DEPARTURE),
]  # fmt: skip


def test_values_on_the_boundary_are_kept(tmp_path: Path) -> None:
    assert check(write_parquet(tmp_path, with_rows(GOOD))).problems == ()


def test_missing_tables_and_columns_are_reported_together_with_what_may_be_meant(tmp_path: Path) -> None:
    tables = company(usage=None, subscriptions=None)
    tables["account_list"] = tables.pop("accounts")
    tables["tickets"] = tables["tickets"].rename_columns(
        ["opened" if c == "opened_at" else c for c in tables["tickets"].column_names]
    )
    report = check(write_parquet(tmp_path, tables))
    missing = [(p.table, p.column, p.rule) for p in report.problems]
    assert missing == [
        ("accounts", "", "required table is missing"),
        ("subscriptions", "", "required table is missing"),
        ("usage", "", "required table is missing"),
        ("tickets", "opened_at", "required column is missing"),
    ]
    assert report.problems[0].hint == "Is it account_list.parquet? Name it accounts.parquet."
    assert report.problems[3].hint == "Is it opened? Name it opened_at."


def test_an_empty_folder_misses_the_three_required_tables(tmp_path: Path) -> None:
    assert [p.table for p in check(tmp_path).problems] == ["accounts", "subscriptions", "usage"]


@pytest.mark.parametrize("engine", ["csv", "duckdb", "postgres"])
def test_texts_that_are_no_dates_or_numbers_are_a_wrong_type_with_count_and_values(
    tmp_path: Path, request: pytest.FixtureRequest, engine: str
) -> None:
    tables = company()
    for column, texts in (("starts_on", ["2024-01-01", "01.02.2024"]), ("mrr", ["ten", "50"])):
        table = tables["subscriptions"]
        tables["subscriptions"] = table.set_column(table.schema.get_field_index(column), column, pa.array(texts))
    url = write_csv(tmp_path, tables) if engine == "csv" else written(tmp_path, request, engine, tables)
    report = check(url)
    wrong = {(p.column, p.rule, p.count, p.keys, p.values) for p in report.problems}
    assert wrong == {
        ("mrr", "wrong type", 1, ("S1",), ("ten",)),
        ("starts_on", "wrong type", 1, ("S2",), ("01.02.2024",)),
    }


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
@pytest.mark.parametrize(
    ("column", "value", "broken"),
    [("ended_on", "infinity", False), ("term_ends_on", "infinity", False), ("notice_on", "-infinity", True),
     ("starts_on", "infinity", True)],
)  # fmt: skip
def test_infinity_is_never_where_a_date_may_be_empty_and_elsewhere_breaks_a_rule(
    tmp_path: Path, request: pytest.FixtureRequest, engine: str, column: str, value: str, broken: bool
) -> None:
    url = written(tmp_path, request, engine, company())
    con = ibis.connect(url) if engine == "postgres" else ibis.duckdb.connect(url.removeprefix("duckdb:///"))
    con.raw_sql(f"UPDATE subscriptions SET {column} = '{value}' WHERE subscription_id = 'S1'")
    if engine == "postgres":
        con.con.commit()
    con.disconnect()
    report = check(url)
    problems = [(p.table, p.column, p.rule, p.keys, p.values) for p in report.problems]
    assert problems == ([("subscriptions", column, "wrong type", ("S1",), (value,))] if broken else [])
    assert broken or any(f"no value (NULL, N/A, 9999-12-31 ...): {column} 1" in note for note in report.notes)


def test_a_column_of_a_type_that_cannot_be_cast_is_wrong_in_every_filled_row_and_fine_when_empty(
    tmp_path: Path,
) -> None:
    tables = company()
    for column, values in (("resolved_at", [17]), ("first_response_at", [None])):
        table = tables["tickets"]
        typed = pa.array(values, pa.int64() if values[0] else pa.null())
        tables["tickets"] = table.set_column(table.schema.get_field_index(column), column, typed)
    (problem,) = check(write_parquet(tmp_path, tables)).problems
    assert (problem.column, problem.rule, problem.count, problem.values) == ("resolved_at", "wrong type", 1, ("17",))


# --- the data end and the history -----------------------------------------------------------------


@pytest.mark.parametrize(("data_end", "late"), [("2024-12-23", 0), ("2024-12-22", 1), ("2024-12-15", 2)])
def test_what_happened_after_a_given_data_end_is_counted_from_the_next_midnight(
    tmp_path: Path, data_end: str, late: int
) -> None:
    report = check(write_parquet(tmp_path, company()), date.fromisoformat(data_end))
    assert (
        sum(p.count for p in (*report.problems, *report.set_aside) if p.rule == f"after the data end {data_end}")
        == late
    )


def test_later_filled_fields_are_held_against_a_given_data_end_and_plans_are_not(tmp_path: Path) -> None:
    plan = {**TERM, "starts_on": "2025-06-01", "term_ends_on": "2026-06-01", "ended_on": "2025-12-01"}
    notice = {**TERM, "subscription_id": "S8", "notice_on": "2025-06-01"}
    tables = company(
        subscriptions=[*SOUND["subscriptions"], plan, notice],
        tickets=[{**TICKET, "resolved_at": "2025-06-01"}],
        invoices=[{**INVOICE, "due_on": "2025-06-01", "paid_on": "2025-06-01"}],
    )
    report = check(write_parquet(tmp_path, tables), date(2024, 12, 31))
    assert [(p.table, p.column, p.keys) for p in report.problems] == [("tickets", "resolved_at", ("T9",))]


def test_a_renewal_is_no_churn(tmp_path: Path) -> None:
    closed = {**TERM, "ended_on": "2024-06-01"}
    renewed = {**TERM, "subscription_id": "S8", "starts_on": "2024-07-01"}
    (problem,) = check(write_parquet(tmp_path, company(subscriptions=[closed, renewed]))).problems
    assert (problem.table, problem.column, problem.rule) == ("subscriptions", "ended_on", "no account has ever left")
    assert check(write_parquet(tmp_path, company(subscriptions=[closed, renewed])), grace_days=29).problems == ()


@pytest.mark.parametrize(
    ("horizon_days", "as_of", "enough"),
    [(179, None, True), (180, None, False), (90, date(2024, 9, 25), True), (90, date(2024, 9, 24), False)],
)
def test_the_history_must_hold_the_dates_that_training_asks_for(
    tmp_path: Path, horizon_days: int, as_of: date | None, enough: bool
) -> None:
    # Use begins on Monday 2024-01-01, so the dates are 01-08, 01-15 ... and the eighth is 02-26; from it
    # horizon + 30 + 91 + 1 days lead to the scoring date: 301 to 2024-12-23, 212 to 2024-09-25.
    report = check(write_parquet(tmp_path, company()), horizon_days=horizon_days, as_of=as_of)
    assert [p.rule for p in report.problems] == ([] if enough else ["too little history"])
    assert enough or "needs 8 dates" in report.problems[0].hint


def test_history_that_was_recorded_later_is_none(tmp_path: Path) -> None:
    tables = company()
    for name in ("usage", "subscriptions"):
        loaded = pa.array(["2024-11-01T00:00:00"] * len(tables[name])).cast(pa.timestamp("us"))
        late = tables[name].append_column("recorded_at", loaded)
        whole = check(write_parquet(tmp_path / name, {**tables, name: late}))
        assert [(p.rule, "begins on 2024-11-01" in p.hint) for p in whole.problems] == [("too little history", True)]


LEFT = {**TERM, "subscription_id": "S8", "account_id": "A2", "ended_on": "2024-06-01"}
NOBODY = [
    {"notice_on": "2024-01-01"}, {"mrr": 0.0}, {"kind": "trial"}, {"ended_on": "2024-12-23"},
    {"paused_from": "2024-12-01"},
]  # fmt: skip


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
@pytest.mark.parametrize("term", NOBODY, ids=lambda term: next(iter(term)))
def test_a_scoring_date_without_anybody_to_score_is_refused(
    tmp_path: Path, request: pytest.FixtureRequest, engine: str, term: dict[str, Any]
) -> None:
    """Use ends on 2024-12-23, the scoring date: who gives notice, stops paying or leaves on it is not in the cohort."""
    report = check(written(tmp_path, request, engine, company(subscriptions=[{**TERM, **term}, LEFT])))
    assert "no account in the cohort of the scoring date" in [p.rule for p in report.problems]
    with pytest.raises(HistoryError, match=r"2024-12-23 nobody is|since 2024-") as caught:
        report.raise_if_broken()
    assert caught.value.exit_code == 5


def test_who_gives_notice_on_the_scoring_date_or_leaves_after_it_is_still_in_its_cohort(tmp_path: Path) -> None:
    for term in ({"notice_on": "2024-12-23"}, {"ended_on": "2024-12-24"}, {"paused_from": "2024-12-24"}):
        assert check(write_parquet(tmp_path, company(subscriptions=[{**TERM, **term}, LEFT]))).problems == ()


def test_dates_on_which_nobody_pays_are_no_history(tmp_path: Path) -> None:
    """The eighth date with a cohort must lie 212 days before 2024-12-23: by 2024-05-25."""
    for begins, enough in (("2024-04-01", True), ("2024-04-09", False)):
        free = {**TERM, "subscription_id": "S7", "mrr": 0.0, "ended_on": begins}
        tables = company(subscriptions=[free, {**TERM, "starts_on": begins}, {**LEFT, "starts_on": begins}])
        rules = [p.rule for p in check(write_parquet(tmp_path, tables)).problems]
        assert rules == ([] if enough else ["too little history"])


def test_an_empty_required_table_is_one_problem_and_not_a_crash(tmp_path: Path) -> None:
    report = check(write_parquet(tmp_path, company(usage=[])))
    assert [(p.table, p.rule) for p in report.problems] == [("usage", "required table is empty")]


def test_a_mistyped_year_of_an_optional_table_moves_no_data_end_and_is_in_the_future(tmp_path: Path) -> None:
    report = check(write_parquet(tmp_path, company(tickets=[{**TICKET, "opened_at": "2042-03-01"}])))
    assert report.data_end == date(2024, 12, 23)
    assert [(p.table, p.column, p.rule) for p in report.problems] == [("tickets", "opened_at", "in the future")]


# --- the report -----------------------------------------------------------------------------------


def test_the_report_reads_as_a_table_with_a_way_out_and_goes_into_json(tmp_path: Path) -> None:
    tables = company(tickets=[{**TICKET, "priority": "P1"}], surveys=[{**SURVEY, "score": 12.0}])
    report = check(write_parquet(tmp_path, tables))
    with pytest.raises(ValidationError) as caught:
        report.raise_if_broken()
    text = str(caught.value)
    assert text.startswith(f"2 rules are broken in {tmp_path}\n")
    assert "tickets  priority  value not allowed                1  100.0%  T9  (value P1)" in text
    assert "tickets.priority, value not allowed: Allowed are low, normal, high, urgent" in text
    assert caught.value.exit_code == 4
    assert json.loads(json.dumps(report.as_records()))[0]["table"] == "tickets"


def test_at_most_five_examples_are_shown_in_the_order_of_their_keys(tmp_path: Path) -> None:
    bad = [{**TICKET, "ticket_id": f"T{i}", "priority": "x"} for i in (9, 3, 5, 1, 7, 2, 8)]
    (problem,) = check(write_parquet(tmp_path, company(tickets=bad))).problems
    assert (problem.count, problem.keys, problem.values) == (7, ("T1", "T2", "T3", "T5", "T7"), ("x",))


def test_a_file_that_breaks_off_is_an_unreadable_source(tmp_path: Path) -> None:
    folder = write_csv(tmp_path, company())
    with (folder / "usage.csv").open("ab") as file:
        file.write(b'"A1","U1","login",2024-01-01,1,too,many\n')
    with pytest.raises(SourceError, match="usage"):
        check(folder)


@pytest.mark.parametrize(("name", "horizon_days"), [("learning365", 30), ("wholesale", 90)])
def test_a_real_company_keeps_every_rule(name: str, horizon_days: int) -> None:
    if not (REAL / name).is_dir():
        pytest.skip(f"{REAL / name} is not on this machine")
    assert check(REAL / name, horizon_days=horizon_days).problems == ()


def test_a_real_company_with_an_account_taken_away_has_rows_of_unknown_accounts(tmp_path: Path) -> None:
    if not (REAL / "learning365").is_dir():
        pytest.skip(f"{REAL / 'learning365'} is not on this machine")
    for file in (REAL / "learning365").glob("*.parquet"):
        table = pq.read_table(file)
        pq.write_table(table.slice(1) if file.stem == "accounts" else table, tmp_path / file.name)
    report = check(tmp_path, horizon_days=30)
    assert report.problems == ()
    rules = {(p.table, p.rule) for p in report.set_aside}
    assert ("subscriptions", "unknown account") in rules
    assert {rule for _, rule in rules} == {"unknown account"}


def test_progress_names_each_table(tmp_path: Path) -> None:
    said: list[str] = []
    with open_source(write_parquet(tmp_path, company())) as source:
        validate(source, progress=said.append)
    assert said == [f"checking {name}" for name in ("accounts", "subscriptions", "usage", "tickets")]
