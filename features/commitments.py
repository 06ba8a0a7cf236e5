"""What CSMs committed to in Rind, as the export of the feedback holds it."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from rind.common.errors import SourceError
from rind.common.facts.commitments import CATEGORIES
from rind.features.engine import reading
from rind.features.further_interventions import NONE, left_out

NAME = "commitments.csv"
"""Lies beside the interventions that ``source.feedback`` names."""
TYPES = {"quarter": "date", "category": "string", "recorded_at": "timestamp"}
DAYS = date(1900, 1, 1), date(9999, 12, 31)
"""Those that a spreadsheet can show; the engine also reads the year 290000 and infinity."""


class Commitments(NamedTuple):
    """The commitments, and notes on what was left out."""

    table: ir.Table
    notes: tuple[str, ...] = ()


def commitments_beside(accounts: ir.Table, path: str) -> Commitments:
    """Read the commitments of the feedback; whatever the file holds, the run goes on.

    Parameters
    ----------
    accounts
        The stored table.
    path
        ``source.feedback``: interventions.csv as `rind feedback export` writes it; "" and "none" name no file.

    Returns
    -------
    Commitments
        One row per commitment: account_id, quarter (its first day), category, recorded_at (UTC); no rows where there is
        no file. Left out, with a note, are rows of accounts that the source does not know, or with a value that is
        empty or cannot be read; and all of them where the file cannot be read.
    """
    schema = {"account_id": accounts.schema()["account_id"], **TYPES}
    file = Path(path).parent / NAME if path not in NONE else None
    if file is None or not file.is_file():
        return Commitments(_nothing(accounts))
    try:
        with reading(f"the commitments of the feedback, {file}"):
            return _read(accounts, file, schema)
    except SourceError as error:
        return Commitments(_nothing(accounts), (f"{error.message.splitlines()[0]}; the run goes on without them",))


def _read(accounts: ir.Table, file: Path, schema: Mapping[str, str]) -> Commitments:
    connection = accounts.get_backend()
    given = connection.read_csv(glob.escape(str(file)), header=True, all_varchar=True)
    typed = given.select(**{name: given[name].try_cast(kind) for name, kind in schema.items()})
    days = [value.cast("date").between(*DAYS) for value in (typed.quarter, typed.recorded_at)]
    kept = typed.filter(typed.category.isin(CATEGORIES), *days)
    kept = kept.semi_join(accounts, "account_id")
    why = "the source does not know the account, or a value is empty or cannot be read"
    _, notes = left_out(given, kept, "commitment", "commitments", why)
    return Commitments(kept, notes)


def _nothing(accounts: ir.Table) -> ir.Table:
    empty = {name: ibis.null(kind) for name, kind in TYPES.items()}
    return accounts.limit(0).select("account_id", **empty)
