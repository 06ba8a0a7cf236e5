from __future__ import annotations

import gzip
import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pytest
from validating import validate

from rind.common.errors import SourceError
from rind.features.casts import DTYPES, cast
from rind.features.sources import Source, open_source
from rind.features.storage import load, present
from rind.features.storing import store
from rind.features.tables import TABLES
from tests.features.companies import (
    company,
    write_csv,
    write_duckdb,
    write_parquet,
    write_parts,
    write_postgres,
)

at = datetime.fromisoformat
REAL = Path(__file__).parents[2].parent / "shared" / "real"


def rows(source: Source, name: str) -> list[dict[str, Any]]:
    return source.tables[name].to_pyarrow().to_pylist()


def written(shape: str, place: Path, request: pytest.FixtureRequest, tables: dict[str, pa.Table]) -> str | Path:
    match shape:
        case "parquet":
            return write_parquet(place, tables)
        case "csv":
            return str(write_csv(place, tables))
        case "parts":
            return write_parts(place, tables)
        case "duckdb":
            return write_duckdb(place.with_suffix(".db"), tables)
    return write_postgres(request.getfixturevalue("postgres_uri"), "shapes", tables)


@pytest.mark.parametrize("shape", ["parquet", "csv", "parts", "duckdb", "postgres"])
def test_every_shape_of_a_source_gives_the_same_typed_tables(
    shape: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = tmp_path / 'o\'dd [x] "name" *'
    url = written(shape, place, request, company())
    with open_source(url) as source:
        assert set(source.tables) == {"accounts", "subscriptions", "usage", "tickets"}
        assert source.absent == tuple(t for t in TABLES if t not in source.tables)
        for name, table in source.tables.items():
            expected = {c.name: DTYPES.get(c.kind, dt.string) for c in TABLES[name].columns}
            assert dict(table.schema().items()) == expected
            assert sorted(map(str, rows(source, name))) == sorted(map(str, company()[name].to_pylist()))


def test_a_hive_key_is_an_extra_column_and_is_listed(tmp_path: Path) -> None:
    with open_source(write_parts(tmp_path, company())) as source:
        assert source.ignored == {"usage": ("month",)}


def test_missing_columns_are_typed_nulls_and_recorded_at_stays_only_where_it_is(tmp_path: Path) -> None:
    tables = company()
    tables["usage"] = tables["usage"].drop_columns(["user_id"])
    tables["tickets"] = tables["tickets"].append_column("recorded_at", pa.array([at("2024-03-05T00:00:00")]))
    with open_source(write_parquet(tmp_path, tables)) as source:
        assert source.missing_columns == {"usage": ("user_id",)}
        assert source.tables["usage"].user_id.type() == dt.string
        assert "recorded_at" not in source.tables["usage"].columns
        assert rows(source, "tickets")[0]["recorded_at"] == at("2024-03-05T00:00:00")


def test_whole_number_ids_stay_numbers(tmp_path: Path) -> None:
    tables = {name: _with_ids(table, [1] * table.num_rows) for name, table in company().items()}
    with open_source(write_parquet(tmp_path, tables)) as source:
        assert {t.account_id.type() for t in source.tables.values()} == {dt.int64}


def test_an_id_that_is_a_number_in_one_table_and_a_text_in_another_is_a_text_in_all(tmp_path: Path) -> None:
    tables = company()
    tables["accounts"] = _with_ids(tables["accounts"], [7, 8])
    tables["usage"] = _with_ids(tables["usage"], [7.0] * 52)
    with open_source(write_parquet(tmp_path, tables)) as source:
        assert {t.account_id.type() for t in source.tables.values()} == {dt.string}
        assert [r["account_id"] for r in rows(source, "accounts")] == ["7", "8"]
        assert rows(source, "usage")[0]["account_id"] == "7"


def test_a_csv_keeps_the_leading_zeros_of_an_id(tmp_path: Path) -> None:
    folder = write_csv(tmp_path, company())
    (folder / "accounts.csv").write_text("account_id,name,signed_on\n007,x,2024-01-01\n")
    with open_source(folder) as source:
        assert rows(source, "accounts")[0]["account_id"] == "007"


def test_csv_parts_with_other_delimiters_and_columns_are_united_by_name(tmp_path: Path) -> None:
    folder = write_csv(tmp_path, company(accounts=None))
    (folder / "accounts").mkdir()
    (folder / "accounts" / "a.csv").write_text('\ufeffaccount_id,signed_on,name\nA1,2024-01-01,"x, ""y"""\n')
    with gzip.open(folder / "accounts" / "b.csv.gz", "wt") as file:
        file.write("signed_on;account_id;odd\n2024-01-02 00:00:00;A2;1\n")
    with open_source(folder) as source:
        assert source.ignored == {"accounts": ("odd",)}
        assert [(r["account_id"], r["name"], r["signed_on"]) for r in rows(source, "accounts")] == [
            ("A1", 'x, "y"', date(2024, 1, 1)),
            ("A2", None, date(2024, 1, 2)),
        ]


def test_a_csv_without_a_header_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").touch()
    with pytest.raises(SourceError, match=r"usage\.csv: it has no header line"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-05", at("2024-01-05T00:00:00")),
        ("2024-01-05T10:00:00+02:00", at("2024-01-05T08:00:00")),
        ("2024-01-05 10:00:00.5Z", at("2024-01-05T10:00:00.500000")),
        (" 2024-02-29 ", at("2024-02-29T00:00:00")),
        ("2024-01-05T23:59:59.9999999Z", at("2024-01-05T23:59:59.999999")),
        ("2024-1-5 23:59:59.9999999 -0530", at("2024-01-06T05:29:59.999999")),
        ("9999-12-31T23:59:59-05:00", at("9999-12-31T00:00:00")),
        ("2024-01-05T10:00:00+16:00", "wrong"),
        ("", None),
        ("2023-02-29", "wrong"),
        ("1900-02-29", "wrong"),
        ("2024-04-31", "wrong"),
        ("05/01/2024", "wrong"),
        ("infinity", "wrong"),
        ("soon", "wrong"),
    ],
)
def test_texts_are_read_as_utc_times_and_nonsense_is_counted_on_every_engine(
    con: Any, text: str, value: object
) -> None:
    table = con.create_table(ibis.util.gen_name("texts"), pa.table({"x": [text]}), temp=True)
    result = cast(table.x, DTYPES["timestamp"])
    (row,) = table.select(value=result.value, wrong=result.wrong).to_pyarrow().to_pylist()
    assert row == ({"value": None, "wrong": True} if value == "wrong" else {"value": value, "wrong": False})


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), (" -2.5e1 ", -25.0), ("1,5", "wrong"), ("nan", None), ("", None)]
)
def test_texts_are_read_as_numbers_on_every_engine(con: Any, text: str, value: object) -> None:
    table = con.create_table(ibis.util.gen_name("texts"), pa.table({"x": [text]}), temp=True)
    result = cast(table.x, DTYPES["number"])
    (row,) = table.select(value=result.value, wrong=result.wrong).to_pyarrow().to_pylist()
    assert row == ({"value": None, "wrong": True} if value == "wrong" else {"value": value, "wrong": False})


@pytest.mark.parametrize(
    ("raw", "value"),
    [("TRUE", True), (" no ", False), ("maybe", "wrong"), ("", None), (1, True), (0, False), (2, "wrong"), (True, 1)],
)  # fmt: skip
def test_booleans_are_read_from_words_and_from_one_and_zero_on_every_engine(
    con: Any, raw: object, value: object
) -> None:
    table = con.create_table(ibis.util.gen_name("words"), pa.table({"x": [raw]}), temp=True)
    result = cast(table.x, DTYPES["boolean"])
    wrong = ibis.literal(False) if result.wrong is None else result.wrong
    (row,) = table.select(value=result.value, wrong=wrong).to_pyarrow().to_pylist()
    assert row == ({"value": None, "wrong": True} if value == "wrong" else {"value": value, "wrong": False})


def test_times_with_a_zone_become_naive_utc(tmp_path: Path, postgres_uri: str) -> None:
    instant = pa.array([at("2024-03-01T23:30:00")] * 52, pa.timestamp("us", tz="America/New_York"))
    tables = company()
    position = tables["usage"].schema.get_field_index("occurred_at")
    tables["usage"] = tables["usage"].set_column(position, "occurred_at", instant)
    sources = (write_parquet(tmp_path, tables), write_postgres(postgres_uri, "zones", tables))
    for url in sources:
        with open_source(url) as source:
            assert rows(source, "usage")[0]["occurred_at"] == at("2024-03-01T23:30:00")


@pytest.mark.parametrize(
    ("has", "lacks", "stands_for_it"),
    [
        ("responded_at", "sent_at", at("2024-05-01T00:00:00")),  # who has answered was asked by then
        ("sent_at", "responded_at", None),  # who was asked may answer weeks later, or never
    ],
)
def test_the_time_of_an_answer_stands_for_that_of_its_question_and_never_the_other_way_round(
    tmp_path: Path, has: str, lacks: str, stands_for_it: datetime | None
) -> None:
    answer = {"response_id": "R1", "account_id": "A1", "kind": "nps", has: "2024-05-01T00:00", "score": 9.0}
    tables = company(surveys=[answer])
    tables["surveys"] = tables["surveys"].drop_columns([lacks])
    with open_source(write_parquet(tmp_path, tables)) as source:
        assert rows(source, "surveys")[0][lacks] == stands_for_it
        assert source.missing_columns == {"surveys": (lacks,)}


# --- what cannot be opened ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("/no/such/folder", "not there"),
        ("duckdb:///no/such.db", "no database file"),
        ("ftp://me:geheim@host/db", "ftp:// is not known"),
        ("postgres://me:geheim@127.0.0.1:1/db", "cannot read postgres"),
        ("postgresql://me:ge@heim/x@127.0.0.1:1/db?sslpassword=geheim", "cannot read postgres"),
    ],
)
def test_what_cannot_be_opened_says_why_and_tells_no_password(url: str, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        open_source(url)
    assert caught.value.hint
    assert "heim" not in str(caught.value)


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id\n")
    with pytest.raises(SourceError, match="a file, not a folder"):
        open_source(tmp_path / "accounts.csv")


def test_all_unreadable_files_are_named_at_once(tmp_path: Path) -> None:
    folder = write_parquet(tmp_path, company())
    for name in ("accounts", "usage"):
        (folder / f"{name}.parquet").write_text("this is not Parquet at all")
    with pytest.raises(SourceError, match=r"(?s)accounts\.parquet.*usage\.parquet"):
        open_source(folder)


def test_a_file_that_is_not_a_duckdb_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("x" * 5000)
    with pytest.raises(SourceError, match="cannot read the database"):
        open_source(f"duckdb:///{tmp_path / 'x.db'}")


def test_a_table_in_two_formats_is_refused(tmp_path: Path) -> None:
    write_csv(write_parquet(tmp_path, company()), {"usage": company()["usage"]})
    with pytest.raises(SourceError, match="usage is there more than once"):
        open_source(tmp_path)


def test_a_duckdb_source_is_opened_read_only(tmp_path: Path) -> None:
    url = write_duckdb(tmp_path / "c.db", company())
    with open_source(url) as source, pytest.raises(duckdb.Error, match="read-only"):
        source.connection.raw_sql("DELETE FROM accounts")


# --- storing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["csv", "duckdb", "postgres"])
def test_stored_tables_come_back_as_they_were_and_absent_ones_empty(
    shape: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with open_source(written(shape, tmp_path / "s", request, company())) as source:
        store(source, tmp_path / "out")
        expected = {name: sorted(map(str, rows(source, name))) for name in source.tables}
    tables = load(tmp_path / "out")
    assert set(tables) == set(TABLES)
    assert present(tmp_path / "out") == {"accounts", "subscriptions", "usage", "tickets"}
    for name, spec in TABLES.items():
        types = {c.name: DTYPES.get(c.kind, dt.string) for c in spec.columns}
        assert dict(tables[name].schema().items()) == types
        assert sorted(map(str, tables[name].to_pyarrow().to_pylist())) == expected.get(name, [])
    manifest = json.loads((tmp_path / "out" / "tables.json").read_text())
    assert manifest["usage"] == {"present": True, "rows": 52, "columns_missing": [], "ignored_columns": []}
    assert manifest["surveys"]["present"] is False


def test_the_same_rows_in_another_order_are_stored_as_the_same_bytes(tmp_path: Path) -> None:
    tables = company()
    for place in ("a", "b"):
        with open_source(write_parquet(tmp_path / place, tables)) as source:
            store(source, tmp_path / f"{place}-out")
        tables["accounts"] = tables["accounts"].take([1, 0])
    for file in (tmp_path / "a-out").iterdir():
        assert file.read_bytes() == (tmp_path / "b-out" / file.name).read_bytes(), file.name


def test_absent_tables_have_ids_of_the_type_of_the_others(tmp_path: Path) -> None:
    tables = {name: _with_ids(table, [1] * table.num_rows) for name, table in company().items()}
    with open_source(write_parquet(tmp_path / "s", tables)) as source:
        store(source, tmp_path / "out")
    assert load(tmp_path / "out")["surveys"].account_id.type() == dt.int64


def test_a_source_that_breaks_while_it_is_stored_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small tables are held in memory and cannot break; here none is small."""
    monkeypatch.setattr("rind.features.sources.SMALL_ROWS", -1)
    out = tmp_path / "out"
    with open_source(write_csv(tmp_path / "s", company())) as source:
        store(source, out)
        before = {f.name: f.read_bytes() for f in out.iterdir()}
        os.remove(tmp_path / "s" / "usage.csv")
        with pytest.raises(SourceError, match="usage"):
            store(source, out)
    assert {f.name: f.read_bytes() for f in out.iterdir()} == before


def test_a_folder_without_its_manifest_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no stored tables"):
        load(tmp_path)


# --- real companies -------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "end"), [("learning365", date(2022, 10, 20)), ("wholesale", date(2011, 12, 9))])
def test_a_real_company_is_opened_with_its_true_data_end(name: str, end: date) -> None:
    if not (REAL / name).is_dir():
        pytest.skip(f"{REAL / name} is not on this machine")
    with open_source(REAL / name) as source:
        assert validate(source).data_end == end
        assert source.ignored == {}


def _with_ids(table: pa.Table, ids: list[Any]) -> pa.Table:
    return table.set_column(table.schema.get_field_index("account_id"), "account_id", pa.array(ids))


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2024-06-01 10:00 +0530", "2024-06-01 04:30:00"),
        ("2024-06-01T10:00Z", "2024-06-01 10:00:00"),
        ("2024-06-01 10:00:00.5 UTC", "2024-06-01 10:00:00.5"),
        ("2024-06-01  10:00:00-03", "2024-06-01 13:00:00"),
        ("2024-6-1 3:04", "2024-06-01 03:04:00"),
        ("2024-06-01 +02", "2024-05-31 22:00:00"),
        ("2024-06-01", "2024-06-01 00:00:00"),
        ("2024-06-01T10:00:00+02:00", "2024-06-01 08:00:00"),
        ("2024-06-31", "None"),
        ("2024-06-01T10:00:00\r", "2024-06-01 10:00:00"),
        ("2024-06-01 10:00:00\t", "2024-06-01 10:00:00"),
        ("2024-06-1 ", "2024-06-01 00:00:00"),
        ("2024-06-01 10:00:00UTC", "2024-06-01 10:00:00"),
    ],
)
def test_a_time_is_read_whether_or_not_it_has_seconds_and_however_its_zone_is_written(
    con: Any, written: str, utc: str
) -> None:
    column = ibis.memtable({"at": [written]}).at
    value = cast(column, DTYPES["timestamp"]).value.cast("string").name("at").as_table()
    assert str(con.to_pyarrow(value)["at"].to_pylist()[0]) == utc
