"""Reading and writing the workspace's tables."""

from __future__ import annotations

import glob
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rind.common.columns import check_file
from rind.common.files import atomic_path, write_json
from rind.common.results import result_of
from rind.features.engine import duckdb_connection, new_connection

DAYS = (
    "as_of", "trained_as_of", "signed_on", "left_on", "term_ends_on", "known_from", "known_until", "month", "made_on",
    "quarter", "last_day", "week",
)  # fmt: skip
"""Columns that hold days, whichever table they are in."""


def read_lazily(*paths: Path) -> list[ir.Table]:
    """Parquet files as Ibis tables of one new connection of the engine that computes."""
    connection = new_connection()
    return [connection.read_parquet(glob.escape(str(path))) for path in paths]


def write_lazily(table: ir.Table, path: Path) -> None:
    """Compute an Ibis table into a Parquet file, streaming, atomically."""
    with atomic_path(path) as temporary:
        table.to_parquet(str(temporary))
        _check(temporary, path)


ROW_GROUP = 122_880
"""Rows, as DuckDB has them."""


def write_together(files: Sequence[Path], path: Path) -> None:
    """Write the rows of Parquet files of the same columns, in their order, to one, streaming, atomically.

    For many small files it takes half of what an engine takes.
    """
    with atomic_path(path) as temporary:
        with pq.ParquetWriter(temporary, pq.read_schema(files[0])) as writer:
            waiting: list[pa.Table] = []
            for file in files:
                with pq.ParquetFile(file) as some:
                    waiting.append(some.read(use_threads=False))  # small: threads cost more than they gain
                if sum(len(rows) for rows in waiting) >= ROW_GROUP:
                    writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP)
                    waiting = []
            if waiting:
                writer.write_table(pa.concat_tables(waiting))
        _check(temporary, path)


def read(
    path: Path, columns: list[str] | None = None, days: Collection[date] | None = None, repeated: Sequence[str] = ()
) -> pd.DataFrame:
    """A Parquet file as pandas, or the rows of some dates of it; dates become datetime64.

    ``repeated``: texts that come as categories, in order, since each stands in many rows; they take less memory so.
    """
    filters = None if days is None else [("as_of", "in", set(days))]
    frame = as_frame(pq.read_table(path, columns=columns, filters=filters, read_dictionary=list(repeated) or None))
    texts = {name: frame[name].astype("category").cat for name in repeated}
    return frame.assign(**{name: text.reorder_categories(sorted(text.categories)) for name, text in texts.items()})


def as_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as pandas; dates become datetime64, none of them a Python object on the way."""
    days = [name for name in DAYS if name in table.column_names and pa.types.is_date(table.schema.field(name).type)]
    frame = table.drop_columns(days).to_pandas()
    for name in sorted(days, key=table.column_names.index):
        column = table[name].cast(pa.timestamp("s")).to_numpy()
        frame.insert(table.column_names.index(name), name, column)
    for name in DAYS:
        if name in frame.columns and name not in days:
            frame[name] = pd.to_datetime(frame[name])
    return frame


def read_some(path: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a Parquet file of these (account_id, as_of); the engine leaves all others on the disk."""
    wanted = ibis.memtable(rows[["account_id", "as_of"]].assign(as_of=rows["as_of"].dt.date))
    connection = duckdb_connection()
    file = connection.read_parquet(glob.escape(str(path)))
    # Of no rows nothing tells the types, and a cast takes the name with it.
    wanted = wanted.select(account_id=wanted.account_id.cast(file.account_id.type()), as_of=wanted.as_of.cast("date"))
    kept: pd.DataFrame = file.semi_join(wanted, ["account_id", "as_of"]).to_pandas()
    return kept.assign(as_of=pd.to_datetime(kept["as_of"]).astype(rows["as_of"].dtype))


WRITTEN_DAYS = (
    "happened_on", "ended_on", "as_of", "trained_as_of", "term_ends_on", "left_on", "month", "made_on", "quarter",
    "week",
)  # fmt: skip
"""Those of them that pandas writes; all others come from the engine, which keeps the type."""


def write(frame: pd.DataFrame, path: Path) -> None:
    """Pandas to Parquet, atomically; datetime64 columns that hold days are written as dates."""
    write_pieces([frame], path)


def write_pieces(frames: Iterable[pd.DataFrame], path: Path) -> None:
    """The same of a table that comes in pieces, at least one: a row group each, of which one is in memory at a time."""
    tables = (pa.Table.from_pandas(_with_dates(frame), preserve_index=False) for frame in frames)
    first = next(tables)
    with atomic_path(path) as temporary:
        with pq.ParquetWriter(temporary, first.schema) as writer:
            for table in chain([first], tables):
                writer.write_table(table)
        _check(temporary, path)


def _with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    day = pd.ArrowDtype(pa.date32())  # also where all are empty: Python dates would lose the type
    return frame.assign(**{c: frame[c].astype(day) for c in WRITTEN_DAYS if c in frame.columns})


def write_document(path: Path, document: Any) -> None:
    """Write a JSON result, atomically."""
    with atomic_path(path) as temporary:
        write_json(temporary, document)
        _check(temporary, path, void=document == {})


def write_curve(frame: pd.DataFrame, path: Path) -> None:
    """Write the data of a plot as CSV, atomically."""
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False)
        _check(temporary, path)


def _check(written: Path, path: Path, void: bool = False) -> None:
    """Hold a result to the columns that `common.results` declares, before it takes its place."""
    result = result_of(path)
    if result is not None and not (void and result.may_be_void):
        check_file(written, result.columns)


def read_json(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_dates(path: Path) -> dict[str, date]:
    """dates.json: data_end, as_of, previous (that of the list before)."""
    return {name: date.fromisoformat(text) for name, text in read_json(path).items()}


def of_date(days: list[date], name: str) -> ir.Table:
    """A one-column table of dates."""
    return ibis.memtable([{name: day} for day in days], schema={name: "date"})
