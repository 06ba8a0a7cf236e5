"""Interventions that were written down in Rind, beside those of the source."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.common.errors import SourceError
from rind.features.engine import reading
from rind.features.tables import RECORDED_AT

NAME = "interventions"
NONE = ("", "none")
"""Values of ``source.feedback`` that name no file."""


class WithFurther(NamedTuple):
    """The tables with the further rows, how many these are, and notes on what was left out."""

    tables: dict[str, ir.Table]
    rows: int = 0
    notes: tuple[str, ...] = ()


def with_further_interventions(tables: Mapping[str, ir.Table], path: str, data_end: date) -> WithFurther:
    """Add the rows of a file to the table `interventions`; whatever the file holds, the run goes on.

    Parameters
    ----------
    tables
        Stored tables (`features.storage.load`), accounts and interventions among them.
    path
        ``source.feedback``: interventions.csv as `rind feedback export` writes it; "" and "none" name no file.

    Returns
    -------
    WithFurther
        interventions holds ``recorded_at``, empty for the source's own rows where the source does not have it. Where
        the source's ids are whole numbers, that of a further row is minus its number. Left out, with a note, are rows
        of accounts that the source does not know, that start after the data end, that do not say when they were
        recorded (nobody knows since when they may count), or whose id the source has already; and all of them where
        the file cannot be read.
    """
    if path in NONE:
        return WithFurther(dict(tables))
    try:
        with reading(f"the interventions of the feedback, {path}"):
            return _joined(tables, path, data_end)
    except SourceError as error:
        return WithFurther(dict(tables), 0, (f"{error.message.splitlines()[0]}; the run goes on without them",))


def _joined(tables: Mapping[str, ir.Table], path: str, data_end: date) -> WithFurther:
    own = tables[NAME]
    if RECORDED_AT.name not in own.columns:
        own = own.mutate(ibis.null("timestamp").name(RECORDED_AT.name))
    schema = own.schema()
    connection = own.get_backend()
    file = connection.read_csv(glob.escape(str(Path(path))), header=True, all_varchar=True)
    ids = _.intervention_id
    given = file.select(*own.columns).mutate(
        intervention_id="-" + ids.replace("rind-", "") if schema["intervention_id"].is_integer() else ids
    )
    typed = given.mutate(**{name: given[name].try_cast(schema[name]) for name in own.columns})
    kept = (
        typed.filter((_.started_on <= data_end) & _.playbook.notnull() & _.recorded_at.notnull())
        .semi_join(tables["accounts"], "account_id")
        .anti_join(own, "intervention_id")
    )
    one, many = "intervention that was started in Rind", "interventions that were started in Rind"
    why = "the source does not know the account, has the row already, or ends before its start; or recorded_at is empty"
    return WithFurther({**tables, NAME: own.union(kept)}, *left_out(file, kept, one, many, why))


def left_out(given: ir.Table, kept: ir.Table, one: str, many: str, why: str) -> tuple[int, tuple[str, ...]]:
    """How many rows of a file are kept, and a note on the others; both are counted by one query.

    Parameters
    ----------
    one, many
        What a row is, and what rows are.
    """
    counts = ibis.memtable({"one": [1]}).select(all=given.count(), kept=kept.count())
    (row,) = given.get_backend().to_pyarrow(counts).to_pylist()
    missing = row["all"] - row["kept"]
    rows_are = f"1 {one} is" if missing == 1 else f"{missing} {many} are"
    return row["kept"], (f"{rows_are} left out: {why}",) if missing else ()
