"""The law of the store: where the key of a date is the same, so are its features; a change reopens later dates."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from rind.features.catalogue import Settings
from rind.features.checks.family_check import EARLIEST, Engine, spine
from rind.features.checks.random_company import Company
from rind.features.checks.time_travel import cut, disagreements
from rind.features.families import FAMILIES
from rind.features.known_facts import KnownFacts, known_facts
from rind.features.tables import RECORDED_AT, TABLES
from rind.pipelines.dependencies import ROOT, files_of
from rind.pipelines.feature_keys import KEEPER, DateKey, date_keys, digest_of, tables_of

DAY = EARLIEST + timedelta(days=30)
Tables = Mapping[str, pa.Table]


@cache
def engine() -> Engine:
    return Engine()


_counted: dict[int, tuple[pa.Table, KnownFacts]] = {}


def facts(name: str, table: pa.Table) -> KnownFacts:
    """Counted once for each table, as most stay the same."""
    if id(table) not in _counted:
        _counted[id(table)] = (table, known_facts(ibis.memtable(table), name))
    return _counted[id(table)][1]


def keys(family: str, tables: Tables, snapshots: pa.Table, settings: Settings | None = None) -> dict[date, DateKey]:
    needed = tables_of(family)
    lazily: dict[str, ir.Table] = {name: ibis.memtable(tables[name]) for name in needed}
    counted = {name: facts(name, tables[name]) for name in needed}
    return date_keys(family, ibis.memtable(snapshots), lazily, counted, settings or Settings())


def without_a_row(table: pa.Table, random: Random) -> pa.Table:
    gone = random.randrange(len(table))
    return pa.concat_tables([table.slice(0, gone), table.slice(gone + 1)])


def recorded_later(table: pa.Table, random: Random) -> pa.Table:
    rows = table.to_pylist()
    late = random.choice(rows)
    late[RECORDED_AT.name] = (DAY - timedelta(days=random.choice((0, 1, 30, 200)))).isoformat()
    times = pa.array([_time(row[RECORDED_AT.name]) for row in rows], pa.timestamp("us"))
    return table.set_column(table.column_names.index(RECORDED_AT.name), RECORDED_AT.name, times)


def _time(value: object) -> object:
    return pa.scalar(value).cast(pa.timestamp("us")).as_py() if isinstance(value, str) else value


def with_a_row_of_another(table: pa.Table, random: Random) -> pa.Table:
    """A row that is there already, again: of a table with a key it takes another's place."""
    copied = random.randrange(len(table))
    return pa.concat_tables([without_a_row(table, random), table.slice(copied, 1)])


def in_another_order(table: pa.Table, random: Random) -> pa.Table:
    order = list(range(len(table)))
    random.shuffle(order)
    return table.take(order)


CHANGES = (without_a_row, recorded_later, with_a_row_of_another, in_another_order)


@pytest.mark.parametrize("family", FAMILIES)
def test_where_the_keys_of_a_date_are_the_same_so_are_its_features(family: str) -> None:
    random, snapshots = Random(family), spine(DAY)
    whole = Company(random, DAY).tables()
    before, features = keys(family, whole, snapshots), engine().features(FAMILIES[family], whole, snapshots)
    kept = 0
    for change in CHANGES:
        name = random.choice([table for table in tables_of(family) if len(whole[table]) > 1])
        changed = {**whole, name: change(whole[name], random)}
        after = keys(family, changed, snapshots)
        same = [day for day in before if before[day] == after[day]]
        assert change is not in_another_order or len(same) == len(before)
        kept += len(same)
        if same:
            now = engine().features(FAMILIES[family], changed, snapshots)
            assert not list(disagreements(_of(features, same), _of(now, same), date.max))
    assert kept > len(before), "a change reopened everything: nothing was tried"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_new_week_leaves_the_keys_of_all_dates_before_it_as_they_are(family: str) -> None:
    company, snapshots = Company(Random(7), DAY), spine(DAY)
    whole = company.tables()
    past, other_future = cut(whole, DAY), company.with_another_future(whole)
    now = keys(family, whole, snapshots)
    for tables in (past, other_future):
        then = keys(family, tables, snapshots)
        assert {day for day in now if now[day] == then[day]} >= {day for day in now if day <= DAY}
        assert now[max(now)] != then[max(now)]


def test_the_cohort_the_settings_and_the_code_are_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, snapshots = Company(Random(3), DAY).tables(), spine(DAY)
    before = keys("tickets", whole, snapshots)
    without_one = keys("tickets", whole, snapshots.slice(1))
    assert [day for day in before if before[day] != without_one[day]] == [snapshots["as_of"][0].as_py()]
    assert not set(before.values()) & set(keys("tickets", whole, snapshots, Settings(horizon_days=60)).values())
    monkeypatch.setattr("rind.pipelines.feature_keys.code_digest", lambda family: f"other code of {family}")
    assert not set(before.values()) & set(keys("tickets", whole, snapshots).values())


def test_the_code_that_cuts_and_joins_kept_rows_is_part_of_their_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "rind.features.families.usage_reduced"
    for file in (*files_of(module, "rind.features.known_facts"), KEEPER):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    before = digest_of(module)
    monkeypatch.setattr("rind.pipelines.feature_keys.ROOT", tmp_path)
    assert digest_of(module) == before
    (tmp_path / KEEPER).write_text("other code")
    assert digest_of(module) != before


def _of(features: pa.Table, days: list[date]) -> pa.Table:
    return features.filter(pa.compute.is_in(features["as_of"], pa.array(days, pa.date32())))


def test_every_table_of_the_contract_can_be_counted() -> None:
    for name, table in Company(Random(5), DAY).tables().items():
        assert facts(name, table).totals, TABLES[name]
