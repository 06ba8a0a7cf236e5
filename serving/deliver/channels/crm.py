"""CRM files: the list as CSV for a CRM's bulk update, its columns named by a map of params.yaml.

A CRM matches accounts by these texts, so they are exact: what protects a spreadsheet's reader would break the match.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pandas as pd

from rind.common.errors import UsageError
from rind.common.files import write_bytes
from rind.reports.tables import exact_csv, records
from rind.serving.deliver.digest import page_url, reasons_of
from rind.serving.deliver.items import Item, file_name, folder_name
from rind.serving.deliver.job import Job, Note
from rind.serving.deliver.sending import Sender
from rind.serving.deliver.settings import DeliverySettings, Secrets
from rind.serving.store.protocols import Week

SUFFIX = "csv"
ADDED = ("as_of", "churn_percent", "reasons", "page_url")
"""Columns beside those of the risk list: the scoring date, the probability from 0 to 100, all reasons, the page."""


def missing_settings(settings: DeliverySettings, secrets: Secrets) -> str:
    """A file needs a map of columns."""
    del secrets
    return "" if settings.crm else "crm, a map of columns"


def wrong_settings(job: Job) -> str:
    """Each map must name columns that the list has."""
    known = {*job.week.risk_list.columns, *ADDED}
    unknown = {
        f"{system}.{name}" for system, columns in job.settings.crm.items() for name in {*columns.values()} - known
    }
    return f"deliveries.crm names columns that the list does not have: {', '.join(sorted(unknown))}" if unknown else ""


def compose(job: Job, note: Note) -> list[Item]:
    """One file per CRM of the settings."""
    del note
    items = []
    for system, columns in job.settings.crm.items():
        content = exact_csv(crm_file(job.week, columns, job.settings, system)).encode()
        items.append(Item(job.week.as_of, "crm", "all", system, content, job.company))
    return items


def open_sender(job: Job, folder: Path) -> Sender:
    """A writer of files into the company's part of ``folder``."""
    return FileSender(files_of(folder, job.company, bool(job.settings.state)))


def files_of(folder: Path, company: str, shared: bool) -> Path:
    """Where a company's files lie: in a folder that companies may share, each has one of its own."""
    return folder / folder_name(company) if shared and company else folder


def file_label(item: Item) -> str:
    return item.recipient


def destination(item: Item) -> str:
    return file_name(item, file_label(item), SUFFIX)


def is_current(item: Item, job: Job) -> bool:
    """Whether today's settings still map this CRM."""
    return item.recipient in job.settings.crm


def is_of(item: Item, job: Job) -> bool:
    """A file does not tell whose it is."""
    del item, job
    return True


class FileSender:
    """Writes each item into a file of a folder, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, item: Item) -> None:
        """Write one file."""
        write_bytes(self._folder / destination(item), item.payload)


def crm_file(week: Week, columns: Mapping[str, str], settings: DeliverySettings, system: str) -> pd.DataFrame:
    """One row per account of the list, in its order.

    Parameters
    ----------
    week
        The published week.
    columns
        Field of the CRM -> column of the risk list, or one of `ADDED`.
    system
        The CRM, for messages.

    Returns
    -------
    pandas.DataFrame
        The fields of ``columns`` in their order; dates as ISO texts, flags as TRUE and FALSE.
    """
    listed = week.risk_list
    accounts = records(listed)
    table = listed.assign(
        as_of=week.as_of.isoformat(),
        churn_percent=(100 * listed["churn_probability"]).round(1),
        reasons=[". ".join(reasons_of(row)) for row in accounts],
        page_url=[page_url(row, settings) for row in accounts],
    )
    unknown = sorted(set(columns.values()) - set(table.columns))
    if unknown:
        raise UsageError(
            f"deliveries.crm.{system} names columns that the list does not have: {', '.join(unknown)}",
            f"known: {', '.join(table.columns)}",
        )
    return pd.DataFrame({field: _text(table[name]) for field, name in columns.items()})


def _text(column: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(column):
        return pd.Series(column.map({True: "TRUE", False: "FALSE"}))
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Series(column.dt.strftime("%Y-%m-%d"))
    return column
