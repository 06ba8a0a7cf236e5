"""Tables as a source has them -> the columns and canonical types of the contract, with what a cast lost beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from rind.features.casts import DTYPES, Cast, cast
from rind.features.ids import PEOPLE, Spelling, fits_int64, has_value, normal_id, spellings
from rind.features.names import matched
from rind.features.tables import RECORDED_AT, TABLES, Column

WRONG = "wrong__"
"""Prefix of the columns of `Source.audited` that hold, as text, the values that a cast lost."""

EMPTIED, RAW = "emptied__", "raw__"
"""Prefixes of the columns that say where something was read as empty, and of the columns as the source has them."""

NEVER_FROM = "2900-01-01"
UNKNOWN_TIMES = ("0001-01-01", "1900-01-01", "1970-01-01")
UNLIMITED_FROM = {"seats": 1e9, "employees": 1e9}
"""What programs write for "never", "unknown" and "unlimited": read as empty in columns that may be empty."""

SAME_ID = {"user_id": "contact_id"}
"""A user may be a contact: the two are compared, so they share a type."""

POINTING = ("account_id", "parent_id", "user_id", "contact_id")
"""Ids of something that has many rows in a table."""

OF_ACCOUNTS = {"parent_id": "account_id"}
"""A parent is an account: its id is read in the type that the accounts' ids have."""


def column_types(name: str, id_types: Mapping[str, dt.DataType]) -> dict[str, dt.DataType]:
    """The canonical type of each column of a table of the contract, given those of the ids."""
    return {c.name: _dtype(c, id_types) for c in TABLES[name].columns}


def audited(raw: ibis.Table, name: str, id_types: Mapping[str, dt.DataType]) -> ibis.Table:
    """A source's table as the contract has it, with what the casts lost, and the row as it came, beside it.

    Columns whose names differ in case, blanks or underscores alone are read (`features.names.matched`). A time that
    stands for "never" or "unknown" and an amount that stands for "unlimited" are read as empty where the column is
    optional.

    Returns
    -------
    ibis.Table
        One row per row of ``raw``: all columns of the contract in their canonical types, empty where ``raw`` has none;
        ``recorded_at`` only where ``raw`` has it; a text column ``wrong__<column>`` per cast that may fail, null
        where it did not; a boolean column ``emptied__<column>`` per column in which something may stand for nothing;
        and ``raw__<column>`` for each column of ``raw``.
    """
    names = column_names(raw, name)
    ids = [c.name for c in TABLES[name].columns if c.kind == "id" and c.name in names]
    pointing = [names[c] for c in ids if c in POINTING and c not in TABLES[name].key]
    spelled = spellings(raw, {names[c]: c in PEOPLE for c in ids}, pointing)
    if name == "surveys" and "sent_at" not in names and "responded_at" in names:
        names["sent_at"] = names["responded_at"]  # who has answered was asked by then
    columns: dict[str, ir.Value] = {}
    flags: dict[str, ir.Value] = {}
    for column in (*TABLES[name].columns, RECORDED_AT):
        target = _dtype(column, id_types)
        if column.name in names:
            origin = raw[names[column.name]]
            result = _read(origin, column, target, spelled.get(names[column.name], Spelling()))
            columns[column.name] = result.value
            if result.wrong is not None:
                flags[WRONG + column.name] = ibis.ifelse(result.wrong, origin.cast("string"), None)
            if result.emptied is not None:
                flags[EMPTIED + column.name] = result.emptied
        elif column is not RECORDED_AT:
            columns[column.name] = ibis.null(target)
    return raw.select(**columns, **flags, **{RAW + c: raw[c] for c in raw.columns})


def typed(audit: ibis.Table, name: str) -> ibis.Table:
    """The columns of the contract of an audited table; of usage only rows with use, an empty quantity as 1."""
    kept = audit.drop(*(c for c in audit.columns if c.startswith((WRONG, EMPTIED, RAW))))
    if name != "usage":
        return kept
    return kept.filter(used(kept)).mutate(quantity=kept.quantity.fill_null(1.0))


def used(usage: ibis.Table) -> ir.BooleanValue:
    """Whether a usage row is use: its quantity is positive, or empty, which counts as 1."""
    return (usage.quantity > 0).fill_null(True)


def column_names(raw: ibis.Table, name: str) -> dict[str, str]:
    """Column of the contract -> the column of the source that is read as it."""
    return matched([*(c.name for c in TABLES[name].columns), RECORDED_AT.name], raw.columns)


def _read(origin: Any, column: Column, target: dt.DataType, spelling: Spelling) -> Cast:
    if column.kind == "id" and target.is_string() and origin.type().is_string():
        value = normal_id(origin, spelling, column.name in PEOPLE)
        return Cast(value, None, value.isnull() & (origin.strip() != "") if spelling.odd else None)
    if column.choices:
        return _choice(cast(origin, target).value, column.choices)
    result = cast(origin, target)
    if column.pattern:  # a code, no free text
        code = ibis.ifelse(has_value(result.value), result.value.strip().upper(), ibis.null("string"))
        return Cast(code, result.wrong, code.isnull() & (result.value.strip() != ""))
    if target.is_temporal() and not column.required:
        return _never_is_empty(origin, result)
    if column.name in UNLIMITED_FROM:
        endless = (result.value >= UNLIMITED_FROM[column.name]).fill_null(False)
        return _also_empty(result, endless)
    return result


def _choice(text: Any, choices: tuple[str, ...]) -> Cast:
    """One of a few words, in any case, with blanks or hyphens for underscores."""
    word = text.strip().lower().re_replace(r"[ _-]+", "_")
    value = ibis.ifelse(word.isin(choices), word, ibis.null("string"))
    filled = has_value(text)
    return Cast(value, filled & value.isnull(), ~filled & (text.strip() != ""))


def _never_is_empty(origin: Any, result: Cast) -> Cast:
    """9999-12-31 and infinity are never; the epochs are unknown."""
    value = result.value
    day = value.cast("date")
    never = (day >= ibis.date(NEVER_FROM)) | ibis.or_(*(day == ibis.date(epoch) for epoch in UNKNOWN_TIMES))
    if not origin.type().is_temporal():
        return _also_empty(result, never.fill_null(False))
    endless = (origin.cast(DTYPES["timestamp"]) > ibis.timestamp("9999-12-31 23:59:59.999999")).fill_null(False)
    wrong = None if result.wrong is None else result.wrong & ~endless
    return _also_empty(Cast(value, wrong, result.emptied), never.fill_null(False) | endless)


def _also_empty(result: Cast, condition: Any) -> Cast:
    value = ibis.ifelse(condition, ibis.null(result.value.type()), result.value)
    emptied = condition if result.emptied is None else result.emptied.fill_null(False) | condition
    return Cast(value, result.wrong, emptied)


def common_id_types(raw: Mapping[str, ibis.Table]) -> dict[str, dt.DataType]:
    """int64 where every table has a whole-number type for an id, else string."""
    types: dict[str, list[dt.DataType]] = {}
    for name, table in raw.items():
        names = column_names(table, name)
        for column in TABLES[name].columns:
            if column.kind == "id" and column.name in names and column.name not in OF_ACCOUNTS:
                types.setdefault(_group(column.name), []).append(table[names[column.name]].type())
    ids = {c.name for spec in TABLES.values() for c in spec.columns if c.kind == "id"}
    return {
        name: dt.int64 if types.get(_group(name)) and all(map(fits_int64, types[_group(name)])) else dt.string
        for name in sorted(ids)
    }


def _group(column: str) -> str:
    return (SAME_ID | OF_ACCOUNTS).get(column, column)


def _dtype(column: Column, id_types: Mapping[str, dt.DataType]) -> dt.DataType:
    return id_types[column.name] if column.kind == "id" else DTYPES[column.kind]
