"""The embedded store: the results of `rind run` in a folder, read through DuckDB, one generation in memory at a time.

A run renames its results into place one by one, run.json last. run.json holds a manifest of all the others; a new week
is taken over only when every file is what the manifest says, and none changed while it was read. Until then the old one
is served.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from common.errors import RindError
from common.files import sha256
from serving.memory import MemoryWeek, load_week
from serving.store import DOCUMENTS, NoResultsError, Week, WeekName

logger = logging.getLogger(__name__)

NEEDED = ("run.json", "risk_list.parquet")
READ = (
    *NEEDED, "previous_list.parquet", "backtest.parquet", "features.parquet", "explanations.parquet",
    "adoption.parquet", *(f"{name}.json" for name in DOCUMENTS if name != "run"),
    "moments.json", "plots/reliability.csv", "plots/gains.csv", "plots/folds.csv",
)  # fmt: skip

Signature = tuple[tuple[str, int, int, int], ...]


class FolderStore:
    """The latest complete week of a folder, and a thread that looks for the next one.

    Parameters
    ----------
    folder
        What `rind run` (or the DVC pipeline) wrote to.
    refresh_seconds
        How often to look; 0 looks only when `refresh` is called.

    Attributes
    ----------
    prepare
        Called with a new week before its first reader sees it, in the thread that looks.
    """

    def __init__(self, folder: Path, refresh_seconds: float = 2.0) -> None:
        self._folder = folder
        self._week: MemoryWeek | None = None
        self._published_at: str | None = None
        self._tried: Signature | None = None
        self._why = "nothing has been looked at yet"
        self.prepare: Callable[[Week], None] = lambda _: None
        self._stop = threading.Event()
        self._reading = threading.Lock()
        self.refresh()
        if refresh_seconds:
            threading.Thread(target=self._watch, args=(refresh_seconds,), name="rind-results", daemon=True).start()

    def current(self) -> Week:
        """The latest complete week."""
        if self._week is None:
            raise NoResultsError(f"there are no complete results in {self._folder}: {self._why}", MAKE_SOME)
        return self._week

    def weeks(self) -> Sequence[WeekName]:
        """The one week of the folder."""
        return [WeekName(self._week.as_of, self._published_at)] if self._week else []

    def week(self, as_of: date) -> Week | None:
        """The folder's week, if it is the one of this date."""
        return self._week if self._week and self._week.as_of == as_of else None

    def close(self) -> None:
        """Stop looking for new weeks."""
        self._stop.set()

    def refresh(self) -> bool:
        """Look once; True when another week was taken over. Never raises over results that are not complete."""
        with self._reading:
            before = self._signature()
            if before == self._tried:
                return False
            try:
                week = self._read(before)
            except (RindError, OSError, ValueError, duckdb.Error) as error:
                self._why = str(error).splitlines()[0]
                logger.info("no new week yet: %s", self._why)
                return False
            self.prepare(week)
            self._tried = before
            self._week = week
            self._published_at = _when(self._folder / "run.json")
            logger.info("serving the week of %s, version %s", week.as_of, week.version)
            return True

    def _watch(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            self.refresh()

    def _read(self, before: Signature) -> MemoryWeek:
        present = {name for name, *_ in before}
        missing = [name for name in NEEDED if name not in present]
        if missing:
            raise NoResultsError(f"{', '.join(missing)} is not there", MAKE_SOME)
        run = json.loads((self._folder / "run.json").read_text(encoding="utf-8"))
        self._check(run.get("manifest") or {}, present)
        week = load_week(self._folder, run, present, version_of(before))
        if self._signature() != before:
            raise NoResultsError("the results changed while they were read", "wait for the run to end")
        return week

    def _check(self, manifest: Mapping[str, Mapping[str, Any]], present: set[str]) -> None:
        """Every file that is read is of this run; without a manifest (DVC, older runs) there is nothing to check."""
        for name in READ:
            if name not in manifest:
                continue
            path, said = self._folder / name, manifest[name]
            if name not in present or path.stat().st_size != said["bytes"] or sha256(path) != said["sha256"]:
                raise NoResultsError(f"{name} is not of the same run as run.json", "wait for the run to end")

    def _signature(self) -> Signature:
        """What lies there: name, inode, size and time of each file that is read."""
        found = []
        for name in READ:
            try:
                stat = (self._folder / name).stat()
            except OSError:
                continue
            found.append((name, stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return tuple(found)


MAKE_SOME = "make some: `make demo`, or `rind run --source SOURCE --out DIR`, then `rind serve --dir DIR`"


def version_of(signature: Signature) -> str:
    """A short text that changes when any file does, and only then (inodes left out: a copy is the same week)."""
    import hashlib

    told = repr([(name, size, changed) for name, _, size, changed in signature])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _when(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
