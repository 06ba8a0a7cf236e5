from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

import ibis
import ibis.expr.types as ir
import pytest

from rind.features.catalogue import Settings
from rind.features.checks.family_check import EARLIEST, spine
from rind.features.checks.random_company import Company
from rind.features.families import FAMILIES
from rind.features.matrix import build_family
from rind.pipelines.kept_queries import from_kept_query


def test_no_family_looks_at_rows_when_it_writes_its_query(monkeypatch: pytest.MonkeyPatch) -> None:
    con = ibis.duckdb.connect()
    tables = {name: con.create_table(name, rows) for name, rows in Company(Random(2), EARLIEST).tables().items()}
    snapshots = con.create_table("snapshots", spine(EARLIEST))

    for method in ("to_pyarrow", "to_pyarrow_batches", "execute", "raw_sql"):
        monkeypatch.delattr(type(con), method)
    built = {family: build_family(family, snapshots, tables, Settings()) for family in FAMILIES}
    assert all(isinstance(features, ir.Table) for features in built.values()), "a query, and no row was read for it"
    with pytest.raises(AttributeError):
        snapshots.to_pyarrow()  # what would have happened to a family that looks


class Doubling:
    """Makes twice the values of a table, and counts how often it wrote the query."""

    def __init__(self, file: Path) -> None:
        self.file, self.written = file, 0
        self.tables_read: list[str] = []
        self.con = ibis.duckdb.connect()

    def build(self, tables: Mapping[str, ir.Table]) -> ir.Table:
        self.written += 1
        return tables["numbers"].mutate(value=tables["numbers"].value * 2)

    def values(self, *values: int, follows_from: object = "code") -> list[int]:
        self.con.create_table("numbers", ibis.memtable({"value": values}), overwrite=True)
        doubling = self

        class Tables(dict[str, ir.Table]):
            def __getitem__(self, name: str) -> ir.Table:
                doubling.tables_read.append(name)
                return super().__getitem__(name)

        tables = Tables(numbers=self.con.table("numbers"), others=self.con.table("numbers"))
        built = from_kept_query(self.file, follows_from, self.build, tables, self.con)
        return built.value.to_pyarrow().to_pylist()


@pytest.fixture
def doubling(tmp_path: Path) -> Doubling:
    return Doubling(tmp_path / "queries/numbers.json")


def test_a_query_is_written_once_and_run_on_the_rows_of_the_day(doubling: Doubling) -> None:
    assert doubling.values(1, 2) == [2, 4]
    doubling.tables_read.clear()
    assert doubling.values(5) == [10]
    assert doubling.written == 1
    assert doubling.tables_read == ["numbers"], "what a query reads is made before it runs, and nothing else"


def test_where_what_it_follows_from_is_another_it_is_written_anew(doubling: Doubling) -> None:
    assert [doubling.values(1), doubling.values(1, follows_from="other code")] == [[2], [2]]
    assert doubling.written == 2


@pytest.mark.parametrize("damaged", ["", "{", "[]", "{}"])
def test_a_damaged_file_is_written_anew(doubling: Doubling, damaged: str) -> None:
    doubling.values(1)
    doubling.file.write_text(damaged)
    assert doubling.values(1) == [2]
    assert doubling.written == 2


def test_a_query_over_rows_in_memory_is_not_kept(tmp_path: Path) -> None:
    con, file = ibis.duckdb.connect(), tmp_path / "queries/numbers.json"
    rows = ibis.memtable({"value": [1]})
    assert from_kept_query(file, "code", lambda _: rows, {}, con) is rows
    assert not file.exists()
