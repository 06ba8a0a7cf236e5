"""Spark gives what DuckDB gives; `python -m benchmarks.parity` compares more companies.

What needs Spark is skipped where pyspark or Java is not installed; all of that but one family runs with `make bench`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.edge_companies import DAYS, company, dates_around, spoiled
from benchmarks.parity import (
    ENGINES,
    Difference,
    difference,
    features,
    local_spark,
    on_both,
    outcomes,
    validated,
    write_output_of_mapping,
)
from benchmarks.parity import write_csv as written_csv
from rind.common.errors import SourceError, UsageError
from rind.features.engine import computing_on, new_connection
from rind.features.families import FAMILIES
from rind.features.sources import open_source
from tests.builders import midnight
from tests.features.companies import company as small_company
from tests.features.companies import write_csv, write_parquet, write_parts

MISSING = [
    reason
    for missing, reason in (
        (find_spec("pyspark") is None, "pyspark is not installed: requirements/spark.lock"),
        (shutil.which("java") is None and "JAVA_HOME" not in os.environ, "Java is not installed: default-jre-headless"),
    )
    if missing
]


bench = pytest.mark.bench


def with_spark(test: Any) -> Any:
    """A test on Spark, which starts in ten seconds."""
    missing = pytest.mark.skipif(bool(MISSING), reason="; ".join(MISSING))
    return missing(pytest.mark.usefixtures("spark")(test))


@pytest.fixture(scope="module")
def spark() -> Iterator[None]:
    """Spark on two threads of this machine."""
    with local_spark():
        yield


def failed(results: Iterator[tuple[str, Difference]]) -> list[tuple[str, str]]:
    return [(name, result.where) for name, result in results if not result.equal]


def test_two_tables_that_differ_in_one_number_differ_and_sums_in_another_order_do_not() -> None:
    one = pa.table({"k": [1, 2], "x": [0.1 + 0.2, None], "t": ["a", "b"]})
    assert difference(one, pa.table({"k": [2, 1], "x": [None, 0.3], "t": ["b", "a"]}), ["k"]).equal
    for other in ([0.3001, None], [0.3, 0.0], [None, None]):
        assert not difference(one, pa.table({"k": [1, 2], "x": other, "t": ["a", "b"]}), ["k"]).equal
    assert not difference(one, pa.table({"k": [1, 2], "x": [0.3, None], "t": ["a", "c"]}), ["k"]).equal
    assert not difference(one, one.slice(1), ["k"]).equal


def test_an_engine_that_is_not_installed_is_told_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rind.features.spark", None)
    reason = r"the engine spark is not installed .*\n.*requirements/spark.lock"
    with pytest.raises(UsageError, match=reason), computing_on("spark"):
        pass


def test_after_a_run_on_another_engine_duckdb_computes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rind.features.engine.spark_connection", lambda: "spark")
    with computing_on("spark"):
        assert new_connection() == "spark"
    with contextlib.suppress(ZeroDivisionError), computing_on("spark"):
        raise ZeroDivisionError
    assert new_connection().name == "duckdb"


@with_spark
@pytest.mark.parametrize("family", ["tickets", *(pytest.param(f, marks=bench) for f in FAMILIES if f != "tickets")])
def test_a_family_gives_the_same_on_both_engines(family: str) -> None:
    assert failed(on_both(features, company(Random(1)), dates_around(DAYS), family)) == []


@bench
@with_spark
def test_the_labels_and_what_was_known_of_them_are_the_same_on_both_engines() -> None:
    assert failed(on_both(outcomes, company(Random(1)), dates_around(DAYS), max(DAYS))) == []


@bench
@with_spark
def test_a_spoiled_source_breaks_the_same_rules_and_leaves_the_same_rows_on_both_engines(
    tmp_path: Path,
) -> None:
    place = written_csv(tmp_path, spoiled(company(Random(2)), Random(2)))
    assert failed(on_both(validated, place)) == []


@bench
@with_spark
def test_what_a_mapping_gives_is_read_alike(tmp_path: Path) -> None:
    assert failed(on_both(validated, write_output_of_mapping(tmp_path, company(Random(3))))) == []


@bench
@with_spark
@pytest.mark.parametrize("write", [write_csv, write_parquet, write_parts])
def test_every_form_of_a_folder_is_read_alike(tmp_path: Path, write: Any) -> None:
    assert failed(on_both(validated, write(tmp_path, small_company()))) == []


@bench
@with_spark
def test_times_with_a_zone_and_in_nanoseconds_and_whole_numbers_of_every_kind_are_read_alike(
    tmp_path: Path,
) -> None:
    moment = datetime.fromisoformat("2024-03-31T02:30:00.123456")
    tables = dict(small_company())
    usage = tables["usage"].slice(0, 2)
    for n, kind in enumerate((pa.timestamp("ns"), pa.timestamp("us", "Europe/Berlin"), pa.timestamp("ms"))):
        times = pa.array([moment, datetime.fromisoformat("1969-12-31T23:59:59.999999")], pa.timestamp("us"))
        rows = usage.set_column(usage.column_names.index("occurred_at"), "occurred_at", times.cast(kind, safe=False))
        place = tmp_path / str(n)
        write_parquet(place, tables | {"usage": rows})
        assert failed(on_both(validated, place)) == []
    decimals = pa.array([100, 50], pa.decimal128(20, 0)).cast(pa.decimal128(20, 2))
    subscriptions = tables["subscriptions"]
    money = subscriptions.set_column(subscriptions.column_names.index("mrr"), "mrr", decimals)
    ids = pa.array([17.0, 18.0])
    accounts = tables["accounts"].set_column(0, "account_id", ids)
    money = money.set_column(money.column_names.index("account_id"), "account_id", pa.array([17, 18], pa.uint64()))
    place = write_parquet(tmp_path / "numbers", tables | {"accounts": accounts, "subscriptions": money})
    assert failed(on_both(validated, place)) == []


@bench
@with_spark
def test_tables_of_sparks_catalogue_are_a_source_like_the_folder_that_they_lie_in(tmp_path: Path) -> None:
    tables = small_company()
    folder = write_parquet(tmp_path / "tables", tables)
    expected = validated(folder)
    with computing_on("spark"):
        connection = new_connection()
        connection.raw_sql(f"CREATE DATABASE crm LOCATION 'file://{tmp_path}/crm'")
        try:
            for name in tables:
                place = f"file://{folder}/{name}.parquet"
                connection.raw_sql(f"CREATE TABLE crm.{name} USING parquet LOCATION '{place}'")
            read = validated("spark-catalog://crm")
        finally:
            connection.raw_sql("USE default")
            connection.raw_sql("DROP DATABASE crm CASCADE")
    assert [name for name in expected if not difference(expected[name], read[name]).equal] == []
    with computing_on("spark"), pytest.raises(SourceError, match="cannot read spark-catalog://nobody"):
        open_source("spark-catalog://nobody")


@bench
@with_spark
def test_a_file_that_spark_cannot_read_is_a_fault_of_the_source(tmp_path: Path) -> None:
    write_parquet(tmp_path, small_company())
    (tmp_path / "usage.parquet").write_bytes(b"no parquet at all")
    with computing_on("spark"), pytest.raises(SourceError, match="cannot read the table usage"):
        open_source(tmp_path)


@bench
@with_spark
def test_a_table_is_written_into_folders_by_date_with_the_date_in_the_files(tmp_path: Path) -> None:
    rows = pa.table({"n": [1, 2, 3], "as_of": [date(2024, 1, 1), date(2024, 1, 8), date(2024, 1, 1)]})
    for engine in ENGINES:
        with computing_on(engine):
            table = new_connection().create_table(f"by_date_{engine}", rows, temp=True)
        table.get_backend().to_parquet(
            table, tmp_path / engine, partition_by="as_of", write_partition_columns=True, compression="zstd"
        )
        folders = sorted((tmp_path / engine).iterdir())
        assert [folder.name for folder in folders] == ["as_of=2024-01-01", "as_of=2024-01-08"]
        first = pq.read_table([str(file) for file in folders[0].glob("*.parquet")], partitioning=None)
        assert difference(first, rows.filter(pa.array([True, False, True]))).equal


@bench
@with_spark
def test_a_table_is_written_as_one_file_in_order_and_leaves_no_parts(tmp_path: Path) -> None:
    with computing_on("spark"):
        connection = new_connection()
    rows = pa.table(
        {"n": list(range(1000)), "at": [midnight(date(2024, 1, 1))] * 1000, "as_of": [date(2024, 1, 1)] * 1000}
    )
    table = connection.create_table("numbers", rows, temp=True)
    connection.to_parquet(table.order_by(ibis.desc("n")), tmp_path / "n.parquet", compression="zstd")
    written = pq.read_table(tmp_path / "n.parquet")
    assert written["n"].to_pylist() == list(range(999, -1, -1))
    assert written.schema.types == [pa.int64(), pa.timestamp("us"), pa.date32()]
    assert [path.name for path in tmp_path.iterdir()] == ["n.parquet"]
