"""Tables as a source has them -> the columns and canonical types of the contract, with what a cast lost beside them."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from rind.features.casts import DTYPES, cast
from rind.features.tables import RECORDED_AT, TABLES, Column

WRONG = "wrong__"
"""Prefix of the columns of `Source.audited` that hold, as text, the values that a cast lost."""

SAME_ID = {"user_id": "contact_id"}
"""A user may be a contact: the two are compared, so they share a type."""

OF_ACCOUNTS = {"parent_id": "account_id"}
"""A parent is an account: its id is read in the type that the accounts' ids have."""


def column_types(name: str, id_types: Mapping[str, dt.DataType]) -> dict[str, dt.DataType]:
    """The canonical type of each column of a table of the contract, given those of the ids."""
    return {c.name: _dtype(c, id_types) for c in TABLES[name].columns}


def audited(raw: ibis.Table, name: str, id_types: Mapping[str, dt.DataType]) -> ibis.Table:
    """A source's table as the contract has it, with what the casts lost beside it.

    Returns
    -------
    ibis.Table
        One row per row of ``raw``: all columns of the contract in their canonical types, empty where ``raw`` has none;
        ``recorded_at`` only where ``raw`` has it; and a text column ``wrong__<column>`` per cast that may fail, null
        where it did not.
    """
    if name == "surveys" and "sent_at" not in raw.columns and "responded_at" in raw.columns:
        raw = raw.mutate(sent_at=raw.responded_at)  # who has answered was asked by then
    columns: dict[str, ir.Value] = {}
    flags: dict[str, ir.Value] = {}
    for column in (*TABLES[name].columns, RECORDED_AT):
        target = _dtype(column, id_types)
        if column.name in raw.columns:
            result = cast(raw[column.name], target)
            columns[column.name] = result.value
            if result.wrong is not None:
                flags[WRONG + column.name] = ibis.ifelse(result.wrong, raw[column.name].cast("string"), None)
        elif column is not RECORDED_AT:
            columns[column.name] = ibis.null(target)
    return raw.select(**columns, **flags)


def common_id_types(raw: Mapping[str, ibis.Table]) -> dict[str, dt.DataType]:
    """int64 where every table has a whole-number type for an id, else string."""
    seen: dict[str, list[dt.DataType]] = {}
    for name, table in raw.items():
        for column in TABLES[name].columns:
            if column.kind == "id" and column.name in table.columns and column.name not in OF_ACCOUNTS:
                seen.setdefault(_group(column.name), []).append(table[column.name].type())
    ids = {c.name for spec in TABLES.values() for c in spec.columns if c.kind == "id"}
    return {
        name: dt.int64 if seen.get(_group(name)) and all(map(_is_number, seen[_group(name)])) else dt.string
        for name in sorted(ids)
    }


def _group(column: str) -> str:
    return (SAME_ID | OF_ACCOUNTS).get(column, column)


def _is_number(dtype: dt.DataType) -> bool:
    return bool(dtype.is_integer() or dtype.is_floating() or dtype.is_decimal())


def _dtype(column: Column, id_types: Mapping[str, dt.DataType]) -> dt.DataType:
    return id_types[column.name] if column.kind == "id" else DTYPES[column.kind]
