"""Score a file of features into another, piece by piece: what it takes of memory does not grow with the rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rind.common.files import atomic_path
from rind.models.common.frames import KEYS
from rind.pipelines.data import as_frame
from rind.pipelines.tracking import Champion

PIECE = 5_000
"""Rows that are scored at a time."""

PIECES_WRITTEN = 4
"""Pieces of a row group: what the footer says of each column of each group stays in memory to the end."""


def score_file(model: Champion, features: Path, out: Path, explain: bool, *, threads: int) -> int:
    """Write one row per row of a Parquet file of features, in its order.

    Parameters
    ----------
    out
        ``account_id`` and ``as_of`` where ``features`` has them; churn_probability, margin; with ``explain`` also
        base_value and one SHAP value (log-odds) a feature, as float32.
    threads
        Pieces that are scored at once.

    Returns
    -------
    int
        How many rows.
    """
    rows, writer = 0, None
    with atomic_path(out) as temporary:
        try:
            pieces = _scored(model, features, explain, threads)
            while some := list(islice(pieces, PIECES_WRITTEN)):
                table = pa.concat_tables(some)
                writer = writer or pq.ParquetWriter(temporary, table.schema)
                writer.write_table(table)
                rows += len(table)
        finally:
            if writer is not None:
                writer.close()
    return rows


def _scored(model: Champion, features: Path, explain: bool, threads: int) -> Iterator[pa.Table]:
    """The pieces in order; besides those at work at most one is ready."""
    with pq.ParquetFile(features) as file, ThreadPoolExecutor(threads) as pool:
        names = set(file.schema_arrow.names)
        keys = [name for name in KEYS if name in names]
        columns = [*keys, *(name for name in model.scorer.features if name in names)]

        def scored(piece: pa.Table) -> pa.Table:
            """One row per row of the piece, as `score_file` writes it."""
            made = model.predict(as_frame(piece), explain)
            narrow = made.astype(dict.fromkeys(made.filter(like="__").columns, np.float32))
            table = pa.Table.from_pandas(narrow, preserve_index=False)
            for place, name in enumerate(keys):
                table = table.add_column(place, name, piece[name])
            return table.replace_schema_metadata()

        batches = (
            file.iter_batches(PIECE, columns=columns) if file.metadata.num_rows else iter([_no_rows(file, columns)])
        )
        pieces = (pa.Table.from_batches([batch]) for batch in batches)
        waiting = deque[Future[pa.Table]]()
        for piece in islice(pieces, threads):
            waiting.append(pool.submit(scored, piece))
        while waiting:
            table = waiting.popleft().result()
            waiting.extend(pool.submit(scored, piece) for piece in islice(pieces, 1))
            yield table


def _no_rows(file: pq.ParquetFile, columns: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=pa.schema([file.schema_arrow.field(name) for name in columns]))
