"""The inputs of a mapping as views with the mapping's own column names and real types."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rind.common.errors import SourceError
from rind.features.engine import reading
from rind.features.locations import has_scheme
from rind.features.mapping import files
from rind.features.mapping.conversions import identifier, is_there, literal, raw_value, value
from rind.features.mapping.spec import Column, Input, MappingFile, Spec

PARSED = ("number", "time", "date")


def exports_of(mapping: MappingFile) -> str:
    """The folder or URL of the exports; a relative path counts from mapping.yaml."""
    exports = mapping.spec.exports
    return exports if has_scheme(exports) else str((mapping.path.parent / Path(exports).expanduser()).resolve())


def define_rates(connection: Any, rates: Mapping[str, float | None]) -> None:
    """The function ``own_money(amount, currency, day)``: by the rates of mapping.yaml; 1 where none is decided.

    A query ``rates`` defines it anew (`queries.LOOKUPS`).
    """
    cases = " ".join(f"when {literal(code)} then {rate!r}" for code, rate in rates.items() if rate is not None)
    factor = f"case upper(code) {cases} else 1 end" if cases else "1"
    connection.con.execute(f"create macro own_money(amount, code, on_day) as amount * {factor}")


def define_words(connection: Any, words: dict[str, dict[str, str]]) -> None:
    """Two functions for each list, in which ``*`` stands for any letters and the first word that fits counts.

    ``<list>_word(text)`` is the meaning, missing where it is "" or the list has no such word; ``<list>_listed(text)``
    says whether it has.
    """
    for name, meanings in words.items():
        cases = " ".join(
            f"when lower(trim(t::varchar)) glob {literal(_glob(word))} then {literal(meaning)}"
            for word, meaning in meanings.items()
        )
        body = f"case {cases} end" if cases else "null::varchar"
        connection.con.execute(f"create macro {identifier(name + '_word')}(t) as nullif({body}, '')")
        connection.con.execute(f"create macro {identifier(name + '_listed')}(t) as {body} is not null")


def define_inputs(connection: Any, mapping: MappingFile) -> tuple[str, ...]:
    """Create the view of each input; give the names of the exports that no input reads.

    Raises
    ------
    SourceError
        A file or a column is not there, or too many values cannot be read in the form that the mapping says.
    """
    exports = exports_of(mapping)
    names = files.export_names(connection, exports)
    used: set[str] = set()
    for name, spec in mapping.spec.inputs.items():
        files_found = files.matching(names, spec.file or spec.table)
        if not files_found:
            raise _no_file(mapping, name, spec, names)
        used.update(files_found)
        with reading(f"{', '.join(files_found)} (the input {name}, {mapping.place('inputs', name)})"):
            source = _relation(connection, exports, files_found, spec)
            types = files.column_types(connection, source)
            _check_columns(mapping, name, spec, types, files_found)
            connection.con.execute(
                f"create view {identifier(name)} as select {view_columns(spec, types, mapping.spec)} from {source}"
            )
            _check_readable(connection, mapping, name, spec, source, types)
    return tuple(n for n in names if n not in used)


def view_columns(spec: Input, types: dict[str, str], mapping: Spec) -> str:
    """The select list of an input's view: one typed column for each that the mapping names."""
    return ", ".join(f"{expression(c, spec, types, mapping)} as {identifier(n)}" for n, c in spec.columns.items())


def expression(column: Column, spec: Input, types: dict[str, str], mapping: Spec) -> str:
    """The typed value of one column of an input."""
    named = spec.columns.get(column.currency)
    currency = f"filled({raw_value(named.source, types)})" if named else ""
    return value(column, raw_value(column.source, types), types.get(column.source, "VARCHAR"), mapping, currency)


def _relation(connection: Any, exports: str, files_found: list[str], spec: Input) -> str:
    if exports.startswith("duckdb:"):
        return ".".join(identifier(p) for p in (files.ATTACHED, *files_found[0].split(".")))
    options = {"delimiter": spec.delimiter, "encoding": spec.encoding, "sheet": spec.sheet}
    return files.relation(connection, exports, files_found, options)


def _check_columns(mapping: MappingFile, name: str, spec: Input, types: dict[str, str], files_found: list[str]) -> None:
    lower = {t.lower() for t in types}
    for column, detail in spec.columns.items():
        if detail.source and not is_there(detail.source, types) and detail.source.lower() not in lower:
            near = difflib.get_close_matches(detail.source, types, n=1, cutoff=0.6)
            where = mapping.place("inputs", name, "columns", column)
            raise SourceError(
                f"{where}: {', '.join(files_found)} has no column {detail.source!r}",
                f"Is it {near[0]!r}?" if near else f"It has: {', '.join(types)}.",
            )


def _check_readable(
    connection: Any, mapping: MappingFile, name: str, spec: Input, source: str, types: dict[str, str]
) -> None:
    """A file whose form has changed would otherwise only look empty."""
    parsed = {
        n: c
        for n, c in spec.columns.items()
        if c.source and c.kind in PARSED and types.get(c.source, "VARCHAR") == "VARCHAR"
    }
    if not parsed:
        return
    raws = {n: f"filled({raw_value(c.source, types)})" for n, c in parsed.items()}
    counts = ", ".join(
        f"count({raws[n]}), count({raws[n]}) filter ({expression(c, spec, types, mapping.spec)} is null), "
        f"any_value({raws[n]}) filter ({expression(c, spec, types, mapping.spec)} is null)"
        for n, c in parsed.items()
    )
    row = connection.con.execute(f"select {counts} from {source}").fetchone()
    for i, (column, detail) in enumerate(parsed.items()):
        filled, lost, example = row[3 * i : 3 * i + 3]
        if lost > mapping.spec.unreadable_at_most * filled:
            raise SourceError(
                f"{mapping.place('inputs', name, 'columns', column)}: {lost} of {filled} values of {detail.source!r} "
                f"cannot be read as {detail.kind} written {detail.written or 'plainly'}, such as {example!r}",
                "Correct `written:`; or raise `unreadable_at_most` in mapping.yaml to count them as empty.",
            )


def _no_file(mapping: MappingFile, name: str, spec: Input, names: list[str]) -> SourceError:
    wanted = spec.file or spec.table
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
    there = f"Is it {near[0]}?" if near else f"There are: {', '.join(names[:12]) or 'none that can be read'}."
    key = "file" if spec.file else "table"
    return SourceError(f"{mapping.place('inputs', name, key)}: there is no {wanted} in {exports_of(mapping)}", there)


def _glob(word: str) -> str:
    """DuckDB's GLOB, with only ``*`` special."""
    return "".join(f"[{c}]" if c in "?[" else c for c in word.strip().lower())
