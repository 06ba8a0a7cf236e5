"""Folders for what is unpacked or copied on the way: they hold names, so none may outlast its process for long."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

Kind = Literal[".rind-restore-", ".rind-backup-"]
KINDS: tuple[Kind, ...] = (".rind-restore-", ".rind-backup-")


@contextmanager
def scratch(beside: Path, kind: Kind) -> Iterator[Path]:
    """A new folder in ``beside``, which is made where it does not exist; deleted at the end.

    Its process holds a lock on it: by that `clear_leftovers` knows it from one whose process was killed.
    """
    beside.mkdir(parents=True, exist_ok=True)
    folder, lock = _locked(beside, kind)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def clear_leftovers(beside: Path, kinds: Iterable[Kind] = KINDS) -> None:
    """Delete the scratch folders in ``beside`` that no process holds; what cannot be looked at stays.

    Parameters
    ----------
    kinds
        Those that are made there; a folder of another beginning is somebody else's.
    """
    for kind in kinds:
        for folder in sorted(beside.glob(f"{kind}*")):
            with suppress(OSError):
                lock = _lock(folder)
                try:
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(lock)


def is_scratch(folder: Path) -> bool:
    """Whether it is called as one; after `clear_leftovers` it is one at work, or cannot be looked at."""
    return folder.name.startswith(KINDS)


def _locked(beside: Path, kind: Kind) -> tuple[Path, int]:
    """A new folder and its lock; another one where somebody cleared it before it was locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=kind, dir=beside))
        with suppress(BlockingIOError, FileNotFoundError):
            lock = _lock(folder)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _lock(folder: Path) -> int:
    """A lock on a folder, for as long as the descriptor is open; BlockingIOError where another process holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
