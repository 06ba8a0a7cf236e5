"""Keep what the list before said when it was published: the model of today would say another thing of that date."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from rind.common.errors import RindError
from rind.common.files import sha256
from rind.common.results import MANIFEST, RESULTS
from rind.common.run_record import run_record
from rind.pipelines.data import read, read_dates, write
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write published.parquet: the last list of an earlier date among the results that still stand."""
    del params, progress
    write(published_before(space.home, read_dates(space.dates)["as_of"]), space.published)


def fall_back(space: Workspace, params: Params) -> None:
    """Write that no list was published before."""
    del params
    write(_nobody(), space.published)


def published_before(home: Path, as_of: date) -> pd.DataFrame:
    """What readers last saw of a date before ``as_of``.

    Parameters
    ----------
    home
        The folder of the results, in which the last week stands. Where that week is of ``as_of`` itself, which is now
        made again, the list before is the one that it knew as such.

    Returns
    -------
    pandas.DataFrame
        One row per account: account_id, as_of: datetime64, churn_probability. No rows where no such list stands, or
        run.json does not vouch for it.
    """
    try:
        record = run_record((home / MANIFEST).read_bytes(), home / MANIFEST, "manifest")
    except (OSError, RindError):
        return _nobody()
    day = date.fromisoformat(record["as_of"])
    if day < as_of:
        return _vouched(home, "risk_list", record).assign(as_of=pd.Timestamp(day))[list(_nobody())]
    before = _vouched(home, "published", record)
    return before.loc[before["as_of"] < pd.Timestamp(as_of), list(_nobody())].reset_index(drop=True)


def _vouched(home: Path, name: str, record: dict[str, Any]) -> pd.DataFrame:
    """A table of the week, if it is the very file that run.json names; a run that broke off may have left another."""
    path = home / RESULTS[name].path
    listed = record["manifest"].get(RESULTS[name].path) or {}
    if not path.is_file() or sha256(path) != listed.get("sha256"):
        return _nobody()
    return read(path, ["account_id", "churn_probability", *(["as_of"] if name == "published" else [])])


def _nobody() -> pd.DataFrame:
    risk = pd.Series(dtype="float64")
    return pd.DataFrame({"account_id": pd.Series(dtype="str"), "as_of": pd.to_datetime([]), "churn_probability": risk})
