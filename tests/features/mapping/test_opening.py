from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from rind.common.errors import SourceError
from rind.features.sources import open_source
from tests.features.companies import company, write_postgres
from tests.features.mapping.exports import rows_of, write_csv, write_lines

at = datetime.fromisoformat

ACCOUNTS = "select id as account_id, name, since as signed_on from customers"


def write_mapping(folder: Path, text: str, **queries: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    for name, sql in queries.items():
        (folder / f"{name}.sql").write_text(sql, encoding="utf-8")
    return folder


def customers(
    tmp_path: Path,
    columns: str = "{id: {from: ID, as: id}, name: Name, since: {from: Since, as: date}}",
    **queries: str,
) -> Path:
    write_csv(tmp_path / "exports", "customers.csv", "ID,Name,Since\n1,Acme,2024-01-31\n2,Bolt,2024-02-01")
    text = f"exports: ../exports\ninputs:\n  customers:\n    file: customers.csv\n    columns: {columns}\n"
    return write_mapping(tmp_path / "mapping", text, **({"accounts": ACCOUNTS} | queries))


def test_a_source_may_be_the_folder_of_a_mapping_or_its_file(tmp_path: Path) -> None:
    folder = customers(tmp_path)
    for place in (folder, folder / "mapping.yaml"):
        with open_source(place) as source:
            assert [r["name"] for r in source.tables["accounts"].order_by("account_id").to_pyarrow().to_pylist()] == [
                "Acme",
                "Bolt",
            ]


def test_exports_that_no_input_reads_are_listed(tmp_path: Path) -> None:
    folder = customers(tmp_path)
    write_csv(tmp_path / "exports", "more.csv", "a\n1")
    with open_source(folder) as source:
        assert source.others == ("more.csv",)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            "{id: ID, name: Nam, since: Since}",
            r"mapping\.yaml:5:23: customers\.csv has no column 'Nam'\s+-> Is it 'Name'\?",
        ),
        ("{id: ID, name: {from: Name, as: words}}", r"mapping\.yaml:5:.*as: Input should be"),
        (
            "{id: ID, name: {from: Name, witten: iso}}",
            r"mapping\.yaml:5:42: there is no key 'witten' here; is it 'written'\?",
        ),
        (
            "{id: ID, since: {from: Since, as: date, written: day.month.year}}",
            r"mapping\.yaml:5:\d+: 2 of 2 values of 'Since'",
        ),
    ],
)
def test_an_error_of_mapping_yaml_names_file_line_and_column(tmp_path: Path, columns: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        open_source(customers(tmp_path, columns))


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("select id as account_id,\n  nix\nfrom customers", r"accounts\.sql:2:3: .*nix"),
        ("-- größe\nselect id, nix from customers", r"accounts\.sql:2:12: .*nix"),
        ("select id\nfrom nowhere", r"accounts\.sql:2:6: .*nowhere"),
        ("select id,\n    'x'::int as employees from customers", r"accounts\.sql:2:8: "),
    ],
)
def test_an_error_of_sql_names_file_line_and_column(tmp_path: Path, sql: str, place: str) -> None:
    with pytest.raises(SourceError, match=place):
        open_source(customers(tmp_path, accounts=sql))


RATES_SQL = "select 'USD' as currency, date '2024-01-01' as as_of, 0.9 as rate"


@pytest.mark.parametrize(
    ("keys", "queries", "message"),
    [
        ("rates: {usd: 1}", {}, r"mapping\.yaml:\d+:9: usd: .*pattern"),
        ("rates: {USD: -1}", {}, r"mapping\.yaml:\d+:9: USD: .*greater than 0"),
        ("currency: EUR\nrates: {EUR: 2}", {}, "rates names EUR, which is your own currency"),
        ("rates: {USD: 0.9}", {"rates": RATES_SQL}, r"mapping\.yaml:\d+:1: rates stand here and in .*rates\.sql"),
    ],
)
def test_rates_that_cannot_be_right_are_refused_at_their_line(
    tmp_path: Path, keys: str, queries: dict[str, str], message: str
) -> None:
    folder = customers(tmp_path, **queries)
    write_mapping(folder, (folder / "mapping.yaml").read_text() + keys + "\n")
    with pytest.raises(SourceError, match=message):
        open_source(folder)


def test_a_rate_that_is_still_open_stands_beside_rates_of_a_query(tmp_path: Path) -> None:
    folder = customers(tmp_path, rates=RATES_SQL)
    write_mapping(folder, (folder / "mapping.yaml").read_text() + "rates: {USD: }\n")
    assert rows_of(folder, "rates", "currency") == ["USD"]


def test_a_missing_file_is_named_with_the_one_that_is_near(tmp_path: Path) -> None:
    folder = customers(tmp_path)
    (tmp_path / "exports" / "customers.csv").rename(tmp_path / "exports" / "customer.csv")
    with pytest.raises(
        SourceError, match=r"mapping\.yaml:4:5: there is no customers\.csv in .*\s+-> Is it customer\.csv\?"
    ):
        open_source(folder)


def test_queries_may_build_on_each_other_in_any_order_but_not_in_a_circle(tmp_path: Path) -> None:
    folder = customers(tmp_path, accounts="select * from z_helper", z_helper=ACCOUNTS)
    assert rows_of(folder, "accounts", "name") == ["Acme", "Bolt"]
    write_mapping(folder, (folder / "mapping.yaml").read_text(), z_helper="select * from accounts")
    with pytest.raises(SourceError, match="accounts, z_helper build on each other in a circle"):
        open_source(folder)


def test_words_translate_with_stars_and_without_regard_to_case(tmp_path: Path) -> None:
    folder = customers(
        tmp_path,
        accounts="select id as account_id, size_word(name) as segment, size_listed(name) as listed from customers",
    )
    text = (folder / "mapping.yaml").read_text() + "words:\n  size:\n    ac*: big\n    '*': ''\n"
    write_mapping(folder, text)
    assert rows_of(folder, "accounts", "segment", "listed") == [("big", True), (None, True)]


def test_csv_in_other_encodings_and_with_other_delimiters_is_read(tmp_path: Path) -> None:
    folder = customers(tmp_path)
    text = "ID;Name;Since;\n1;Müller €;2024-01-31;\n2;Čez;2024-02-01;\n"
    for encoding in ("utf-8-sig", "utf-16", "utf-8"):
        (tmp_path / "exports" / "customers.csv").write_text(text, encoding=encoding)
        assert rows_of(folder, "accounts", "name") == ["Müller €", "Čez"]
    (tmp_path / "exports" / "customers.csv").write_text(text.replace("Č", "C"), encoding="cp1252")
    assert rows_of(folder, "accounts", "name") == ["Cez", "Müller €"]


def test_a_spreadsheet_is_read_with_its_dates_and_whole_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["ID", "Name", "Since"])
    book.active.append([7.0, "Acme", at("2024-01-31")])
    book.active.append([8, None, at("2024-02-01")])
    (tmp_path / "exports").mkdir()
    book.save(tmp_path / "exports" / "book.xlsx")
    folder = customers(tmp_path)
    write_mapping(folder, (folder / "mapping.yaml").read_text().replace("customers.csv", "book.xlsx"))
    assert [(i, n, d.isoformat()) for i, n, d in rows_of(folder, "accounts", "account_id", "name", "signed_on")] == [
        ("7", "Acme", "2024-01-31"), ("8", None, "2024-02-01"),
    ]  # fmt: skip


def test_json_lines_are_read_to_their_depth(tmp_path: Path) -> None:
    write_lines(tmp_path / "exports", "c.json", [{"id": 5, "at": {"day": "2024-01-31"}, "names": ["Acme"]}])
    text = (
        "exports: ../exports\ninputs:\n  customers:\n    file: c.json\n    columns:\n      id: {from: id, as: id}\n"
        "      name: names.0\n      since: {from: at.day, as: date}\n"
    )
    folder = write_mapping(tmp_path / "mapping", text, accounts=ACCOUNTS)
    assert [(i, n, d.isoformat()) for i, n, d in rows_of(folder, "accounts", "account_id", "name", "signed_on")] == [
        ("5", "Acme", "2024-01-31")
    ]


def test_a_duckdb_file_is_read_and_stays_as_it_is(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "w.db")) as writing:
        writing.execute(
            "create table raw as select 1 as id, 'Acme' as name, timestamptz '2026-07-03 22:00:00+00' as since"
        )
    text = (
        f"exports: duckdb:///{tmp_path / 'w.db'}\ninputs:\n  customers:\n    table: raw\n    columns:\n      id: {{from: id, as: id}}\n"
        "      name: name\n      since: {from: since, as: date, zone: Europe/Berlin}\n"
    )
    folder = write_mapping(tmp_path / "mapping", text, accounts=ACCOUNTS)
    ((account, name, since),) = rows_of(folder, "accounts", "account_id", "name", "signed_on")
    assert (account, name, since.isoformat()) == ("1", "Acme", "2026-07-04")


def test_over_a_database_the_sql_is_in_its_own_dialect(tmp_path: Path, postgres_uri: str) -> None:
    url = write_postgres(postgres_uri, "mapped", company())
    helper = "select *, name::text || '!' as loud from accounts"
    folder = write_mapping(
        tmp_path, f"exports: {url}\n", known=helper,
        accounts="select account_id, loud as name, signed_on from known where signed_on is not null",
    )  # fmt: skip
    with open_source(folder) as source:
        names: list[Any] = source.tables["accounts"].name.to_pyarrow().to_pylist()
    assert names
    assert all(name.endswith("!") for name in names)


def test_an_error_over_a_database_names_file_line_and_column(tmp_path: Path, postgres_uri: str) -> None:
    url = write_postgres(postgres_uri, "mapped_error", company())
    folder = write_mapping(tmp_path, f"exports: {url}\n", accounts="select account_id,\n  nix from accounts")
    with pytest.raises(SourceError, match=r"accounts\.sql:2:3: .*nix"):
        open_source(folder)
