"""What serving reads in run.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rind.common.errors import UsageError
from rind.common.run_record import run_record
from rind.serving.store.protocols import NoResultsError


def run_document(content: bytes, path: Path) -> dict[str, Any]:
    """What run.json holds.

    Raises
    ------
    NoResultsError
        It is no JSON object with a scoring date: half of a file, or not of a run.
    """
    try:
        return run_record(content, path)
    except UsageError as error:
        raise NoResultsError(error.message, error.hint) from None


def horizon_days(run: Mapping[str, Any]) -> int:
    """The horizon of the run, in days: an account churns where it leaves within (as_of, as_of + horizon_days].

    Raises
    ------
    NoResultsError
        run.json does not hold ``parameters.labels.horizon_days``, which every run writes.
    """
    days = ((run.get("parameters") or {}).get("labels") or {}).get("horizon_days")
    if days is None:
        raise NoResultsError(
            "run.json holds no parameters.labels.horizon_days", "run `rind run` again with this version of Rind"
        )
    return int(days)
