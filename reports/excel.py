"""The risk list as a workbook: a sheet for CSMs, one for leadership, one that says what it all means."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from reports.facts import RunFacts
from reports.summary import Summary


def write_workbook(path: Path, risk_list: pd.DataFrame, summary: Summary, run: RunFacts) -> None:
    """Write the workbook atomically."""
    raise NotImplementedError
