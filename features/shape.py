"""Missing tables and columns, and the rename that would mend them where something nearly fits."""

from __future__ import annotations

from collections.abc import Iterator

import ibis.expr.datatypes as dt

from rind.features.casts import DTYPES
from rind.features.locations import SUFFIXES
from rind.features.names import doubtful, nearest
from rind.features.problems import Problem
from rind.features.sources import Source
from rind.features.tables import REQUIRED, TABLES


def shape_problems(source: Source) -> list[Problem]:
    """Required tables and columns that are missing."""
    problems = [
        Problem(name, "", "required table is missing", 0, hint=_table_hint(name, source))
        for name in REQUIRED
        if name not in source.tables
    ]
    for name, missing in source.missing_columns.items():
        for column in missing:
            if TABLES[name].column(column).required:
                hint = _column_hint(source, name, column)
                problems.append(Problem(name, column, "required column is missing", 0, hint=hint))
    return problems


def near_names(source: Source) -> Iterator[str]:
    """A note for each optional table and column that is missing and for which something nearly fits."""
    for name in source.absent:
        if name not in source.without and _table_candidate(name, source):
            yield f"{name} is not there. {_table_hint(name, source)}"
    for name, missing in source.missing_columns.items():
        for column in missing:
            if not TABLES[name].column(column).required and _column_candidates(source, name, column):
                yield f"{name}.{column} is not there. {_column_hint(source, name, column)}"


def _table_candidate(name: str, source: Source) -> str:
    stems = {_stem(other): other for other in source.others if "/" not in other}
    return stems.get(nearest(name, stems), "")


def _table_hint(name: str, source: Source) -> str:
    stems = [_stem(other) for other in source.others]
    if several := doubtful(name, stems):
        return f"There are {' and '.join(several)}, which differ in spelling alone: keep one of them."
    candidate = _table_candidate(name, source)
    if candidate:
        return f"Is it {candidate}? {_way(name, candidate)}"
    if not source.others:
        return "Nothing else lies there that could be it."
    return f"There are also: {', '.join(source.others[:8])}{' ...' if len(source.others) > 8 else ''}."


def _stem(other: str) -> str:
    suffix = next((s for s in sorted(SUFFIXES, key=len, reverse=True) if other.lower().endswith(s)), "")
    return other[: len(other) - len(suffix)] if suffix else other.split(".", 1)[0]


def _way(name: str, candidate: str) -> str:
    """How the candidate would be read: a format that is not read must be saved as one that is."""
    suffix = next((s for s in sorted(SUFFIXES, key=len, reverse=True) if candidate.lower().endswith(s)), "")
    if not suffix and "." in candidate:
        return f"Save it as {name}.csv or {name}.parquet."
    return f"Name it {name}{suffix}."


def _column_candidates(source: Source, name: str, column: str) -> list[str]:
    """The columns that may be meant: those that are alike in spelling alone, or the nearest that could be cast."""
    ignored = source.ignored.get(name, ())
    if several := doubtful(column, ignored):
        return several
    usable = [other for other in ignored if _castable(source.raw_type(name, other), TABLES[name].column(column).kind)]
    near = nearest(column, usable)
    return [near] if near else []


def _column_hint(source: Source, name: str, column: str) -> str:
    candidates = _column_candidates(source, name, column)
    if len(candidates) > 1:
        return f"There are {' and '.join(candidates)}, which differ in spelling alone: keep one of them."
    if candidates:
        return f"Is it {candidates[0]}? Name it {column}."
    ignored = source.ignored.get(name, ())
    if not ignored:
        return "Nothing else lies there that could be it."
    return f"There are also: {', '.join(ignored[:8])}{' ...' if len(ignored) > 8 else ''}."


def _castable(dtype: dt.DataType, kind: str) -> bool:
    """Whether a column of a type could hold values of a kind: nobody should rename a number to a date."""
    if dtype.is_string():
        return True
    if kind in ("date", "timestamp"):
        return bool(dtype.is_date() or dtype.is_timestamp())
    if kind in DTYPES and DTYPES[kind].is_numeric():
        return bool(dtype.is_numeric())
    return not dtype.is_nested()
