"""The input tables in `docs/data-contract.md`, printed from `features.tables`.

``python -m rind.features.contract_doc`` writes them into the document; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rind.common.files import write_text
from rind.features.tables import TABLES, Column, Table

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "data-contract.md"
BEGIN, END = "<!-- tables: generated -->", "<!-- tables: end -->"
TYPES = {
    "id": "id", "string": "text", "date": "date", "timestamp": "time", "integer": "whole number", "number": "number",
    "boolean": "true or false",
}  # fmt: skip


def document(text: str) -> str:
    """The document with its tables printed anew between the two marks; ValueError where a mark is missing."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the document needs the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{tables_text()}\n{END}{after}"


def tables_text() -> str:
    """Every input table in Markdown: an overview, then one section a table with one line a column."""
    overview = ["| table | one row is | required |", "|---|---|---|"]
    overview += [f"| [`{t.name}`](#{t.name}) | {t.one_row} | {'yes' if t.required else ''} |" for t in TABLES.values()]
    return "\n".join([*overview, "", *(line for table in TABLES.values() for line in _section(table))])


def _section(table: Table) -> Iterator[str]:
    yield f"### `{table.name}`"
    yield ""
    yield f"One row is {table.one_row}. {_identity(table)}"
    yield ""
    yield "| column | type | may be empty | what it holds |"
    yield "|---|---|---|---|"
    for column in table.columns:
        empty = "" if column.required else "yes"
        yield f"| `{column.name}` | {TYPES[column.kind]} | {empty} | {'; '.join(_facts(column))} |"
    yield ""


def _identity(table: Table) -> str:
    when = " or, where that is empty, ".join(f"`{name}`" for name in table.happened)
    key = ", ".join(f"`{name}`" for name in table.key)
    identity = f"Its key is {key}" if key else "Rows have no key"
    return f"{identity}; it happened at {when}."


def _facts(column: Column) -> Iterator[str]:
    if column.about:
        yield column.about
    if column.choices:
        yield "one of " + ", ".join(f"`{choice}`" for choice in column.choices)
    for words, bound in (("at least", column.at_least), ("at most", column.at_most), ("more than", column.above)):
        if bound is not None:
            yield f"{words} {bound:g}"
    if column.known_from:
        own = column.known_from == column.name
        yield "filled in later" if own else f"filled in later, with `{column.known_from}`"


def main() -> None:
    """Write the tables into the document."""
    write_text(DOCUMENT, document(DOCUMENT.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
