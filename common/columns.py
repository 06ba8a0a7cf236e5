"""What a column of a result holds, declared once: checked when the file is written, printed in docs/results.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from rind.common.errors import ColumnError


class Kind(StrEnum):
    """What the values of a column are."""

    ID = "id"
    TEXT = "text"
    DAY = "day"
    TIME = "time (UTC)"
    WHOLE = "whole number"
    NUMBER = "number"
    YES_NO = "yes or no"


@dataclass(frozen=True)
class Column:
    """One column of a table (Parquet, CSV), or one key of a JSON document (of each object, where it is a list).

    Parameters
    ----------
    name
        Of the column.
    kind
        What its values are; None for a key of a JSON document that holds a list or an object.
    meaning
        In one sentence, with its unit.
    may_be_empty
        Whether a value may be missing.
    """

    name: str
    kind: Kind | None
    meaning: str
    may_be_empty: bool = False


def check_file(path: Path, columns: Sequence[Column]) -> None:
    """Refuse a file that lacks a declared column or key, holds another type, or an empty value where none may be.

    Of Parquet only the footer is read. Columns and keys that are not declared may follow.

    Raises
    ------
    ColumnError
        Every fault of the file, at once.
    """
    faults_of = {".parquet": _parquet_faults, ".csv": _csv_faults, ".json": _json_faults}
    faults = faults_of[path.suffix](path, columns) if columns else []
    if faults:
        raise ColumnError(f"{path.name}: {'; '.join(faults)}", "common/results/ declares what its columns hold")


def _parquet_faults(path: Path, columns: Sequence[Column]) -> list[str]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    types = dict(zip(file.schema_arrow.names, file.schema_arrow.types, strict=True))
    return [fault for column in columns if (fault := _fault(column, types, lambda name: _empty_values(file, name)))]


def _csv_faults(path: Path, columns: Sequence[Column]) -> list[str]:
    """Text tells the type of a column by its values, so a column without any has none."""
    from pyarrow import csv
    from pyarrow.types import is_null

    table = csv.read_csv(path)
    void = {field.name for field in table.schema if is_null(field.type)}
    columns = [c for c in columns if c.name not in void or not (c.may_be_empty or not table.num_rows)]
    types = dict(zip(table.schema.names, table.schema.types, strict=True))
    return [fault for column in columns if (fault := _fault(column, types, lambda name: table[name].null_count))]


def _fault(column: Column, types: Mapping[str, Any], empty_values: Callable[[str], int]) -> str:
    if column.name not in types:
        return f"the column {column.name} is missing"
    if column.kind not in kinds_of(types[column.name]):
        return f"{column.name} is {types[column.name]}, not a {column.kind}"
    if not column.may_be_empty and (empty := empty_values(column.name)):
        return f"{column.name} is empty in {empty} rows"
    return ""


def _json_faults(path: Path, columns: Sequence[Column]) -> list[str]:
    document = json.loads(path.read_text(encoding="utf-8"))
    objects = document if isinstance(document, list) else [document]
    faults = [_key_fault(column, each) for each in objects for column in columns]
    return list(dict.fromkeys(fault for fault in faults if fault))


def _key_fault(column: Column, document: Mapping[str, Any]) -> str:
    if column.name not in document:
        return f"the key {column.name} is missing"
    value = document[column.name]
    if value is None:
        return "" if column.may_be_empty else f"{column.name} is empty"
    return (
        "" if _is_a(column.kind, value) else f"{column.name} is {value!r:.40}, not a {column.kind or 'list or object'}"
    )


def _is_a(kind: Kind | None, value: Any) -> bool:
    """Whether a value of a JSON document is of that kind; None: a list or an object."""
    if kind is Kind.DAY:
        return isinstance(value, str) and _is_day(value)
    types: dict[Kind | None, tuple[type, ...]] = {
        None: (list, dict), Kind.YES_NO: (bool,), Kind.WHOLE: (int,), Kind.NUMBER: (int, float),
    }  # fmt: skip
    right = isinstance(value, types.get(kind, (str,)))
    return right and (kind is Kind.YES_NO or not isinstance(value, bool))


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def kinds_of(type_: Any) -> set[Kind]:
    """What a column of that Arrow type may hold."""
    from pyarrow import types

    if types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_):
        return {Kind.TEXT, Kind.ID}
    if types.is_integer(type_):
        return {Kind.WHOLE, Kind.NUMBER, Kind.ID}
    if types.is_boolean(type_):
        return {Kind.YES_NO}
    if types.is_timestamp(type_):
        return {Kind.TIME}
    return {Kind.NUMBER} if types.is_floating(type_) else {Kind.DAY} if types.is_date32(type_) else set()


def _empty_values(file: Any, name: str) -> int:
    place = file.schema_arrow.names.index(name)
    groups = (file.metadata.row_group(n).column(place).statistics for n in range(file.metadata.num_row_groups))
    return sum(statistics.null_count or 0 for statistics in groups if statistics is not None)
