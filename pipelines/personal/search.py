"""A search for ids and names over all files of a folder: values of Parquet, parts of zips, the bytes of all others."""

from __future__ import annotations

import gzip
import json
import mmap
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

import pyarrow.compute as pc
import pyarrow.parquet as pq
from markupsafe import escape
from pyarrow import lib as pa
from pyarrow import types

PARQUET = b"PAR1"
"""How a Parquet file begins."""
SQLITE = (b"SQLite format 3", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
"""How a file of SQLite and its log begin: texts stand there without anything between them."""
SHORTEST_WITHIN = 4
"""Letters of a term that is looked for within others; a shorter one is found in anything."""


class Patterns(NamedTuple):
    """Finds a term as a word of its own, and within other letters."""

    word: re.Pattern[bytes]
    within: re.Pattern[bytes]


def traces(folder: Path, terms: Collection[str], leave_out: Collection[str] = ()) -> list[str]:
    """The files below a folder that name one of the terms, by their path in it.

    Parameters
    ----------
    leave_out
        Files and folders directly below it that are not searched.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    searched = [path for path in files if path.relative_to(folder).parts[0] not in leave_out]
    patterns = _patterns(terms)
    return [str(path.relative_to(folder)) for path in searched if patterns and _names(path, patterns)]


def _patterns(terms: Collection[str]) -> Patterns | None:
    """The terms plain, as HTML and XML escape them, and as JSON does."""
    spellings = {
        spelling.encode("utf-8", "surrogatepass")
        for term in terms
        if term
        for text in (term, str(escape(term)), term.replace("&", "&amp;").replace("<", "&lt;"))
        for spelling in (text, json.dumps(text)[1:-1])
    }
    if not spellings:
        return None
    every = b"|".join(map(re.escape, sorted(spellings)))
    long = [re.escape(spelling) for spelling in sorted(spellings) if len(spelling) >= SHORTEST_WITHIN]
    word = re.compile(rb"(?<![0-9A-Za-z])(?:" + every + rb")(?![0-9A-Za-z])")
    return Patterns(word, re.compile(b"|".join(long)) if long else word)


def _names(path: Path, patterns: Patterns) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        head = raw[:16]
        pattern = patterns.within if head.startswith(SQLITE) else patterns.word
        if pattern.search(raw):
            return True
    return any(patterns.word.search(content) is not None for content in _contents(path, head))


def _contents(path: Path, head: bytes) -> Iterator[bytes]:
    """What a compressed file says, part by part; nothing of one that is not."""
    if head.startswith(PARQUET):
        yield from _values(path)
    elif head.startswith(b"PK\x03\x04"):
        with suppress(BadZipFile), ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif head.startswith(b"\x1f\x8b"):
        yield gzip.decompress(path.read_bytes())


def _values(path: Path) -> Iterator[bytes]:
    """The different texts and whole numbers of each column of a Parquet file, one a line."""
    file = pq.ParquetFile(path)
    for name, type_ in zip(file.schema_arrow.names, file.schema_arrow.types, strict=True):
        if _is_text(type_):
            for group in range(file.num_row_groups):
                values = pc.call_function("unique", [file.read_row_group(group, [name])[name]])
                yield "\n".join(str(value) for value in values.to_pylist()).encode("utf-8", "replace")


def _is_text(type_: pa.DataType) -> bool:
    inner = type_.value_type if types.is_dictionary(type_) else type_
    return bool(types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner))
