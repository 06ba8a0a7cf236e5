"""The tables of a source -> files on disk that `features.storage` reads: one Parquet file a table, and tables.json."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import pyarrow.parquet as pq

from rind.common.disks import writing
from rind.common.files import write_json
from rind.features.canonical import column_types
from rind.features.engine import OWN, reading
from rind.features.sources import Source
from rind.features.storage import MANIFEST, StoredTable
from rind.features.tables import TABLES

BATCH_ROWS = 100_000


def store(source: Source, folder: Path, progress: Callable[[str], None] | None = None) -> None:
    """Write every table of the contract to a folder; absent ones as empty files with all columns.

    The files of a folder belong together: all are written beside it first, and ``tables.json``, without
    which `features.storage.load` refuses, goes away before the first is replaced and comes back after the
    last. Rows with a key are ordered by it, so that the same rows give the same bytes whatever the order
    they came in. `usage` has no key: it keeps its order, which a folder or a DuckDB file always gives alike;
    sorting it is left out, as that costs more than all that later reads of it would gain.

    Writes
    ------
    ``<name>.parquet``
        A table: canonical types, all columns of the contract, ``recorded_at`` only where the source has it.
    ``tables.json``
        name -> present, rows, columns_missing, ignored_columns.

    Raises
    ------
    SourceError
        A table cannot be read to its end; the folder is then as it was.
    DiskFullError
        There is no space left in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    workshop = folder / f".{os.getpid()}.partial"
    workshop.mkdir()
    try:
        manifest = {}
        for name in TABLES:
            if progress and name in source.tables:
                progress(f"storing {name}")
            path = workshop / f"{name}.parquet"
            with reading(f"the table {name}"), writing(folder):
                _write(source, name, path)
            manifest[name] = _describe(source, name, path)
        (folder / MANIFEST).unlink(missing_ok=True)
        for name in TABLES:
            os.replace(workshop / f"{name}.parquet", folder / f"{name}.parquet")
        write_json(folder / MANIFEST, manifest)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def store_anew(folder: Path, tables: Mapping[str, ibis.Table], added: Collection[str] = ()) -> None:
    """Write tables that were made from the stored ones of a folder in their place; what is the same stays.

    Parameters
    ----------
    tables
        Expressions over what `features.storage.load` gives.
    added
        Tables that the source did not have and that hold rows now.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for name in added:
        manifest[name]["present"] = True
    written = []
    for name, table in tables.items():
        if isinstance(table.op(), ops.DatabaseTable) or not manifest[name]["present"]:
            continue
        beside = folder / f"{name}.parquet.partial"
        with reading(f"the table {name}"), writing(folder):
            table.get_backend().to_parquet(_in_order(name, table), beside, compression="zstd")
        written.append((name, beside))
        manifest[name]["rows"] = pq.read_metadata(beside).num_rows
    (folder / MANIFEST).unlink()
    for name, beside in written:
        os.replace(beside, folder / f"{name}.parquet")
    write_json(folder / MANIFEST, manifest)


def store_rows(source: Source, tables: Mapping[str, ibis.Table], folder: Path) -> dict[str, int]:
    """Write lazy tables of a source's connection into a folder of their own, which is made new.

    Returns
    -------
    dict
        Table -> rows written; tables without a row leave no file.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = {}
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        with reading(f"the table {name}"), writing(folder):
            _to_parquet(source, table, path)
        rows[name] = pq.read_metadata(path).num_rows
        if not rows[name]:
            path.unlink()
    return {name: count for name, count in rows.items() if count}


def _describe(source: Source, name: str, path: Path) -> StoredTable:
    return {
        "present": name in source.tables,
        "rows": pq.read_metadata(path).num_rows,
        "columns_missing": list(source.missing_columns.get(name, ())),
        "ignored_columns": list(source.ignored.get(name, ())),
    }


def _write(source: Source, name: str, path: Path) -> None:
    table = source.tables.get(name)
    if table is None:
        pq.write_table(_schema(column_types(name, source.id_types)).empty_table(), path)
        return
    _to_parquet(source, _in_order(name, table), path)


def _in_order(name: str, table: ibis.Table) -> ibis.Table:
    key, happened = TABLES[name].key, TABLES[name].happened
    return table.order_by(list(dict.fromkeys((*key, *happened)))) if key else table  # paused parts share a key


def _to_parquet(source: Source, ordered: ibis.Table, path: Path) -> None:
    if source.connection.name in OWN:
        source.connection.to_parquet(ordered, path, compression="zstd")
    else:
        _stream(source.connection, ordered, path)


def _stream(connection: Any, table: ibis.Table, path: Path) -> None:
    """Through a server-side cursor: at most BATCH_ROWS rows are in memory."""
    schema = _schema(dict(table.schema().items()))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in connection.to_pyarrow_batches(table, chunk_size=BATCH_ROWS):
            writer.write_batch(batch.cast(schema))


def _schema(types: dict[str, dt.DataType]) -> Any:
    return ibis.schema(types).to_pyarrow()
