from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq
import pytest

from rind.common.errors import UsageError
from rind.pipelines.feature_store import PARTIAL, DateKey, FeatureStore

MONDAY, NEXT = date(2025, 6, 2), date(2025, 6, 9)
DAY_SECONDS = 86_400
KEY, OTHER = "0" * 24, "f" * 24


def rows(days: Iterable[date], accounts: int = 2) -> ir.Table:
    pairs = [{"account_id": f"A{n}", "as_of": day, "value": n} for day in days for n in range(accounts)]
    return ibis.memtable(pairs, schema={"account_id": "string", "as_of": "date", "value": "int64"})


def keys(key: str = KEY, *days: date) -> dict[date, DateKey]:
    return {day: DateKey(key, rows=2) for day in days or (MONDAY, NEXT)}


class Made:
    """Remembers which dates were made."""

    def __init__(self) -> None:
        self.days: list[date] = []

    def __call__(self, days: list[date]) -> ir.Table:
        self.days += days
        return rows(days)


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "store")


def test_a_date_is_made_once_for_each_key(store: FeatureStore) -> None:
    made = Made()
    for wanted in (keys(KEY, MONDAY), keys(), keys(), keys(OTHER, NEXT)):
        files = store.files("usage", wanted, made)
        assert pq.ParquetDataset(files).read().num_rows == 2 * len(wanted)
    assert made.days == [MONDAY, NEXT, NEXT]


def test_what_is_read_is_what_was_made(store: FeatureStore) -> None:
    files = store.files("usage", keys(), rows)
    read = ibis.duckdb.connect().read_parquet(files, hive_partitioning=False)
    assert read.schema() == rows([]).schema()
    order = ["as_of", "account_id"]
    assert read.order_by(order).to_pyarrow().equals(rows([MONDAY, NEXT]).order_by(order).to_pyarrow())


def cut_off(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def emptied(file: Path) -> None:
    os.truncate(file, 0)


@pytest.mark.parametrize("damage", [cut_off, emptied, Path.unlink])
def test_a_date_that_is_not_whole_is_made_again(store: FeatureStore, damage: Callable[[Path], None]) -> None:
    made = Made()
    (first, _) = store.files("usage", keys(), made)
    damage(Path(first))
    store.files("usage", keys(), made)
    assert made.days == [MONDAY, NEXT, MONDAY]


def test_a_date_with_fewer_rows_than_its_cohort_is_made_again(store: FeatureStore) -> None:
    store.add("usage", rows([MONDAY], accounts=1), keys(KEY, MONDAY))
    assert store.kept("usage", keys(KEY, MONDAY)) == {}
    assert store.kept("usage", {MONDAY: DateKey(KEY)}).keys() == {MONDAY}


def test_a_killed_run_leaves_whole_dates_and_what_it_left_goes_away(store: FeatureStore) -> None:
    store.files("usage", keys(KEY, MONDAY), rows)
    half = store.folder / PARTIAL / "as_of=2025-06-09"
    half.mkdir(parents=True)
    (half / "data_0.parquet").write_bytes(b"PAR1")
    assert store.kept("usage", keys()).keys() == {MONDAY}
    assert [kept.day for kept in store.dates()] == [MONDAY]
    store.files("usage", keys(), rows)
    assert store.kept("usage", keys()).keys() == {MONDAY, NEXT}
    assert not (store.folder / PARTIAL).exists()


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_ctrl_c_at_any_moment_leaves_a_store_that_the_next_run_goes_on_with(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """It comes while the rows are written, or before the one or the other date gets its name."""
    steps = 0

    def interrupted(step: Callable[..., None]) -> Callable[..., None]:
        def taken(*arguments: object, **options: object) -> None:
            nonlocal steps
            steps += 1
            if steps == moment:
                raise KeyboardInterrupt
            step(*arguments, **options)

        return taken

    monkeypatch.setattr(os, "rename", interrupted(os.rename))
    backend = type(rows([]).get_backend())
    monkeypatch.setattr(backend, "to_parquet", interrupted(backend.to_parquet))
    made = Made()
    with pytest.raises(KeyboardInterrupt):
        store.files("usage", keys(), made)
    assert sorted(store.kept("usage", keys())) == ([MONDAY] if moment == 3 else [])
    files = store.files("usage", keys(), made)
    assert pq.ParquetDataset(files).read().num_rows == 4
    assert made.days == [MONDAY, NEXT, *([NEXT] if moment == 3 else [MONDAY, NEXT])]
    assert not (store.folder / PARTIAL).exists()


def test_what_is_made_is_told_with_its_dates_and_rows(store: FeatureStore) -> None:
    progress: list[str] = []
    store.files("usage", keys(KEY, MONDAY), rows, progress.append)
    store.files("usage", keys(), rows, progress.append)
    store.files("usage", {MONDAY: DateKey(OTHER)}, rows, progress.append)
    assert progress == ["usage: 1 of 1 dates, 2 rows", "usage: 1 of 2 dates, 2 rows", "usage: 1 of 1 dates"]


def test_a_date_without_a_row_is_kept_as_such(store: FeatureStore) -> None:
    made: list[date] = []

    def nothing_on_monday(days: list[date]) -> ir.Table:
        made.extend(days)
        return rows([NEXT])

    for _ in range(2):
        store.files("usage", {MONDAY: DateKey(KEY), NEXT: DateKey(KEY)}, nothing_on_monday)
    assert made == [MONDAY, NEXT]


def test_rows_of_no_wanted_date_are_a_defect_and_nothing_is_kept(store: FeatureStore) -> None:
    with pytest.raises(ValueError, match="2025-06-09"):
        store.add("usage", rows([MONDAY, NEXT]), keys(KEY, MONDAY))
    assert not list(store.dates())


def test_what_no_run_has_used_for_so_many_days_is_dropped(store: FeatureStore) -> None:
    store.files("usage", keys(), rows)
    (kept, _) = store.dates()
    os.utime(store.folder / "usage" / f"{kept.day}-{kept.key}", (0, kept.used - 9 * DAY_SECONDS))
    assert not store.drop_unused(10)
    assert [old.day for old in store.drop_unused(8)] == [MONDAY]
    assert [kept.day for kept in store.dates()] == [NEXT]
    store.kept("usage", keys())
    assert not store.drop_unused(8)


def test_using_a_date_keeps_it(store: FeatureStore) -> None:
    store.files("usage", keys(KEY, MONDAY), rows)
    place = store.folder / "usage" / f"{MONDAY}-{KEY}"
    os.utime(place, (0, 0))
    store.kept("usage", keys(KEY, MONDAY))
    assert not store.drop_unused(1)


def test_of_a_store_that_is_not_there_nothing_is_dropped(store: FeatureStore) -> None:
    assert store.drop_unused(0) == []
    assert not store.folder.exists()


def test_what_is_not_ours_is_neither_shown_nor_dropped(store: FeatureStore) -> None:
    theirs = [store.folder / "photos" / name for name in ("2024-01-01-holidays", "2024-01-01", "notes.txt")]
    for place in theirs:
        place.mkdir(parents=True)
        os.utime(place, (0, 0))
    assert not list(store.dates())
    assert store.drop_unused(0) == []
    assert all(place.exists() for place in theirs)


def test_a_folder_that_cannot_be_written_to_is_named_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot keep features in .*file.*[\s\S]*feature_store.folder"):
        FeatureStore(tmp_path / "file").files("usage", keys(), rows)
