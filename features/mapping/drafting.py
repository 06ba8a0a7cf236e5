"""`rind map`: a first mapping for the exports of known systems, and what it could not decide."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rind.common.errors import SourceError, UsageError
from rind.features.engine import reading
from rind.features.locations import has_scheme
from rind.features.mapping import files
from rind.features.mapping.composing import Systems
from rind.features.mapping.conversions import identifier
from rind.features.mapping.inputs import define_rates, define_words, view_columns
from rind.features.mapping.likeness import liken
from rind.features.mapping.opening import LAZY, mapping_connection
from rind.features.mapping.queries import LOOKUPS, RATES, Query, create, in_order
from rind.features.mapping.questions import about_currencies, about_inputs, checked, currencies, inputs_in
from rind.features.mapping.recognition import FoundInput, find_input, read_columns
from rind.features.mapping.registry import System, system
from rind.features.mapping.spec import FILE, Spec
from rind.features.mapping.writing import mapping_yaml
from rind.features.tables import TABLES

COLUMNS = "columns"
EXAMPLES = 5


@dataclass(frozen=True)
class Draft:
    """A mapping that was written.

    Parameters
    ----------
    inputs
        Input -> the file that it was found in.
    rows
        Table -> rows that its SQL gives.
    questions
        What a person must decide or should know, each a sentence.
    unread
        Exports that nothing reads.
    """

    folder: Path
    inputs: dict[str, str]
    rows: dict[str, int]
    questions: list[str] = field(default_factory=list)
    unread: tuple[str, ...] = ()


def draft(systems: list[str], exports: str, out: Path) -> Draft:
    """Write a mapping for the exports of these systems into a new folder.

    Raises
    ------
    UsageError
        A system is not known, or the folder holds something already.
    SourceError
        The exports cannot be read, or hold nothing of these systems.
    """
    known = {name: system(name) for name in systems if name != COLUMNS}
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            f"{out} is there already", "Name another folder with --out, or remove it: your own changes are in it."
        )
    exports = exports if has_scheme(exports) else str(Path(exports).expanduser().resolve())
    connection = mapping_connection(exports)
    try:
        return _draft(connection, known, COLUMNS in systems, exports, out)
    finally:
        connection.disconnect()


def _draft(connection: Any, known: dict[str, System], columns: bool, exports: str, out: Path) -> Draft:
    with reading(exports, exports):
        names = files.export_names(connection, exports)
    inputs = _find(connection, exports, names, known)
    unread = tuple(
        n
        for n in names
        if n
        not in {f.spec.file or f.spec.table for f in inputs.values()} | {a for f in inputs.values() for a in f.also}
    )
    likeness = liken(connection, exports, list(unread), _tables(known, inputs), bool(known))
    if columns:
        inputs |= likeness.inputs
    if not inputs:
        raise SourceError(
            f"nothing in {exports} is an export of {', '.join(known) or 'any table'}",
            f"There are: {', '.join(names[:20]) or 'no files'}.",
        )
    composed = Systems(known, inputs)
    words = _words(known, inputs) | (likeness.words if columns else {})
    spec = Spec(exports=exports, inputs={n: f.spec for n, f in inputs.items()}, words=words)
    _define(connection, exports, spec)
    questions = [*_facts(connection, composed), *about_inputs(known, inputs)]
    texts = (composed.queries() if known else {}) | (likeness.queries if columns else {})
    checked, rows = _run(connection, composed, texts)
    money = currencies(connection, texts)
    choices = about_currencies(money, RATES in texts)
    questions = [*choices, *questions, *checked, *(likeness.questions if columns else likeness.hints)]
    update: dict[str, Any] = {"currency": next(iter(money), ""), "exports": _as_written(exports, out)}
    if RATES not in texts:
        update |= {"rates": dict.fromkeys(list(money)[1:])}
    spec = spec.model_copy(update=update)
    _write(out, mapping_yaml(spec, known, inputs, questions, money), texts)
    used = {n: f.spec.file or f.spec.table for n, f in inputs.items()}
    return Draft(out, used, rows, questions, tuple(n for n in unread if n not in used.values()))


def _find(connection: Any, exports: str, names: list[str], known: dict[str, System]) -> dict[str, FoundInput]:
    inputs: dict[str, FoundInput] = {}
    taken: set[str] = set()
    for system_name, details in known.items():
        ours = [n for n in names if n not in taken and not _of_another(n, system_name, known)]
        for name, known_input in details.inputs.items():
            with reading(f"an export of {details.title}"):
                one = find_input(connection, exports, [n for n in ours if n not in taken], name, known_input)
            if one:
                inputs[name] = one
                taken.add(one.spec.file or one.spec.table)
    return inputs


def _of_another(file: str, name: str, known: dict[str, System]) -> bool:
    """A file whose name says another system is not ours: zendesk_users is not HubSpot's."""
    lower = file.lower()
    return name not in lower and any(other in lower for other in known if other != name)


def _tables(known: dict[str, System], inputs: dict[str, FoundInput]) -> set[str]:
    """Tables that the systems give."""
    return {
        t
        for s in known.values()
        for t, p in s.tables.items()
        if set(p.needs) <= set(inputs) and set(s.inputs) & set(inputs)
    }


def _words(known: dict[str, System], inputs: dict[str, FoundInput]) -> dict[str, dict[str, str]]:
    """The lists of words of all systems; lists of one name become one, in which the first system's meaning counts."""
    words: dict[str, dict[str, str]] = {}
    for details in known.values():
        if not any(name in inputs for name in details.inputs):
            continue
        for name, meanings in details.words.items():
            words[name] = (
                meanings | words.get(name, {})
                if name not in words
                else words[name] | {w: m for w, m in meanings.items() if w not in words[name]}
            )
    return words


def _define(connection: Any, exports: str, spec: Spec) -> None:
    define_words(connection, spec.words)
    define_rates(connection, spec.rates)
    for name, detail in spec.inputs.items():
        source, types = read_columns(connection, exports, detail.file or detail.table)
        connection.con.execute(
            f"create table {identifier(name)} as select {view_columns(detail, types, spec)} from {source}"
        )


def _facts(connection: Any, composed: Systems) -> list[str]:
    questions = []
    for details in composed.systems.values():
        for name, fact in details.facts.items():
            comment = (
                connection.con.execute(fact.sql).fetchone()[0]
                if composed.has(fact.needs) and composed.has(inputs_in(fact.sql, details))
                else None
            )
            composed.facts[name] = bool(comment)
            if comment is None and any(i in composed.inputs for i in details.inputs):
                questions.append(f"{details.title}: the exports do not tell whether {fact.about}; taken as no.")
    return questions


def _run(connection: Any, composed: Systems, texts: dict[str, str]) -> tuple[list[str], dict[str, int]]:
    """Compute all queries once: what they give, and what did not meet."""
    for query in in_order({n: Query(n, Path(f"{n}.sql"), t) for n, t in texts.items()}):
        create(connection, query, "view" if query.name in LAZY else "table")
        if query.name in LOOKUPS:
            connection.con.execute(LOOKUPS[query.name])
    rows = {t: connection.con.execute(f"select count(*) from {t}").fetchone()[0] for t in TABLES if t in texts}
    return checked(connection, composed, texts), rows


def _as_written(exports: str, out: Path) -> str:
    """A folder near the mapping is named from there, so that both can be moved; one far away by its whole path."""
    if has_scheme(exports):
        return exports
    near = len(Path(os.path.commonpath([exports, out.resolve()])).parts) > 2
    return os.path.relpath(exports, out.resolve()) if near else exports


def _write(out: Path, text: str, texts: dict[str, str]) -> None:
    """All files or none."""
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        for name, content in {FILE: text, **{f"{n}.sql": t for n, t in texts.items()}}.items():
            (temporary / name).write_text(content, encoding="utf-8")
        if out.exists():
            out.rmdir()
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
