"""The risk list as a CSV file and as a workbook, both for people and their spreadsheets."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from rind.reports.columns import COLUMNS
from rind.reports.excel import write_workbook
from rind.reports.facts import RunFacts
from rind.reports.summary import summarise
from rind.reports.tables import spreadsheet_csv


def as_csv(listed: pd.DataFrame) -> bytes:
    """The rows as the weekly run's CSV, safe to open in a spreadsheet."""
    return spreadsheet_csv(listed).encode()


def as_workbook(listed: pd.DataFrame, run: RunFacts) -> bytes:
    """The rows as the weekly run's workbook, without its sheets on the whole company: a reader may see a part of it."""
    whole = listed.reindex(columns=[*dict.fromkeys([*(c.name for c in COLUMNS), *listed.columns])])
    with tempfile.TemporaryDirectory(prefix="rind-") as folder:
        path = Path(folder) / "list.xlsx"
        write_workbook(path, whole, summarise(whole, run.as_of, run.horizon_days), run)
        return path.read_bytes()
