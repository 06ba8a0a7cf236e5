"""Which export is which file of a system, and which of its columns is which."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from typing import Any

from rind.common.errors import SourceError
from rind.features.mapping import files
from rind.features.mapping.conversions import identifier, is_there
from rind.features.mapping.forms import form_of, looks_german
from rind.features.mapping.registry import KnownInput
from rind.features.mapping.spec import Column, Input


@dataclass(frozen=True)
class FoundInput:
    """An input of a system as it lies in the exports.

    Parameters
    ----------
    questions
        Column -> what a person must decide about it.
    missing
        Columns that the export does not have; they are empty.
    also
        Other files that could be the same.
    """

    name: str
    spec: Input
    questions: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def find_input(connection: Any, exports: str, names: list[str], name: str, known: KnownInput) -> FoundInput | None:
    """The first file whose name and columns are those of a known input; None where there is none."""
    candidates = _candidates(names, known)
    for file in candidates:
        source, types = read_columns(connection, exports, file)
        sources = {column: source_name(detail.names, types) for column, detail in known.columns.items()}
        if all(sources[c] for c in known.required):
            others = tuple(c for c in candidates if c != file)
            return _described(connection, exports, file, name, known, sources, source, types, others)
    return None


def read_columns(connection: Any, exports: str, file: str) -> tuple[str, dict[str, str]]:
    """A file as a relation, and its columns' types."""
    if exports.startswith("duckdb:"):
        source = ".".join(identifier(p) for p in (files.ATTACHED, *file.split(".")))
    else:
        source = files.relation(connection, exports, [file], {})
    return source, files.column_types(connection, source)


def source_name(names: tuple[str, ...], types: dict[str, str]) -> str:
    """The first of the names that the file has, whatever its case, blanks and underscores; "" where it has none."""
    plain = {plain_name(t): t for t in reversed(types)}
    for name in names:
        if "*" in name:
            match = next((t for t in types if fnmatch.fnmatch(t.lower(), name.lower())), "")
        else:
            match = plain.get(plain_name(name), "") or (name if _reaches(name, types) else "")
        if match:
            return match
    return ""


def plain_name(name: str) -> str:
    """A name in small letters without blanks and marks: Created (UTC) and created_utc are one."""
    return re.sub(r"[^a-z0-9äöüß$]", "", name.lower())


def _reaches(name: str, types: dict[str, str]) -> bool:
    """Whether ``a.b`` reaches into a column ``a`` that may hold JSON."""
    return (
        "." in name and name not in types and is_there(name, types) and types[name.split(".")[0]] in ("VARCHAR", "JSON")
    )


def _candidates(names: list[str], known: KnownInput) -> list[str]:
    stems = {n: _stem(n) for n in names}
    ordered = [n for pattern in known.files for n in names if fnmatch.fnmatch(stems[n], pattern)]
    return list(dict.fromkeys(ordered))


def _stem(name: str) -> str:
    suffix = next((s for s in sorted(files.SUFFIXES, key=len, reverse=True) if name.lower().endswith(s)), "")
    return name.lower().removesuffix(suffix).replace(".", "/")


def _described(
    connection: Any, exports: str, file: str, name: str, known: KnownInput, sources: dict[str, str], source: str,
    types: dict[str, str], others: tuple[str, ...],
) -> FoundInput:  # fmt: skip
    columns: dict[str, Column] = {}
    questions: dict[str, str] = {}
    german = looks_german(connection, source, types)
    currency = "currency" if sources.get("currency") else ""
    for column, detail in known.columns.items():
        kind = "number" if detail.kind == "money" else detail.kind
        keys: dict[str, Any] = {"from": sources[column]} | ({"as": kind} if kind != "text" else {})
        if sources[column]:
            form = form_of(connection, source, types, sources[column], detail.kind, german)
            keys |= form.keys
            keys |= {"currency": currency} if "unit" in form.keys and currency else {}
            questions |= {column: form.question} if form.question else {}
        columns[column] = Column.model_validate(keys)
    place = {"table" if exports.startswith("duckdb:") else "file": file}
    missing = tuple(c for c, s in sources.items() if not s)
    same_header = tuple(o for o in others if _same_columns(connection, exports, o, types))
    return FoundInput(name, Input(**place, columns=columns), questions, missing, same_header)


def _same_columns(connection: Any, exports: str, other: str, types: dict[str, str]) -> bool:
    try:
        return set(read_columns(connection, exports, other)[1]) == set(types)
    except SourceError:
        return False
