"""What serving reads in run.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from rind.serving.store.protocols import NoResultsError


def run_document(content: bytes, path: Path) -> dict[str, Any]:
    """What run.json holds.

    Raises
    ------
    NoResultsError
        It is no JSON object with a scoring date: half of a file, or not of a run.
    """
    hint = "restore it, or run `rind run` again; it is written last and vouches for all the others"
    try:
        run = json.loads(content)
        if not isinstance(run, dict):
            raise NoResultsError(f"{path} holds no JSON object", hint)
        date.fromisoformat(run["as_of"])
    except (ValueError, KeyError, TypeError) as error:
        raise NoResultsError(f"{path} is no record of a run: {type(error).__name__}: {error}", hint) from None
    return run


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
