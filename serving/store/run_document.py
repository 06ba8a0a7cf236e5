"""What serving reads in run.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rind.serving.store.protocols import NoResultsError


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
