"""How the last run in a folder ended: for monitors, which read it from `/metrics`. It holds no text of the source."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rind.common.errors import PartsMissingError, RindError, exit_code_of
from rind.common.files import write_json
from rind.common.last_run import LAST_RUN, LastRun


class Ending:
    """What a run says of itself before it ends."""

    parts_missing = 0


@contextmanager
def recorded(out: Path) -> Iterator[Ending]:
    """Write down when and how the block ended, and how long it took; a disk that is full changes nothing about that."""
    start, ending, code = time.perf_counter(), Ending(), 1
    try:
        yield ending
        code = PartsMissingError.exit_code if ending.parts_missing else 0
    except BaseException as error:
        code = exit_code_of(error)
        raise
    finally:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        seconds = round(time.perf_counter() - start, 1)
        record = LastRun(ended_at=now, exit_code=code, seconds=seconds, parts_missing=ending.parts_missing)
        with suppress(OSError, RindError):
            write_json(out / LAST_RUN, record)
