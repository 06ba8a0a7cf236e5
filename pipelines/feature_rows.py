"""Rows of features.parquet by their place in the file: what is not asked for stays on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from rind.pipelines.data import as_frame

KEPT_BYTES = 2**29
"""So much of the file is kept in memory once it was read: all of a small company, the first dates of a large one."""


class FeatureRows:
    """Reads rows of a Parquet file that is sorted by date: a date lies in a row group or two, and only they are read.

    May be used by several threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._metadata = pq.read_metadata(path)
        groups = range(self._metadata.num_row_groups)
        self._starts = np.cumsum([0, *(self._metadata.row_group(n).num_rows for n in groups)])
        self._kept = dict[int, pd.DataFrame]()
        self._room = KEPT_BYTES
        self._lock = Lock()

    def __call__(self, places: pd.Index[int]) -> Iterator[pd.DataFrame]:
        """The rows at these places, in ascending order, a row group at a time; their index says their places."""
        wanted = places.to_numpy()
        bounds = np.searchsorted(wanted, self._starts)
        touched = np.flatnonzero(np.diff(bounds))
        for group in touched.tolist() or [0]:  # of no rows there are columns all the same
            inside = wanted[bounds[group] : bounds[group + 1]]
            yield self._group(group).iloc[inside - self._starts[group]].set_axis(pd.Index(inside))

    def _group(self, number: int) -> pd.DataFrame:
        if number in self._kept:
            return self._kept[number]
        with pq.ParquetFile(self._path, metadata=self._metadata) as file:
            frame = as_frame(file.read_row_group(number) if self._metadata.num_row_groups else file.read())
        size = int(frame.memory_usage().sum())
        with self._lock:
            if size <= self._room:
                self._kept[number], self._room = frame, self._room - size
        return frame
