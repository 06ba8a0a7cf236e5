"""What a column of a result holds, declared once: checked when the file is written, printed in docs/results.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    """One column of a Parquet result, or one key of a JSON result.

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


def check_parquet(path: Path, columns: Sequence[Column]) -> None:
    """Refuse a file that lacks a declared column, or holds another type or an empty value where none may be.

    Only the footer is read. Columns that are not declared may follow.

    Raises
    ------
    ColumnError
        Every fault of the file, at once.
    """
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    types = dict(zip(file.schema_arrow.names, file.schema_arrow.types, strict=True))
    faults = []
    for column in columns:
        if column.name not in types:
            faults.append(f"the column {column.name} is missing")
        elif column.kind not in kinds_of(types[column.name]):
            faults.append(f"{column.name} is {types[column.name]}, not a {column.kind}")
        elif not column.may_be_empty and (empty := _empty_values(file, column.name)):
            faults.append(f"{column.name} is empty in {empty} rows")
    if faults:
        raise ColumnError(f"{path.name}: {'; '.join(faults)}", "common/results/ declares what its columns hold")


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
