"""run.json, which vouches for all other results: read with care, since a disk or a person may have changed it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from rind.common.errors import UsageError

SCHEMA = 1
"""The form of a folder of results. It grows when what an earlier Rind wrote can no longer be read as it stands."""
OLDEST = 0
"""The oldest form that is still read; 0: before run.json named its form."""
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
        It is no JSON object with a scoring date and these members: half of a file, or not of a run. Or a version of
        Rind wrote it whose results this one does not read.
    """
    try:
        run = json.loads(content)
        if not isinstance(run, dict):
            raise UsageError(f"{path} holds no JSON object", HINT)
        date.fromisoformat(run["as_of"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no record of a run: {type(error).__name__}: {error}", HINT) from None
    _refuse_other_schemas(run, path)
    missing = [name for name in needed if run.get(name) is None]
    if missing:
        raise UsageError(f"{path} is no record of a run: it holds no {', '.join(missing)}", HINT)
    return run


def _refuse_other_schemas(run: dict[str, Any], path: Path) -> None:
    schema = run.get("schema", 0)
    versions = run.get("versions")
    by = versions.get("rind", "unknown") if isinstance(versions, dict) else "unknown"
    if not isinstance(schema, int) or schema > SCHEMA:
        raise UsageError(
            f"{path} has the schema {schema}, written by rind {by}; this one reads up to {SCHEMA}",
            "use the version that wrote it, or a later one: rind --version",
        )
    if schema < OLDEST:
        raise UsageError(
            f"{path} has the schema {schema}, written by rind {by}; this one reads from {OLDEST}",
            "make the week anew: rind run --source SOURCE --out DIR; users, feedback and MLflow in DIR stay",
        )
