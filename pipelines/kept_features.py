"""The features of a family with a store: what is kept is read, and only new or reopened dates and weeks are made."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from rind.features.catalogue import Settings
from rind.features.families import usage_reduced as reduced
from rind.features.families.usage_depth import numbered
from rind.features.known_facts import EPOCH, KnownFacts
from rind.features.matrix import build_family
from rind.pipelines.data import write_together
from rind.pipelines.feature_keys import code_digest, date_keys, digest_of, key_of, tables_of
from rind.pipelines.feature_store import DateKey, FeatureStore
from rind.pipelines.kept_queries import from_kept_query
from rind.pipelines.known_parts import facts_of

REDUCTIONS: Mapping[str, Callable[..., ir.Table]] = {
    reduced.FEATURES_USED: reduced.used_features,
    reduced.ACCOUNT_DAYS: reduced.account_days,
    reduced.USER_SPANS: reduced.user_spans,
    reduced.USER_REACH: reduced.user_reach,
}
CHUNK = "as_of"
"""Reduced rows are kept as features are: by the last day of the days of which they were made."""


@dataclass(frozen=True)
class KeptFeatures:
    """The stored tables of a folder, beside a store of what was made of them before.

    Parameters
    ----------
    folder
        That of the tables (`features.storage`).
    """

    store: FeatureStore
    folder: Path
    tables: Mapping[str, ir.Table]
    progress: Callable[[str], None] = lambda _: None

    def family(self, name: str, snapshots: ir.Table, settings: Settings) -> ir.Table:
        """The features of a family: one row per snapshot, the same as `features.matrix.build_family` makes."""
        return self.read(self._family(name, snapshots, settings))

    def write_family(self, name: str, snapshots: ir.Table, settings: Settings, path: Path) -> None:
        """Write them to one Parquet file, by date."""
        write_together(self._family(name, snapshots, settings), path)

    def _family(self, name: str, snapshots: ir.Table, settings: Settings) -> list[Path]:
        facts = {table: self._facts(table) for table in tables_of(name)}
        keys = date_keys(name, snapshots, self.tables, facts, settings)

        def make(days: list[date]) -> ir.Table:
            """The features of the snapshots of some dates."""
            rows = snapshots.filter(snapshots.as_of.isin(days))
            of_days = self._engine.create_table("snapshots_of_days", rows, temp=True, overwrite=True)
            schemas = {table: (rows.get_name(), str(rows.schema())) for table, rows in self.tables.items()}
            return from_kept_query(
                self.store.folder / "queries" / f"{name}.json",
                [code_digest(name), repr(settings), schemas, str(snapshots.schema())],
                lambda tables: build_family(name, of_days, tables, settings),
                WithReductions(self),
                self._engine,
            )

        return self.store.files(name, keys, make, self.progress)

    def reduction(self, name: str) -> ir.Table:
        """A reduction of the table usage (`features.families.usage_reduced`)."""
        return reduced.merged(name, self._parts(name).drop(CHUNK))

    def read(self, files: list[Path], name: str | None = None) -> ir.Table:
        """Files of the store, on the engine of the tables; under a name, or one of their own."""
        patterns = [glob.escape(str(file)) for file in files]
        return self._engine.read_parquet(patterns, table_name=name, hive_partitioning=False)

    @property
    def _engine(self) -> Any:
        return self.tables["usage"].get_backend()

    def _facts(self, table: str) -> KnownFacts:
        return facts_of(self.folder, table, self.tables[table], self.store.folder)

    def _parts(self, name: str) -> ir.Table:
        """The reduced rows of all chunks of days, those of new or changed days made now."""
        usage = self.tables["usage"]
        facts = self._facts("usage")
        numbers = (self._numbered(),) if name == reduced.ACCOUNT_DAYS else ()
        places = self._places(*numbers) if numbers else {}
        always = [digest_of("rind.features.families.usage_reduced"), str(usage.schema())]
        all_days = chunks(facts)
        keys = {
            chunk: DateKey(key_of([*always, facts.within(*days), places.get(chunk)]))
            for chunk, days in all_days.items()
        }

        def make(reopened: list[date]) -> ir.Table:
            """The reduced rows of the chunks with these ends."""
            first = min((all_days[chunk][0] for chunk in reopened), default=0)
            rows = reduced.known_within(usage, EPOCH + timedelta(days=first), max(reopened, default=EPOCH))
            rows = rows.mutate(**{CHUNK: _chunk_end(reduced.known_day(rows), facts)})
            return REDUCTIONS[name](rows.filter(rows[CHUNK].isin(reopened)), *numbers, CHUNK)

        files = self.store.files(f"usage.{name}", keys, make, self.progress)
        view = f"kept_{name}"
        return self.read(files, view) if files else self._engine.create_view(view, make([]), overwrite=True)

    def _numbered(self) -> ir.Table:
        return numbered(self.reduction(reduced.FEATURES_USED), self.tables["product_features"])

    def _places(self, numbers: ir.Table) -> dict[date, object]:
        """Chunk -> the features used in it, with their places in the bit sets and since when their use is official."""
        used = self._parts(reduced.FEATURES_USED).select("feature", CHUNK)
        rows = used.inner_join(numbers, "feature").select(CHUNK, "feature", "word", "feature_bit", "released")
        places: dict[date, list[object]] = {}
        for row in rows.order_by(CHUNK, "feature").to_pyarrow().to_pylist():
            places.setdefault(row.pop(CHUNK), []).append(sorted(row.items()))
        return dict(places)


class WithReductions(Mapping[str, ir.Table]):
    """The tables, and among them the reductions of usage, each made or read when it is asked for."""

    def __init__(self, kept: KeptFeatures) -> None:
        self._kept = kept

    def __getitem__(self, name: str) -> ir.Table:
        return self._kept.reduction(name) if name in REDUCTIONS else self._kept.tables[name]

    def __contains__(self, name: object) -> bool:
        return name in REDUCTIONS or name in self._kept.tables

    def __iter__(self) -> Iterator[str]:
        return iter((*self._kept.tables, *REDUCTIONS))

    def __len__(self) -> int:
        return len(self._kept.tables) + len(REDUCTIONS)


def chunks(facts: KnownFacts) -> dict[date, tuple[int, int]]:
    """The days that are reduced together, as first and last since 1970, by the date of the last.

    A span of 24 weeks (`features.families.usage_reduced.user_spans`) is one chunk once a later one has begun; in the
    last one each week is. Days without a row are in no chunk.
    """
    chunks_of_days: dict[date, tuple[int, int]] = {}
    for day in facts.days:
        length = _length(day, facts)
        first = day - day % length
        chunks_of_days[EPOCH + timedelta(days=first + length - 1)] = (first, first + length - 1)
    return chunks_of_days


def _length(day: int, facts: KnownFacts) -> int:
    return reduced.SPAN_DAYS if day < _open_from(facts) else 7


def _open_from(facts: KnownFacts) -> int:
    latest = facts.days[-1] if facts.days else 0
    return latest - latest % reduced.SPAN_DAYS


def _chunk_end(day: ir.IntegerValue, facts: KnownFacts) -> ir.DateValue:
    """The date of the last day of a day's chunk."""
    span, week = ((day - day % length + (length - 1)) for length in (reduced.SPAN_DAYS, 7))
    last = ibis.ifelse(day < _open_from(facts), span, week)
    # An engine may make a timestamp of the sum, whatever ibis believes: the detour gives a date.
    return (reduced.EPOCH + last.as_interval("D")).cast("timestamp").date()
