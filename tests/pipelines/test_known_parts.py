"""Counted by row group or whole, the facts of a table are the same; a row group is counted once."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rind.features.checks.family_check import EARLIEST
from rind.features.checks.random_company import Company
from rind.features.known_facts import KnownFacts, known_facts
from rind.features.tables import TABLES
from rind.pipelines import known_parts
from rind.pipelines.known_parts import Stretch

ROWS = 7
"""Of a row group."""


def table(name: str = "usage", seed: int = 1) -> pa.Table:
    return Company(Random(seed), EARLIEST).tables()[name]


class Folder:
    """A folder of stored tables beside a store, and which row groups were counted."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self.store = place / "tables", place / "store"
        self.place.mkdir()
        self.counted: list[int] = []
        self.queries = 0
        count = known_parts._count

        def noted(path: Path, stretch: Stretch, *rest: Any) -> pa.Table:
            self.counted += range(stretch.first, stretch.first + stretch.groups)
            self.queries += 1
            return count(path, stretch, *rest)

        monkeypatch.setattr(known_parts, "_count", noted)

    def facts(self, rows: pa.Table, name: str = "usage") -> KnownFacts:
        """Store the rows, count them by row group, and hold it to the count of all of them."""
        self.counted.clear()
        pq.write_table(rows, self.place / "new", row_group_size=ROWS)
        (self.place / "new").replace(self.place / f"{name}.parquet")
        stored = ibis.duckdb.connect().read_parquet(self.place / f"{name}.parquet")
        facts = known_parts.facts_of(self.place, name, stored, self.store)
        assert facts == known_facts(stored, name)
        return facts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    return Folder(tmp_path, monkeypatch)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_the_same_facts_by_row_group_as_whole(folder: Folder, name: str) -> None:
    rows = table(name)
    folder.facts(rows, name)
    assert len(folder.counted) == -(-len(rows) // ROWS)


def test_rows_that_come_at_the_end_are_all_that_is_counted(folder: Folder) -> None:
    rows = table()
    whole = len(rows) // ROWS
    before = folder.facts(rows.slice(0, (whole - 1) * ROWS))
    assert folder.facts(rows.slice(0, whole * ROWS)) != before
    assert folder.counted == [whole - 1]


def test_one_changed_value_has_its_row_group_counted_anew(folder: Folder) -> None:
    rows = table()
    before = folder.facts(rows)
    quantity = rows["quantity"].to_pylist()
    quantity[2 * ROWS] = (quantity[2 * ROWS] or 0) + 1
    changed = rows.set_column(rows.column_names.index("quantity"), "quantity", pa.array(quantity, pa.float64()))
    assert folder.facts(changed) != before
    assert folder.counted == [2]


def test_row_groups_that_change_places_are_counted_never_and_copies_count_twice(folder: Folder) -> None:
    rows = table()
    one, other = rows.slice(0, ROWS), rows.slice(ROWS, ROWS)
    before = folder.facts(pa.concat_tables([one, other]))
    assert folder.facts(pa.concat_tables([other, one])) == before
    assert folder.facts(pa.concat_tables([one, other, one])) != before
    assert not folder.counted


def test_another_code_counts_all_anew(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.facts(table())
    monkeypatch.setattr(known_parts, "digest_of", lambda *modules: f"other code of {modules}")
    folder.facts(table())
    assert len(folder.counted) > 1


def test_of_a_file_that_is_the_same_nothing_is_read(folder: Folder) -> None:
    facts = folder.facts(table())
    stored = ibis.duckdb.connect().read_parquet(folder.place / "usage.parquet")
    folder.counted.clear()
    (folder.store / "known/usage.parquet").unlink()
    assert known_parts.facts_of(folder.place, "usage", stored.limit(0), folder.store) == facts
    assert not folder.counted


def test_a_record_that_is_not_whole_is_made_again(folder: Folder) -> None:
    rows = table()
    before = folder.facts(rows)
    record = folder.store / "known/usage.parquet"
    os.truncate(record, record.stat().st_size // 2)
    assert folder.facts(rows) == before
    assert folder.counted
    folder.facts(rows)
    assert not folder.counted


def test_row_groups_of_any_sizes_are_counted_and_one_query_counts_those_of_the_same_size(folder: Folder) -> None:
    rows = table()
    folder.facts(rows)
    assert folder.queries == 1
    with pq.ParquetWriter(folder.place / "usage.parquet", rows.schema) as writer:
        begin = 0
        for size in (5, 5, 3, 0, 4, 6, 6, len(rows) - 29):
            writer.write_table(rows.slice(begin, size))
            begin += size
    stored = ibis.duckdb.connect().read_parquet(folder.place / "usage.parquet")
    assert known_parts.facts_of(folder.place, "usage", stored, folder.store) == known_facts(stored, "usage")


def test_a_stretch_ends_before_a_gap_a_larger_row_group_and_after_a_smaller_one() -> None:
    stretches = known_parts._stretches([5, 5, 3, 5, 0, 5, 6, 6], {0, 1, 2, 3, 5, 7})
    assert list(stretches) == [Stretch(0, 3, 0, 5, 13), Stretch(3, 1, 13, 5, 5), Stretch(5, 1, 18, 5, 5),
                               Stretch(7, 1, 29, 6, 6)]  # fmt: skip


def test_a_store_that_cannot_be_written_to_is_no_hindrance(folder: Folder) -> None:
    folder.store.write_text("a file")
    assert folder.facts(table()).days
    assert folder.counted
    assert folder.store.read_text() == "a file"
