"""From scratch and with a store, the features are the same to the last bit, in whatever order the rows arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from rind.features.catalogue import Settings
from rind.features.checks.family_check import EARLIEST, spine
from rind.features.checks.random_company import Company
from rind.features.checks.time_travel import cut
from rind.features.families import usage_reduced
from rind.features.known_facts import KnownFacts
from rind.features.matrix import build_family
from rind.features.storage import MANIFEST, load
from rind.pipelines.feature_store import FeatureStore
from rind.pipelines.kept_features import KeptFeatures, chunks

DAY = EARLIEST + timedelta(days=30)
OF_USAGE = ("usage", "contacts")
"""Families that take all reductions of usage between them; the others differ in nothing that the store sees."""


def stored(folder: Path, tables: Mapping[str, pa.Table]) -> dict[str, ir.Table]:
    """The tables as validation leaves them; tests/features/test_known_facts.py has every kind of source."""
    folder.mkdir()
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    (folder / MANIFEST).write_text("{}")
    return load(folder)


def weeks(random: Random) -> Iterator[dict[str, pa.Table]]:
    """What a company hands over in two runs: its past; then more, in another order, a row of use gone, one doubled."""
    whole = Company(random, DAY).tables()
    yield cut(whole, DAY - timedelta(days=28))
    later = {name: table.take(random.sample(range(len(table)), len(table))) for name, table in whole.items()}
    usage = later["usage"]
    recent = [n for n, at in enumerate(usage["occurred_at"].to_pylist()) if at.date() > DAY - timedelta(days=80)]
    yield later | {"usage": usage.take([*(n for n in range(len(usage)) if n != recent[0]), recent[1]])}


def in_order(table: ir.Table) -> pa.Table:
    return table.order_by("as_of", "account_id").to_pyarrow()


def test_features_with_a_store_are_those_from_scratch(tmp_path: Path) -> None:
    made: list[str] = []
    for number, rows in enumerate(weeks(Random(11))):
        tables = stored(tmp_path / str(number), rows)
        snapshots = tables["usage"].get_backend().create_table("snapshots", spine(DAY))
        kept = KeptFeatures(FeatureStore(tmp_path / "store"), tmp_path / str(number), tables, made.append)
        for family in OF_USAGE:
            from_scratch = build_family(family, snapshots, tables, Settings())
            assert in_order(kept.family(family, snapshots, Settings())).equals(in_order(from_scratch)), (number, family)
    assert f"usage: 8 of 8 dates, {spine(DAY).num_rows} rows" in made
    assert any(note.startswith("usage: ") and not note.startswith("usage: 8 ") for note in made), "nothing was kept"


def test_a_span_is_one_chunk_and_the_last_one_is_cut_into_weeks() -> None:
    span = usage_reduced.SPAN_DAYS
    days = (span, 2 * span - 1, 2 * span, 2 * span + 6, 2 * span + 7)
    facts = KnownFacts(days, ((0, 0, 0),) * (len(days) + 1))
    epoch = date(1970, 1, 1)
    assert chunks(facts) == {
        epoch + timedelta(days=2 * span - 1): (span, 2 * span - 1),
        epoch + timedelta(days=2 * span + 6): (2 * span, 2 * span + 6),
        epoch + timedelta(days=2 * span + 13): (2 * span + 7, 2 * span + 13),
    }


def test_a_source_without_use_has_reductions_without_a_row(tmp_path: Path) -> None:
    tables = stored(tmp_path / "tables", {n: t.slice(0, 0) for n, t in next(weeks(Random(1))).items()})
    kept = KeptFeatures(FeatureStore(tmp_path / "store"), tmp_path / "tables", tables)
    for name in (usage_reduced.FEATURES_USED, usage_reduced.ACCOUNT_DAYS, usage_reduced.USER_SPANS):
        assert kept.reduction(name).count().to_pyarrow().as_py() == 0
