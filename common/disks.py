"""A full disk, in whatever words an engine says it."""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rind.common.errors import DiskFullError, RindError

NUMBERS = (errno.ENOSPC, errno.EDQUOT)
WORDS = re.compile(r"no space left on device|disk quota exceeded|database or disk is full", re.IGNORECASE)
SPILLED = re.compile(r"failed to offload data block|max_temp_directory_size", re.IGNORECASE)
"""DuckDB, which puts what does not fit in memory into the system's folder for temporary files."""
FILE = re.compile(r"""["'](/[^"']+)["']""")


def full_disk(error: BaseException, folder: Path | None = None) -> DiskFullError | None:
    """The error of a full disk that names the folder; None for every other error, and for a server's disk.

    Parameters
    ----------
    folder
        Where was written to; named unless the error names a file outside it.
    """
    if isinstance(error, RindError):
        return error if isinstance(error, DiskFullError) else None
    text = str(error)
    if hasattr(error, "sqlstate"):  # what a server of a database says is of the server's disk
        return None
    if SPILLED.search(text):
        return _of(Path(tempfile.gettempdir()), "or set TMPDIR to a folder with more, ")
    if getattr(error, "errno", None) not in NUMBERS and not WORDS.search(text):
        return None
    file = getattr(error, "filename", None) or next(iter(FILE.findall(text)), None)
    if file is None or (folder and Path(str(file)).is_relative_to(folder)):
        return _of(folder, "")
    return _of(Path(str(file)).parent, "")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn the error of a full disk into one that names the folder.

    Raises
    ------
    DiskFullError
        There is no space left, or the user may not use more.
    """
    try:
        yield
    except Exception as error:
        if full := full_disk(error, folder):
            raise full from error
        raise


def _of(folder: Path | None, more: str) -> DiskFullError:
    place = f"the disk of {folder} is full" if folder else "a disk is full"
    return DiskFullError(place, f"free some space there, {more}and run again; `rind run --resume` goes on")
