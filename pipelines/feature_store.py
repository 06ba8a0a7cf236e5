"""Finished features of past dates, kept between runs: made once for each state of what they follow from.

    FOLDER/FAMILY/2025-06-30-KEY/*.parquet    the rows of one family and date; KEY names all that they follow from
    FOLDER/known/, FOLDER/queries/            counts and SQL, replaced as a whole: `known_parts`, `kept_queries`
    FOLDER/lock                               held while rows are added or dropped

The name is the manifest: a folder gets it by one rename, when all of it is written, and whatever the rows follow from
would have given it another name. So a killed run leaves whole dates, and a folder without a name, which goes with the
next run.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis.expr.types as ir
import pyarrow.parquet as pq

from rind.common.disks import writing
from rind.common.errors import RindError, UsageError

PARTIAL = ".partial"
NAME = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})-(?P<key>[0-9a-f]{24})")
"""Of a kept date; a folder of another name is somebody else's and stays."""

SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class DateKey:
    """What the rows of a family at a date follow from, as a text, and how many there must be (None: not known)."""

    key: str
    rows: int | None = None


@dataclass(frozen=True)
class KeptDate:
    """The rows of one family and date in the store; `used` is when a run last took them, in seconds since 1970."""

    family: str
    day: date
    key: str
    bytes: int
    used: float


@dataclass(frozen=True)
class FeatureStore:
    """The store in a folder, which need not exist yet."""

    folder: Path

    def kept(self, family: str, keys: Mapping[date, DateKey]) -> dict[date, list[Path]]:
        """The files of the dates that are there whole; that they were of use is noted."""
        whole = {}
        for day, wanted in keys.items():
            place = self._place(family, day, wanted)
            files = sorted(place.glob("*.parquet"))
            rows = _rows(files)
            if rows is not None and wanted.rows in (None, rows):
                with suppress(OSError):  # a store that may only be read is of use all the same
                    os.utime(place)
                whole[day] = files
        return whole

    def files(
        self,
        family: str,
        keys: Mapping[date, DateKey],
        make: Callable[[list[date]], ir.Table],
        progress: Callable[[str], None] = lambda _: None,
    ) -> list[Path]:
        """The files of all dates, by date: what is missing is made, and kept.

        Parameters
        ----------
        make
            Makes the rows of some dates: any columns, and as_of.

        Raises
        ------
        RindError
            What was kept a moment ago is not there any more.
        """
        kept = self.kept(family, keys)
        reopened = {day: key for day, key in keys.items() if day not in kept}
        if reopened:
            rows = sum(key.rows or 0 for key in reopened.values())
            progress(f"{family}: {len(reopened)} of {len(keys)} dates{f', {rows:,} rows' if rows else ''}")
            self.add(family, make(sorted(reopened)), reopened)
            kept |= self.kept(family, reopened)
        if lost := keys.keys() - kept.keys():
            raise RindError(
                f"the rows of {family} at {min(lost)} cannot be read back from {self.folder}",
                "Does something else delete files there? Run again.",
            )
        return [file for _, files in sorted(kept.items()) for file in files]

    def add(self, family: str, table: ir.Table, keys: Mapping[date, DateKey]) -> None:
        """Compute the rows of some dates and keep them.

        Parameters
        ----------
        table
            The rows of these dates, and of no other; as_of names the date.
        """
        with self._alone(), writing(self.folder):
            made = self.folder / PARTIAL
            table.get_backend().to_parquet(
                table, made, partition_by="as_of", write_partition_columns=True, compression="zstd"
            )
            parts = {day: made / f"as_of={day}" for day in keys}
            if strange := {path for path in made.iterdir() if path not in parts.values()}:
                raise ValueError(f"rows of {family} belong to none of the dates: {min(strange).name}")
            (self.folder / family).mkdir(exist_ok=True)
            for day, key in keys.items():
                if not parts[day].exists():  # a date without a row is known to have none
                    parts[day].mkdir()
                    table.limit(0).to_parquet(parts[day] / "none.parquet")
                place = self._place(family, day, key)
                shutil.rmtree(place, ignore_errors=True)
                os.rename(parts[day], place)
            shutil.rmtree(made)

    def dates(self) -> Iterator[KeptDate]:
        """All that is kept."""
        for place in sorted(self.folder.glob("[!.]*/*")):
            if name := NAME.fullmatch(place.name):
                size = sum(file.stat().st_size for file in place.glob("*.parquet"))
                day = date.fromisoformat(name["day"])
                yield KeptDate(place.parent.name, day, name["key"], size, place.stat().st_mtime)

    def drop_unused(self, days: float, now: float | None = None) -> list[KeptDate]:
        """Delete what no run has used for so many days, and say what it was."""
        if not self.folder.is_dir():
            return []
        latest = (time.time() if now is None else now) - days * SECONDS_A_DAY
        with self._alone():
            old = [kept for kept in self.dates() if kept.used < latest]
            for kept in old:
                shutil.rmtree(self.folder / kept.family / f"{kept.day}-{kept.key}")
        return old

    def _place(self, family: str, day: date, key: DateKey) -> Path:
        return self.folder / family / f"{day}-{key.key}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the store; what a killed run has left half made goes away."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / "lock").open("w")
        except OSError as error:
            hint = "give another folder as feature_store.folder, or leave --incremental out"
            raise UsageError(f"cannot keep features in {self.folder}: {error.strerror}", hint) from None
        with file as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shutil.rmtree(self.folder / PARTIAL, ignore_errors=True)
            yield


def _rows(files: list[Path]) -> int | None:
    """Rows of the files together; None where there is none, or one is no whole Parquet file."""
    try:
        return sum(pq.read_metadata(file).num_rows for file in files) if files else None
    except (OSError, ValueError):  # pyarrow's ArrowInvalid is a ValueError
        return None
