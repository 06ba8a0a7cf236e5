"""One small company in every form that a source may have gives the same features, bit for bit."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pytest
from validating import check

from rind.features.catalogue import Settings
from rind.features.matrix import available, build_family
from rind.features.snapshots import history_dates, spine
from rind.features.sources import open_source
from rind.features.storage import load, present
from rind.features.storing import store
from rind.features.tables import TABLES
from tests.features.companies import company, write_duckdb, write_parquet, write_parts, write_postgres

ACCOUNTS = range(1, 7)
BEGIN = date(2024, 1, 1)


def a_company() -> dict[str, pa.Table]:
    """Six accounts over a year; ids are numbers written as text, so that every form can hold them."""
    weeks = [BEGIN + timedelta(days=7 * n) for n in range(50)]
    accounts = [
        {"account_id": str(a), "name": f"Käse & Söhne {a}", "segment": "smb" if a % 2 else "enterprise",
         "signed_on": "2023-11-15", "employees": 10.0 * a, "csm": None if a == 3 else "Ana"}
        for a in ACCOUNTS
    ]  # fmt: skip
    terms = [
        {"subscription_id": str(100 + a), "account_id": str(a), "mrr": 83.33 * a, "seats": 5.0,
         "starts_on": "2024-01-01", "term_ends_on": "2024-12-31", "ended_on": "2024-08-01" if a == 2 else None,
         "plan": "pro"}
        for a in ACCOUNTS
    ]  # fmt: skip
    usage = [
        {"account_id": str(a), "user_id": str(1000 + a * 10 + n % 3), "feature": ("sso", "api", "board")[n % 3],
         "occurred_at": f"{day + timedelta(days=a % 5)}T{8 + n % 9:02}:15:00", "quantity": (1.0, 2.0, 0.0, 2.5)[n % 4]}
        for a in ACCOUNTS
        for n, day in enumerate(weeks)
        if not (a == 2 and n > 25)
    ]  # fmt: skip
    contacts = [
        {"contact_id": str(1000 + a * 10 + n), "account_id": str(a), "level": ("champion", "decision_maker", "user")[n],
         "added_on": "2024-01-05", "left_on": "2024-06-03" if (a, n) == (4, 0) else None}
        for a in ACCOUNTS
        for n in range(3)
    ]  # fmt: skip
    touches = [
        {"interaction_id": str(5000 + 10 * a + n), "account_id": str(a), "contact_id": str(1000 + a * 10 + n % 3),
         "channel": ("email", "call", "meeting")[n % 3], "direction": ("inbound", "outbound")[n % 2],
         "occurred_at": f"{BEGIN + timedelta(days=40 * n + a)}T09:30:00",
         "answered_at": None if n % 2 else f"{BEGIN + timedelta(days=40 * n + a + 1)}T10:00:00"}
        for a in ACCOUNTS
        for n in range(8)
    ]  # fmt: skip
    tickets = [
        {"ticket_id": str(7000 + 10 * a + n), "account_id": str(a), "contact_id": str(1000 + a * 10),
         "opened_at": f"{BEGIN + timedelta(days=50 * n + a)}T23:59:59", "priority": ("low", "urgent")[n % 2],
         "resolved_at": f"{BEGIN + timedelta(days=50 * n + a + 3)}T12:00:00", "touches": 2.0 + n}
        for a in ACCOUNTS
        for n in range(5)
    ]  # fmt: skip
    return company(
        accounts=accounts, subscriptions=terms, usage=usage, contacts=contacts, interactions=touches, tickets=tickets,
        product_features=[{"feature": f, "module": "core", "released_on": "2023-01-01"} for f in ("sso", "api")],
    )  # fmt: skip


def recast(tables: Mapping[str, pa.Table], cast: Callable[[str, str, pa.Array], pa.Array]) -> dict[str, pa.Table]:
    """The tables with each column cast by its kind in the contract."""
    made = {}
    for name, table in tables.items():
        kinds = {c.name: c.kind for c in TABLES[name].columns}
        arrays = [cast(kinds[c], c, table[c].combine_chunks()) for c in table.column_names]
        made[name] = pa.table(dict(zip(table.column_names, arrays, strict=True)))
    return made


def of_kind(kind: str, *types: pa.DataType) -> Callable[[str, str, pa.Array], pa.Array]:
    """Cast the columns of a kind through these types, one after the other."""

    def cast(column: str, _: str, array: pa.Array) -> pa.Array:
        if column == kind:
            for target in types:
                array = array.cast(target)
        return array

    return cast


def text_of(kind: str, change: Callable[[str], str]) -> Callable[[str, str, pa.Array], pa.Array]:
    """Write the columns of a kind as texts, each changed."""

    def cast(column: str, _: str, array: pa.Array) -> pa.Array:
        if column != kind:
            return array
        return pa.array([None if v is None else change(str(v)) for v in array.to_pylist()], pa.string())

    return cast


def words(_: str, column: str, array: pa.Array) -> pa.Array:
    """Words of a list as a person would write them."""
    if column not in ("priority", "channel", "level", "direction"):
        return array
    return pa.array([None if v is None else v.title().replace("_", " ") for v in array.to_pylist()])


Recast = Callable[[str, str, pa.Array], pa.Array]

IDS: dict[str, Recast] = {
    "ids as int32": of_kind("id", pa.int64(), pa.int32()),
    "ids as unsigned": of_kind("id", pa.int64(), pa.uint64()),
    "ids as float": of_kind("id", pa.float64()),
    "ids as decimal": of_kind("id", pa.int64(), pa.decimal128(38, 0)),
    "ids as decimal with places": of_kind("id", pa.int64(), pa.decimal128(21, 2)),
    "ids as large text": of_kind("id", pa.large_string()),
    "ids as bytes": of_kind("id", pa.binary()),
    "ids as categories": lambda kind, _, array: array.dictionary_encode() if kind == "id" else array,
    "ids with blanks": text_of("id", " {} ".format),
    "ids as pandas writes gaps": text_of("id", "{}.0".format),
}
OTHERS: tuple[tuple[Recast, ...], ...] = (
    (of_kind("date", pa.timestamp("ms")), of_kind("timestamp", pa.timestamp("s"))),
    (of_kind("date", pa.timestamp("us", "UTC")), of_kind("timestamp", pa.timestamp("ns")), words),
    (text_of("date", str), of_kind("timestamp", pa.timestamp("us", "America/New_York"))),
    (of_kind("date", pa.date64()), text_of("timestamp", "{}Z".format), text_of("number", str)),
    (of_kind("number", pa.decimal128(18, 4)), lambda kind, _, a: a.dictionary_encode() if kind == "string" else a),
)
"""Odd types of all other kinds, a few at a time; each of `IDS` comes with one of these."""


def odd_types(odd: str, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
    """The tables in one odd type of ids and in some of all other kinds."""
    for cast in (IDS[odd], *OTHERS[list(IDS).index(odd) % len(OTHERS)]):
        tables = recast(tables, cast)
    return tables


def csv_written(place: Path, tables: Mapping[str, pa.Table], change: Callable[[bytes], bytes], suffix: str) -> Path:
    place.mkdir(parents=True)
    for name, table in tables.items():
        sink = io.BytesIO()
        pc.write_csv(table, sink)
        (place / f"{name}{suffix}").write_bytes(change(sink.getvalue()))
    return place


def _semicolons(data: bytes) -> bytes:
    return data.replace(b'","', b'";"').replace(b',"', b';"').replace(b'",', b'";').replace(b",", b";")


def _header(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    names, rest = data.split(b"\n", 1)
    return change(names) + b"\n" + rest


ODD_CSV: dict[str, Callable[[bytes], bytes]] = {
    "old Macs": lambda data: data.replace(b"\n", b"\r"),
    "Windows": lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "semicolons and capitals": lambda data: _header(_semicolons(data), bytes.upper),
    "tabs and blanks": lambda data: _header(
        _semicolons(data).replace(b";", b"\t"), lambda names: names.replace(b"_", b" ")
    ),
}

FORMS = [
    "parts", "csv", "gzip", "duckdb", "postgres", *(f"parquet: {n}" for n in IDS), *(f"csv: {n}" for n in ODD_CSV),
    "postgres: ids as decimal", "duckdb: ids as unsigned",
]  # fmt: skip


def written(form: str, place: Path, postgres_uri: str) -> str | Path:
    """The company in a form; its URL."""
    kind, _, odd = form.partition(": ")
    tables = odd_types(odd, a_company()) if odd in IDS else a_company()
    writers: dict[str, Callable[[], str | Path]] = {
        "parquet": lambda: write_parquet(place / "s", tables),
        "parts": lambda: write_parts(place / "s", tables),
        "csv": lambda: csv_written(place / "s", tables, ODD_CSV.get(odd, bytes), ".csv"),
        "gzip": lambda: csv_written(place / "s", tables, gzip.compress, ".csv.gz"),
        "duckdb": lambda: write_duckdb(place / "c.db", tables),
        "postgres": partial(write_postgres, postgres_uri, "every_form", tables),
    }
    return writers[kind]()


def stored(url: str | Path, place: Path) -> dict[str, list[dict[str, Any]]]:
    """The tables that features are made of, through the door that a run takes; ids as text, rows in one order."""
    with open_source(url) as source:
        result = check(source)
        result.report.raise_if_broken()
        store(result.sound, place)
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, table in load(place).items():
        ids = {c.name: table[c.name].cast("string") for c in TABLES[name].columns if c.kind == "id"}
        rows[name] = sorted(table.mutate(**ids).to_pyarrow().to_pylist(), key=repr)
    return rows


def features(place: Path) -> dict[str, list[str]]:
    """All features of all families on a few dates, from stored tables; ids as text."""
    tables, there = load(place), present(place)
    snapshots = spine(tables["subscriptions"], history_dates(date(2024, 6, 3), date(2024, 12, 16), 28, 364))
    built, _ = available(there)
    results = {}
    for name in built:
        rows = build_family(name, snapshots, tables, Settings(horizon_days=90))
        rows = rows.mutate(account_id=rows.account_id.cast("string"))
        results[name] = sorted(map(repr, rows.to_pyarrow().to_pylist()))
    return results


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("form")
    write_parquet(place / "s", a_company())
    return place


@pytest.fixture(scope="module")
def expected(plain: Path) -> dict[str, list[dict[str, Any]]]:
    return stored(plain / "s", plain / "tables")


@pytest.fixture(scope="module")
def expected_features(plain: Path, expected: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    assert expected["usage"]
    return features(plain / "tables")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_source_gives_the_tables_that_features_are_made_of_bit_for_bit(
    form: str, tmp_path: Path, postgres_uri: str, expected: dict[str, list[dict[str, Any]]]
) -> None:
    assert stored(written(form, tmp_path, postgres_uri), tmp_path / "tables") == expected


@pytest.mark.parametrize("form", ["csv: UTF-16", "postgres", "parquet: ids as int32", "parquet: ids as unsigned"])
def test_the_features_are_the_same_bit_for_bit(
    form: str, tmp_path: Path, postgres_uri: str, expected_features: dict[str, list[str]]
) -> None:
    assert set(expected_features) >= {"usage", "tickets", "contacts", "engagement", "commercial"}
    stored(written(form, tmp_path, postgres_uri), tmp_path / "tables")
    assert features(tmp_path / "tables") == expected_features
