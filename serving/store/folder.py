"""The embedded store: the results of `rind run` in a folder, read through DuckDB, one generation in memory at a time.

A run renames its results into place one by one, run.json last. run.json holds a manifest of all the others; a new week
is taken over only when every file is what the manifest says, and none changed while it was read. Until then the old one
is served.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rind.common.files import sha256
from rind.common.results import MANIFEST, RESULTS, public_paths, result_at
from rind.serving.store.memory import MemoryWeek, load_week
from rind.serving.store.protocols import NoResultsError
from rind.serving.store.run_document import run_document
from rind.serving.store.week_watcher import Watcher

NEEDED = (MANIFEST, RESULTS["risk_list"].path)
READ = tuple(path for path in public_paths() if (result := result_at(path)) is not None and result.served)

Signature = tuple[tuple[str, int, int, int], ...]


class FolderStore(Watcher[MemoryWeek]):
    """The latest complete week of a folder.

    Parameters
    ----------
    folder
        What `rind run` (or the DVC pipeline) wrote to.
    refresh_seconds
        See `serving.store.week_watcher.Watcher`.
    """

    def __init__(self, folder: Path, refresh_seconds: float = 2.0) -> None:
        self._folder = folder
        super().__init__(refresh_seconds)

    def _load(self, mark: Signature) -> MemoryWeek:
        present = {name for name, *_ in mark}
        missing = [name for name in NEEDED if name not in present]
        if missing:
            raise NoResultsError(f"there are no complete results in {self._folder}: no {', '.join(missing)}", MAKE_SOME)
        run = run_document((self._folder / MANIFEST).read_bytes(), self._folder / MANIFEST)
        self._check(run.get("manifest") or {}, present)
        week = load_week(self._folder, run, present, version_of(mark))
        if self._mark() != mark:
            raise NoResultsError(f"the results in {self._folder} changed while they were read", WAIT)
        return week

    def _check(self, manifest: Mapping[str, Mapping[str, Any]], present: set[str]) -> None:
        """Every file that is read is of this run; without a manifest (older runs) there is nothing to check."""
        for name in READ:
            if name not in manifest:
                continue
            path, listed = self._folder / name, manifest[name]
            if name not in present or path.stat().st_size != listed["bytes"] or sha256(path) != listed["sha256"]:
                raise NoResultsError(f"{path} is not of the same run as run.json", WAIT)

    def _mark(self) -> Signature:
        """Name, inode, size and time of each file that is read, as far as it is there."""
        signature = []
        for name in READ:
            try:
                stat = (self._folder / name).stat()
            except OSError:
                continue
            signature.append((name, stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return tuple(signature)


WAIT = "wait for the run to end"
MAKE_SOME = "make some: `make demo`, or `rind run --source SOURCE --out DIR`, then `rind serve --dir DIR`"


def version_of(signature: Signature) -> str:
    """A short text that changes when any file does, and only then (inodes left out: a copy is the same week)."""
    text = repr([(name, size, changed) for name, _, size, changed in signature])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
