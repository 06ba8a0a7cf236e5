"""The query of a family, kept as SQL: Ibis takes longer to write it than DuckDB takes to run it for one date.

    STORE/queries/usage.json    the SQL, the kept tables that it reads, and a key of all that the SQL follows from

No family looks at rows when it writes its query (`tests/pipelines/test_kept_queries.py` holds all to it): its code, the
settings and the types of the tables are all that the query follows from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir

from rind.common.files import write_json
from rind.pipelines.feature_keys import key_of


class NotedTables(Mapping[str, ir.Table]):
    """Tables that note the names of those that are read."""

    def __init__(self, tables: Mapping[str, ir.Table]) -> None:
        self._tables = tables
        self.names_read: set[str] = set()

    def __getitem__(self, name: str) -> ir.Table:
        self.names_read.add(name)
        return self._tables[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def from_kept_query(
    file: Path,
    follows_from: object,
    build: Callable[[Mapping[str, ir.Table]], ir.Table],
    tables: Mapping[str, ir.Table],
    engine: Any,
) -> ir.Table:
    """What ``build`` makes of the tables, by the SQL in the file where it is of the same key; else it is written there.

    Parameters
    ----------
    follows_from
        All that the SQL follows from but for ``build``'s tables' names: code, settings, types.
    tables
        Of DuckDB, and each under the same name of the engine in all runs.
    """
    key, query = key_of(follows_from), _read(file)
    if query.get("key") != key:
        noted = NotedTables(tables)
        built = build(noted)
        if built.op().find(ops.InMemoryTable):  # has another name in each process
            return built
        query = {"key": key, "reads": sorted(noted.names_read), "sql": engine.compile(built)}
        with suppress(OSError):  # a store that may only be read is of use all the same
            write_json(file, query)
    for name in query["reads"]:
        tables[name]  # a reduction is made, and put under its name, when it is asked for
    view = f"built_{file.stem}"
    engine.raw_sql(f"CREATE OR REPLACE VIEW {view} AS {query['sql']}")
    return engine.table(view)


def _read(file: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        query = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(query, dict):
            return query
    return {}
