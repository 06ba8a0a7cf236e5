"""Rows of persons cut out of one file of results, each replaced whole; what is a sum stays as it was."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Collection
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import lib as pa

from rind.common.files import atomic_path, write_json, write_text
from rind.pipelines.personal.persons import COLUMNS, Persons

KEPT_ROWS = {"tickets", "interactions", "surveys", "usage"}
"""Stored tables of the source whose rows stay with their account when a contact is forgotten; the id and what the
person wrote are emptied."""
WRITTEN_BY_PERSONS = ("comment",)
GONE = object()
BLOCKS = re.compile(r"<(tr|li)\b[^>]*>(?:(?!<\1\b).)*?</\1>", re.DOTALL)
HEAD = re.compile(r'<th scope="row"[^>]*>.*?</th>', re.DOTALL)


def cut(path: Path, persons: Persons) -> int:
    """Cut the persons out of a file by its kind; how many rows, objects or texts were. Other kinds are left alone."""
    kinds: dict[str, Callable[[Path, Persons], int]] = {
        ".parquet": cut_parquet, ".json": cut_json, ".csv": cut_csv, ".html": cut_html,
    }  # fmt: skip
    return kinds[path.suffix](path, persons) if path.suffix in kinds else 0


def cut_parquet(path: Path, persons: Persons) -> int:
    """Leave out the rows with one of their ids; of `KEPT_ROWS` in a folder ``tables`` empty the contact instead."""
    file = pq.ParquetFile(path)
    columns = [name for name in file.schema_arrow.names if persons.ids(name)]
    emptied = path.parent.name == "tables" and path.stem in KEPT_ROWS
    doomed = [name for name in columns if not (emptied and COLUMNS[name] == "contacts")]
    groups = [file.read_row_group(number) for number in range(file.num_row_groups)] if columns else []
    masks = [_mask(group, columns, persons) for group in groups]
    count = sum(pc.call_function("sum", [mask]).as_py() or 0 for mask in masks)
    if not count:
        return 0
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, file.schema_arrow) as writer:
        for group in groups:
            kept = group.filter(pc.call_function("invert", [_mask(group, doomed, persons)])) if doomed else group
            writer.write_table(_emptied(kept, persons) if emptied else kept)
    return int(count)


def _mask(table: pa.Table, columns: Collection[str], persons: Persons) -> pa.ChunkedArray:
    """Which rows hold one of their ids in one of the columns."""
    return reduce(_either, [_hits(table[name], name, persons) for name in columns])


def _either(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.call_function("or", [one, other])


def _hits(column: pa.ChunkedArray, name: str, persons: Persons) -> pa.ChunkedArray:
    column = column.cast(column.type.value_type) if isinstance(column.type, pa.DictionaryType) else column
    values = [value for value in pc.call_function("unique", [column]).to_pylist() if persons.is_one(name, value)]
    return pc.call_function("is_in", [column], pc.SetLookupOptions(pa.array(values, column.type), skip_nulls=True))


def _emptied(table: pa.Table, persons: Persons) -> pa.Table:
    """The rows with the contact, and what the contact wrote, emptied."""
    columns = [name for name in table.column_names if COLUMNS.get(name) == "contacts"]
    hit = _mask(table, columns, persons)
    for name in {*columns, *WRITTEN_BY_PERSONS} & set(table.column_names):
        column = table[name]
        value = pc.call_function("if_else", [hit, pa.scalar(None, column.type), column])
        table = table.set_column(table.column_names.index(name), table.schema.field(name), value)
    return table


def cut_json(path: Path, persons: Persons) -> int:
    """Leave out the objects with one of their ids; blank them in all other texts."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return 0
    kept, count = cut_document(document, persons)
    if count:
        write_json(path, kept)
    return count


def cut_document(document: Any, persons: Persons) -> tuple[Any, int]:
    """A JSON document without them, and how many objects and texts were changed; a document that is theirs is null."""
    counted = [0]
    kept = _cut_value(document, persons, counted)
    return (None if kept is GONE else kept), counted[0]


def _cut_value(value: Any, persons: Persons, counted: list[int], listed: bool = False) -> Any:
    if isinstance(value, dict):
        if any(persons.is_one(name, value.get(name)) for name in COLUMNS if name in value):
            counted[0] += 1
            return GONE
        cut_off = {key: _cut_value(each, persons, counted) for key, each in value.items() if not _is_id(key, persons)}
        counted[0] += len(value) - len(cut_off)
        return {persons.without_mentions(key): None if each is GONE else each for key, each in cut_off.items()}
    if isinstance(value, list):
        every = [_cut_value(each, persons, counted, True) for each in value]
        return [each for each in every if each is not GONE]
    if not isinstance(value, str):
        return value
    if listed and (persons.is_one("account_id", value) or persons.is_one("contact_id", value)):
        counted[0] += 1
        return GONE
    blanked = persons.without_mentions(value)
    counted[0] += blanked != value
    return blanked


def _is_id(text: str, persons: Persons) -> bool:
    """Whether a key is one of their ids; digits alone may be a number."""
    return not text.isdecimal() and (persons.is_one("account_id", text) or persons.is_one("contact_id", text))


def cut_csv(path: Path, persons: Persons) -> int:
    """Leave out the rows that name one of them: in a column whose name ends in id, or in words anywhere."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows:
        return 0
    of_ids = [place for place, name in enumerate(rows[0]) if re.fullmatch(r"(?i).*id(__c)?", name.strip())]
    kept = [rows[0], *(row for row in rows[1:] if not _is_theirs(row, of_ids, persons))]
    if len(kept) < len(rows):
        made = io.StringIO(newline="")
        csv.writer(made, lineterminator="\r\n" if "\r\n" in text else "\n").writerows(kept)
        write_text(path, made.getvalue())
    return len(rows) - len(kept)


def _is_theirs(row: list[str], of_ids: Collection[int], persons: Persons) -> bool:
    by_id = any(persons.is_one("account_id", row[place]) for place in of_ids if place < len(row))
    return by_id or any(persons.mentioned(cell) for cell in row)


def cut_html(path: Path, persons: Persons) -> int:
    """Leave out the rows and list items that are about them; blank them in all other texts. Ours are in UTF-8."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return 0
    counted = [0]

    def without(block: re.Match[str]) -> str:
        head = HEAD.search(block[0]) if block[1] == "tr" else block
        if head is None or not (persons.mentioned(head[0]) or _is_named(head[0], persons)):
            return block[0]
        counted[0] += 1
        return ""

    kept = persons.without_mentions(BLOCKS.sub(without, text))
    if kept != text:
        write_text(path, kept)
    return counted[0] or int(kept != text)


def _is_named(head: str, persons: Persons) -> bool:
    """Whether an id stands alone between tags or dots, as the lists write it."""
    return any(persons.is_one("account_id", piece) for piece in re.split(r"<[^>]*>|·", head) if piece.strip())
