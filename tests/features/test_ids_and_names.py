"""Ids meet and names are found however a company spells them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from validating import check

from rind.features.names import matched, nearest
from rind.features.sources import open_source
from tests.features.companies import company, write_csv, write_parquet


def opened_ids(place: Path, name: str, column: str, tables: dict[str, pa.Table]) -> list[Any]:
    with open_source(write_parquet(place, tables)) as source:
        return source.tables[name].to_pyarrow()[column].to_pylist()


def with_column(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(column), column, values)


TOUCH = [{"interaction_id": f"I{n}", "account_id": "A1", "occurred_at": "2024-02-01"} for n in range(3)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["17", "18", "19"], ["17", "18", "19"]),
        (["17.0", "18", None], ["17", "18", None]),  # as pandas writes a column with gaps
        (["1.7e1", "18.000", "+5"], ["17", "18", "+5"]),
        (["17.0", "18", "abc"], ["17.0", "18", "abc"]),  # the column is not numeric as a whole
        (["17.5", "18.0", "19"], ["17.5", "18", "19"]),
        (["007.0", "007", "7"], ["007", "007", "7"]),  # leading zeros stay
        ([" 17", "17 ", "\t17"], ["17", "17", "17"]),
        (["17\n", "18", "19"], ["17", "18", "19"]),
        (["NULL", "NaT", "n/a"], [None, None, None]),
        (["-", "", " "], [None, None, None]),
        (["Anna@Example.com", "anna@example.com", "BOB"], ["anna@example.com", "anna@example.com", "BOB"]),
    ],
)
def test_an_id_is_the_same_however_it_is_written(
    tmp_path: Path, written: list[str | None], read: list[str | None]
) -> None:
    tables = company(interactions=TOUCH)
    tables["interactions"] = with_column(tables["interactions"], "contact_id", pa.array(written, pa.string()))
    assert opened_ids(tmp_path, "interactions", "contact_id", tables) == read
    csv = write_csv(tmp_path / "csv", tables)
    with open_source(csv) as source:
        assert source.tables["interactions"].to_pyarrow()["contact_id"].to_pylist() == read


@pytest.mark.parametrize(
    "values",
    [
        pa.array([17, 18, 2**64 - 1], pa.uint64()),
        pa.array(["17", "18", str(2**64 - 1)], pa.string()),
        pa.array([b"17", b"18", str(2**64 - 1).encode()], pa.binary()),
    ],
)
def test_ids_near_the_largest_unsigned_number_are_kept_as_text(tmp_path: Path, values: pa.Array) -> None:
    tables = company(interactions=TOUCH)
    tables["interactions"] = with_column(tables["interactions"], "contact_id", values)
    assert opened_ids(tmp_path, "interactions", "contact_id", tables) == ["17", "18", "18446744073709551615"]


def test_a_number_with_a_gap_meets_the_same_number_without_one_and_nothing_is_lost(tmp_path: Path) -> None:
    people = [{"contact_id": n, "account_id": "A1", "added_on": "2024-01-01"} for n in ("17", "18", "19")]
    tables = company(contacts=people, interactions=TOUCH)
    tables["interactions"] = with_column(tables["interactions"], "contact_id", pa.array(["17.0", " 18", "19"]))
    with open_source(write_csv(tmp_path, tables)) as source:
        assert not any("meet nothing" in note for note in check(source).report.notes)


def test_words_for_nothing_are_empty_outside_free_text_and_counted(tmp_path: Path) -> None:
    tables = company()
    tables["tickets"] = with_column(tables["tickets"], "priority", pa.array(["N/A"]))
    tables["tickets"] = with_column(tables["tickets"], "category", pa.array(["N/A"]))
    tables["tickets"] = with_column(tables["tickets"], "resolved_at", pa.array(["NaT"]))
    with open_source(write_parquet(tmp_path, tables)) as source:
        (row,) = source.tables["tickets"].to_pyarrow().to_pylist()
        notes = check(source).report.notes
    assert (row["priority"], row["category"], row["resolved_at"]) == (None, "N/A", None)
    (note,) = (n for n in notes if "read as empty, as they stand" in n)
    assert "resolved_at 1" in note
    assert "priority 1" in note
    assert "category" not in note


def test_a_code_may_be_missing_in_words(tmp_path: Path) -> None:
    tables = company()
    tables["subscriptions"] = with_column(tables["subscriptions"], "currency", pa.array(["NULL", " EUR"]))
    assert opened_ids(tmp_path, "subscriptions", "currency", tables) == [None, "EUR"]


@pytest.mark.parametrize("written", ["High", " high ", "HIGH"])
def test_a_word_of_a_list_may_be_written_in_any_case(tmp_path: Path, written: str) -> None:
    tables = company()
    tables["tickets"] = with_column(tables["tickets"], "priority", pa.array([written]))
    assert opened_ids(tmp_path, "tickets", "priority", tables) == ["high"]


# --- names ---------------------------------------------------------------------------------------------


def test_a_name_is_read_where_only_case_blanks_and_underscores_differ() -> None:
    assert matched(["opened_at", "account_id"], ["Opened At", "accountId"]) == {
        "opened_at": "Opened At",
        "account_id": "accountId",
    }
    assert matched(["opened_at"], ["Opened At", "opened-at"]) == {}  # which of them?
    assert matched(["opened_at"], ["Opened At", "opened_at"]) == {"opened_at": "opened_at"}
    assert matched(["opened_at"], ["opened"]) == {}


@pytest.mark.parametrize(
    ("wanted", "present", "near"),
    [("tickets", "tickets_2026-06-28", "tickets_2026-06-28"), ("resolved_at", "solved_at", "solved_at"),
     ("tickets", "usage", "")],
)  # fmt: skip
def test_the_nearest_name_is_the_one_that_was_meant(wanted: str, present: str, near: str) -> None:
    assert nearest(wanted, [present]) == near


def test_tables_and_columns_that_differ_in_spelling_alone_are_read_and_told(tmp_path: Path) -> None:
    folder = write_csv(tmp_path, company())
    (folder / "tickets.csv").rename(folder / "Tickets.CSV")
    text = (folder / "Tickets.CSV").read_text().replace('"opened_at"', '"Opened At"')
    (folder / "Tickets.CSV").write_text(text)
    with open_source(folder) as source:
        report = check(source).report
        assert source.tables["tickets"].count().to_pyarrow().as_py() == 1
    assert report.problems == ()
    assert "tickets: read by another spelling: Opened At as opened_at" in report.notes


@pytest.mark.parametrize(
    ("file", "hint"),
    [
        ("tickets_2026-06-28.csv", "tickets is not there. Is it tickets_2026-06-28.csv? Name it tickets.csv."),
        ("tickets.xlsx", "tickets is not there. Is it tickets.xlsx? Save it as tickets.csv or tickets.parquet."),
    ],
)
def test_an_optional_table_that_nearly_fits_is_named_with_the_way_to_mend_it(
    tmp_path: Path, file: str, hint: str
) -> None:
    folder = write_csv(tmp_path, company())
    (folder / "tickets.csv").rename(folder / file)
    with open_source(folder) as source:
        notes = check(source).report.notes
    assert hint in notes
    assert f"not in the contract and not read: {file}" in notes


def test_following_a_hint_mends_what_it_names(tmp_path: Path) -> None:
    folder = write_csv(tmp_path, company())
    (folder / "usage.csv").rename(folder / "Usage 2026.csv")
    with open_source(folder) as source:
        (problem,) = [p for p in check(source).report.problems if p.rule == "required table is missing"]
    assert problem.hint == "Is it Usage 2026.csv? Name it usage.csv."
    (folder / "Usage 2026.csv").rename(folder / "usage.csv")
    with open_source(folder) as source:
        assert check(source).report.problems == ()


def test_a_column_that_nearly_fits_is_named_unless_its_type_could_not_be_cast(tmp_path: Path) -> None:
    tables = company()
    names = ["solved_at" if c == "resolved_at" else c for c in tables["tickets"].column_names]
    tables["tickets"] = tables["tickets"].rename_columns(names)
    with open_source(write_parquet(tmp_path / "time", tables)) as source:
        hint = "tickets.resolved_at is not there. Is it solved_at? Name it resolved_at."
        assert hint in check(source).report.notes
    tables["tickets"] = with_column(tables["tickets"], "solved_at", pa.array([17]))
    with open_source(write_parquet(tmp_path / "number", tables)) as source:
        assert not any("solved_at?" in note for note in check(source).report.notes)


def test_a_file_beside_the_parts_of_a_table_is_listed(tmp_path: Path) -> None:
    folder = write_parquet(tmp_path, company(tickets=None))
    (folder / "tickets").mkdir()
    table = company()["tickets"]
    write_parquet(folder / "tickets", {"part-0": table})
    (folder / "tickets" / "readme.txt").write_text("x")
    with open_source(folder) as source:
        assert source.others == ("tickets/readme.txt",)


def test_a_database_with_tables_in_capitals_is_read(tmp_path: Path) -> None:
    con = ibis.duckdb.connect(tmp_path / "c.db")
    for name, table in company().items():
        con.create_table(name.upper(), table.rename_columns([c.upper() for c in table.column_names]))
    con.disconnect()
    with open_source(f"duckdb:///{tmp_path / 'c.db'}") as source:
        assert check(source).report.problems == ()
