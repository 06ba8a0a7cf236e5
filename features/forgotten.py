"""A source without the accounts and contacts that are to be forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import ibis

from rind.features.canonical import RAW
from rind.features.sources import Source

PERSON_IDS = ("contact_id", "user_id")
WRITTEN_BY_PERSONS = ("comment",)


def held_ids(source: Source, *columns: str) -> set[str]:
    """The ids that the tables hold in these columns, as texts."""
    return {
        str(value)
        for table in source.tables.values()
        for column in columns
        if column in table.columns
        for value in table.select(column).distinct().to_pyarrow().column(0).to_pylist()
        if value is not None
    }


def without_persons(source: Source, accounts: Collection[str], contacts: Collection[str]) -> Source:
    """The source without all rows of these accounts, and without these contacts.

    A contact's own row goes; in other tables the row stays with its account, and the person's id and what the person
    wrote are empty: what an account did does not change when somebody in it is forgotten.
    """
    tables = {name: _cut(table, name, {}, accounts, contacts) for name, table in source.tables.items()}
    audited = {
        name: _cut(table, name, {new: old for old, new in source.read_as.get(name, {}).items()}, accounts, contacts)
        for name, table in source.audited.items()
    }
    return replace(source, tables=tables, audited=audited)


def _cut(
    table: ibis.Table, name: str, spelled: Mapping[str, str], accounts: Collection[str], contacts: Collection[str]
) -> ibis.Table:
    if accounts and "account_id" in table.columns:
        table = table.filter(~_is_one(table.account_id, accounts))
    if name == "contacts" and contacts:
        return table.filter(~_is_one(table.contact_id, contacts))
    columns = [column for column in PERSON_IDS if column in table.columns]
    if not (columns and contacts):
        return table
    hit = ibis.or_(*(_is_one(table[column], contacts) for column in columns))
    words = [column for column in (*columns, *WRITTEN_BY_PERSONS) if column in table.columns]
    raw = [RAW + spelled.get(column, column) for column in words]
    emptied = {c: ibis.ifelse(hit, ibis.null(table[c].type()), table[c]) for c in (*words, *raw) if c in table.columns}
    return table.mutate(**emptied)


def _is_one(column: Any, ids: Collection[str]) -> Any:
    """Whether the id of a row is one of these; an empty one is none."""
    return column.cast("string").isin(sorted(ids)).fill_null(False)
