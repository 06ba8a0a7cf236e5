"""`rind map --from columns`: any table, by the likeness of its columns' names to those of the contract."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files as package_files
from typing import Any

import yaml

from rind.features.mapping.forms import form_of, looks_german
from rind.features.mapping.recognition import FoundInput, plain_name, read_columns
from rind.features.mapping.spec import Column, Input
from rind.features.tables import TABLES, Table

ALIKE = 0.82
"""Names this alike (0 to 1, difflib's ratio) may mean the same; a person is asked."""
KINDS = {
    "id": "id",
    "date": "date",
    "timestamp": "time",
    "integer": "number",
    "number": "number",
    "boolean": "yes_no",
    "string": "text",
}


@dataclass(frozen=True)
class Likeness:
    """What the columns of some files are alike to."""

    inputs: dict[str, FoundInput] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Match:
    """A file that may be a table: column of the contract -> column of the file; ``unsure`` are only alike."""

    table: str
    file: str
    sources: dict[str, str]
    unsure: tuple[str, ...]
    lacking: tuple[str, ...]
    named: bool


def liken(connection: Any, exports: str, names: list[str], taken: set[str], lookup: bool) -> Likeness:
    """Find the tables of the contract among files of no known system.

    Parameters
    ----------
    taken
        Tables that other systems give already.
    lookup
        Whether ids of accounts are to be looked up among those of the systems (``account_of``).
    """
    likeness = Likeness()
    matches: dict[str, _Match] = {}
    for file in names:
        match = _best(file, read_columns(connection, exports, file)[1], taken)
        if match is None:
            likeness.questions.append(f"{file} is like no table of the contract; it is not read.")
        elif match.table in matches:
            likeness.questions.append(
                f"{file} is like {match.table} too, as {matches[match.table].file} is; it is not read."
            )
        else:
            matches[match.table] = match
    for table, match in matches.items():
        _add(likeness, connection, exports, match, lookup and table != "accounts")
    return likeness


def _best(file: str, types: dict[str, str], taken: set[str]) -> _Match | None:
    matches = [m for t in TABLES.values() if t.name not in taken and (m := _match(file, types, t))]
    return max(
        matches, key=lambda m: (m.named, -len(m.lacking), len(m.sources) - len(m.unsure), -len(m.unsure)), default=None
    )


def _match(file: str, types: dict[str, str], table: Table) -> _Match | None:
    stem = plain_name(file.rsplit("/", 1)[-1].split(".")[0])
    named = any(plain_name(n) == stem for n in (table.name, *_known()["tables"].get(table.name, ())))
    sources: dict[str, str] = {}
    unsure = []
    for column in table.columns:
        source, sure = _source(column.name, [t for t in types if t not in sources.values()])
        if source:
            sources[column.name] = source
            unsure += [] if sure else [column.name]
    required = [c.name for c in table.columns if c.required]
    lacking = tuple(c for c in required if c not in sources)
    enough = not lacking or (named and len(lacking) < len(required))
    return _Match(table.name, file, sources, tuple(unsure), lacking, named) if enough and len(sources) > 1 else None


def _source(column: str, names: list[str]) -> tuple[str, bool]:
    plain = {plain_name(n): n for n in reversed(names)}
    for word in (column, *_known()["columns"].get(column, ())):
        if plain_name(word) in plain:
            return plain[plain_name(word)], True
    near = difflib.get_close_matches(plain_name(column), plain, n=1, cutoff=ALIKE)
    return (plain[near[0]], False) if near else ("", False)


def _add(likeness: Likeness, connection: Any, exports: str, match: _Match, lookup: bool) -> None:
    table, name = TABLES[match.table], f"{match.table}_export"
    source, types = read_columns(connection, exports, match.file)
    german = looks_german(connection, source, types)
    columns: dict[str, Column] = {}
    questions = {c: f"only alike: is it {c}?" for c in match.unsure}
    lines = []
    for column in table.columns:
        origin = match.sources.get(column.name, "")
        if not origin:
            continue
        keys: dict[str, Any] = {"from": origin} | ({"as": KINDS[column.kind]} if column.kind != "string" else {})
        form = form_of(
            connection,
            source,
            types,
            origin,
            "money" if column.name in ("mrr", "amount") else KINDS[column.kind],
            german,
        )
        keys |= form.keys
        if column.name == "mrr" and plain_name(origin) in map(plain_name, _known()["per_year"]):
            keys["per"] = "year"
        columns[column.name] = Column.model_validate(keys)
        questions |= {column.name: form.question} if form.question else {}
        lines.append(_line(likeness, connection, source, match, column, origin, lookup))
    lines = [f"    null as {c},  -- QUESTION: which column is it?" for c in match.lacking] + lines
    place = {"table" if exports.startswith("duckdb:") else "file": match.file}
    likeness.inputs[name] = FoundInput(name, Input(**place, columns=columns), questions)
    body = "\n".join(lines).rstrip(",")
    likeness.queries[match.table] = f"-- {match.file}, by the names of its columns\nselect\n{body}\nfrom {name}\n"
    sources = ", ".join(f"{c}: {s}" for c, s in match.sources.items())
    likeness.hints.append(
        f"{match.file} looks like {match.table} ({sources}): add `columns` to --from, or write {match.table}.sql "
        "(docs/your-own-exports.md)."
    )
    likeness.questions.extend(
        f"{match.file}: {c} of {match.table} is in no column; see {match.table}.sql." for c in match.lacking
    )


def _line(
    likeness: Likeness, connection: Any, source: str, match: _Match, column: Any, origin: str, lookup: bool
) -> str:
    if column.name in ("account_id", "parent_id") and lookup:
        return f"    account_of({column.name}) as {column.name},"
    if not column.choices:
        return f"    {column.name},"
    words = f"{match.table}_{column.name}"
    quoted = '"' + origin.replace('"', '""') + '"'
    rows = connection.con.execute(
        f"select distinct lower(filled({quoted})) from {source} where filled({quoted}) is not null order by 1 limit 50"
    ).fetchall()
    known = _known()["words"].get(column.name, {})
    meanings = {text: text if text in column.choices else known.get(text, "") for (text,) in rows}
    likeness.words[words] = meanings
    unknown = [text for text, meaning in meanings.items() if not meaning]
    if unknown:
        likeness.questions.append(
            f"{match.file}: what do {', '.join(unknown[:8])} mean in {origin}? One of {', '.join(column.choices)}, "
            f"under words: {words}."
        )
    return f"    {words}_word({column.name}) as {column.name},"


@lru_cache
def _known() -> dict[str, Any]:
    text = package_files("rind.features.mapping").joinpath("likeness.yaml").read_text(encoding="utf-8")
    known: dict[str, Any] = yaml.safe_load(text)
    return known
