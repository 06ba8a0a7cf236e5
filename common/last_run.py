"""The record of how the last run in a folder ended: `rind run` writes it, serving reads it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TypedDict

LAST_RUN = ".rind/last_run.json"
"""Below the folder of results."""


class LastRun(TypedDict):
    """When it ended (ISO 8601, UTC), with which exit code, after how many seconds, without how many parts."""

    ended_at: str
    exit_code: int
    seconds: float
    parts_missing: int


def read_last_run(out: Path) -> LastRun | None:
    """The record; None where there is none that can be read."""
    try:
        record = json.loads((out / LAST_RUN).read_text(encoding="utf-8"))
        return LastRun(
            ended_at=datetime.fromisoformat(record["ended_at"]).isoformat(),
            exit_code=int(record["exit_code"]),
            seconds=float(record["seconds"]),
            parts_missing=int(record["parts_missing"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
