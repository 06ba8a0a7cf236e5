"""Who on the machine may read what Rind writes: names of customers, their money and their risk.

Files and folders are made with these rights from the first byte on (the umask), not made open and closed later.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from rind.common.results import public_paths
from rind.common.settings import Section
from rind.pipelines.weeks import HIDDEN

Readers = Literal["owner", "group", "everyone"]
MASKS: dict[Readers, int] = {"owner": 0o077, "group": 0o027, "everyone": 0o022}
ALSO_OURS = ("access.sqlite", "deliveries", "feedback", "forgotten.json", "pseudonym.key")
"""What other commands put beside the results, with rights of its own."""
_users: list[int] = []


class FileSettings(Section):
    """Rights of results and of the MLflow store."""

    readable_by: Readers


@contextmanager
def created_for(readers: Readers) -> Iterator[None]:
    """Make files and folders for these readers only; a stricter umask of the user holds. The innermost block counts."""
    before = os.umask(0o077)
    _users.append(_users[0] if _users else before)
    os.umask(_users[0] | MASKS[readers])
    try:
        yield
    finally:
        _users.pop()
        os.umask(before)


def settle(out: Path, readers: Readers) -> None:
    """Give all that lies in a folder of results the rights of these readers, whatever an earlier version left open.

    The folder itself only where it is ours: nobody else's files lie beside the results in one that a run made.
    """
    mask = MASKS[readers] | (_users[0] if _users else 0)
    ours = {HIDDEN, "mlruns", *(path.partition("/")[0] for path in public_paths())}
    with suppress(OSError):
        there = list(out.iterdir())
        settle_below([place for place in there if place.name in ours], mask)
        if all(place.name in ours or place.name.startswith(ALSO_OURS) for place in there):
            _set_mode(out, mask)


def settle_below(places: list[Path], mask: int) -> None:
    """Give files and folders, and what lies below them, rights that leave out those of the mask."""
    for place in places:
        if place.is_symlink():
            continue
        _set_mode(place, mask)
        if place.is_dir():
            settle_below(list(place.iterdir()), mask)


def _set_mode(path: Path, mask: int) -> None:
    with suppress(FileNotFoundError, PermissionError):  # somebody else's, or deleted meanwhile
        before = stat.S_IMODE(path.lstat().st_mode)
        wanted = (0o777 if path.is_dir() else 0o666) & ~mask
        if before != wanted:
            path.chmod(wanted)
