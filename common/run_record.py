"""run.json, which vouches for all other results: read with care, since a disk or a person may have changed it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from rind.common.errors import UsageError

HINT = "restore it, or run `rind run` again; it is written last and vouches for all the others"


def run_record(content: bytes, path: Path, *needed: str) -> dict[str, Any]:
    """What run.json holds.

    Parameters
    ----------
    path
        Where the content was read, for the error.
    needed
        Members that must be there, beside the scoring date.

    Raises
    ------
    UsageError
        It is no JSON object with a scoring date and these members: half of a file, or not of a run.
    """
    try:
        run = json.loads(content)
        if not isinstance(run, dict):
            raise UsageError(f"{path} holds no JSON object", HINT)
        date.fromisoformat(run["as_of"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no record of a run: {type(error).__name__}: {error}", HINT) from None
    missing = [name for name in needed if run.get(name) is None]
    if missing:
        raise UsageError(f"{path} is no record of a run: it holds no {', '.join(missing)}", HINT)
    return run
