"""Rows of the results store that no result holds as they are: what the pages draw, and the column ``more``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from pyarrow import lib as pa

from rind.common.files import sha256
from rind.common.results import RESULTS
from rind.serving.store.memory import SERIES, load_drawn
from rind.serving.store.protocols import NoResultsError
from rind.serving.store.results_reader import AGAIN, Results

FEATURES = RESULTS["features"].path


def drawn(folder: Path, results: Results) -> dict[str, pa.Table]:
    """What the pages draw of features.parquet: ``series``, one row per account, and ``drift``, one per feature.

    Raises
    ------
    NoResultsError
        The file is not that of the run.
    """
    path, run = folder / FEATURES, results.document("run")
    if not path.is_file():
        return {}
    series, drift = load_drawn(path, results.as_of)
    listed = (run.get("manifest") or {}).get(FEATURES)
    if listed is not None and sha256(path) != listed["sha256"]:  # checked after reading: the file did not change
        raise NoResultsError(f"{path} does not belong to the run that run.json describes", AGAIN)
    rows = []
    for account in results.tables["risk_list"]["account_id"].to_pylist():
        lists = series.lists(account, ("as_of", *SERIES))
        if lists["as_of"]:
            data = [list(row) for row in zip(*(map(_cell, cells) for cells in lists.values()), strict=True)]
            rows.append({"account_id": account, "content": as_text({"columns": list(lists), "data": data})})
    moved = [{str(name): value for name, value in row.items()} for row in drift.to_dict("records")]
    return {name: pa.Table.from_pydict(columns(some)) for name, some in (("series", rows), ("drift", moved)) if some}


def _cell(value: Any) -> Any:
    return None if value != value else value


def folded_rows(table: pa.Table) -> pa.ChunkedArray:
    """Each row as a JSON object; DuckDB writes a million of them in seconds."""
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("folded", table)
        listed = ", ".join(f"{_quoted(name)} := {_quoted(name)}" for name in table.column_names)
        rows = con.sql(f"SELECT to_json(struct_pack({listed}))::VARCHAR AS more FROM folded").to_arrow_table()
    return rows["more"].cast(pa.string())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def columns(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows by column; lists and mappings as JSON texts."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [_plain(row.get(name)) for row in rows] for name in names}


def _plain(value: Any) -> Any:
    return as_text(value) if isinstance(value, dict | list) else value


def as_text(value: Any) -> str:
    """JSON that keeps letters outside ASCII as they are."""
    return json.dumps(value, ensure_ascii=False, default=str)
