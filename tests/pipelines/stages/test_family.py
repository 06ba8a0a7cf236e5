from __future__ import annotations

from datetime import date
from pathlib import Path

import ibis
import pyarrow.parquet as pq

from rind.features.snapshots import spine
from rind.features.sources import open_source
from rind.features.storage import load
from rind.features.storing import store
from rind.pipelines import params
from rind.pipelines.stages import family
from rind.pipelines.workspace import Workspace
from tests.features.companies import company, write_parquet

DATES = [date(2024, 4, day) for day in (1, 8, 15)]


def workspace(folder: Path, dates: list[date]) -> Workspace:
    """The stored tables of the sound company, and its spine."""
    space = Workspace(folder, tracking=folder)
    with open_source(write_parquet(folder / "source", company())) as source:
        store(source, space.tables)
    spine(load(space.tables)["subscriptions"], dates).to_parquet(space.snapshots)
    return space


def test_with_a_store_the_stage_writes_the_same_and_makes_only_the_dates_that_are_new(tmp_path: Path) -> None:
    last_week, this_week = (workspace(tmp_path / str(n), DATES[:n]) for n in (2, 3))
    without = params.load()
    settings = without.feature_store.model_copy(update={"folder": str(tmp_path / "store")})
    with_store = without.model_copy(update={"feature_store": settings})
    made: list[str] = []
    family.run(last_week, with_store, made.append, "tickets")
    family.run(this_week, with_store, made.append, "tickets")
    assert made == ["tickets", "tickets: 2 of 2 dates, 4 rows", "tickets", "tickets: 1 of 3 dates, 2 rows"]
    kept = pq.read_table(this_week.family("tickets")).sort_by([("as_of", "ascending"), ("account_id", "ascending")])
    family.run(this_week, without, made.append, "tickets")
    assert ibis.memtable(kept).schema() == ibis.memtable(pq.read_table(this_week.family("tickets"))).schema()
    assert kept.equals(
        pq.read_table(this_week.family("tickets")).sort_by([("as_of", "ascending"), ("account_id", "ascending")])
    )


def test_a_family_without_its_tables_is_the_bare_spine_and_nothing_is_kept(tmp_path: Path) -> None:
    space = workspace(tmp_path / "space", DATES)
    without = params.load()
    settings = without.feature_store.model_copy(update={"folder": str(tmp_path / "store")})
    family.run(space, without.model_copy(update={"feature_store": settings}), lambda _: None, "engagement")
    assert pq.read_table(space.family("engagement")).column_names == ["account_id", "as_of"]
    assert not (tmp_path / "store").exists()
