"""A search for ids and names over all files of a folder: values of Parquet, parts of zips, the bytes of all others."""

from __future__ import annotations

import gzip
import json
import mmap
import re
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
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
COMPRESSED = (PARQUET, b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG")
"""How files begin whose bytes are compressed: a few letters stand there by chance."""
CELL_PLACES = re.compile(rb"""\b(?:r|ref|sqref|topLeftCell|activeCell)="[^"]*"|<f\b[^>]*>[^<]*</f>""")
"""Where a sheet names its own cells: C7 is a place there, and no contact."""
SHORTEST_WITHIN = 4
"""Letters of a term that is looked for within others; a shorter one is found in anything."""
SHORTEST_IN_COMPRESSED = 6
"""Letters of a term that is looked for in compressed bytes themselves; a shorter one only in what they unpack to."""
NOT_UNPACKED = (BadZipFile, EOFError, FileNotFoundError, ValueError, gzip.BadGzipFile, zlib.error, RuntimeError)
"""What zipfile, gzip and pyarrow raise of a file that is broken, is locked by a password, or is gone by now."""

TOKEN = re.compile(rb"[0-9A-Za-z]+")


class Terms:
    """What is looked for, in each spelling: as it is, as HTML and XML escape it, as JSON does.

    Of thousands of terms few begin with a word that a file holds: only these are looked for in it.
    """

    def __init__(self, terms: Collection[str]) -> None:
        spellings = {
            spelling.encode("utf-8", "surrogatepass")
            for term in terms
            if term
            for text in (term, str(escape(term)), term.replace("&", "&amp;").replace("<", "&lt;"))
            for spelling in (text, json.dumps(text)[1:-1])
        }
        self._by_first_word: dict[bytes, list[bytes]] = {}
        for spelling in spellings:
            first = TOKEN.search(spelling)
            self._by_first_word.setdefault(first[0] if first else b"", []).append(spelling)
        self._long = [spelling for spelling in spellings if len(spelling) >= SHORTEST_WITHIN]

    def stand_in(self, content: bytes | mmap.mmap, shortest: int = 1) -> bool:
        """Whether one of them, of at least ``shortest`` letters, stands there as a word of its own."""
        held = {token[0] for token in TOKEN.finditer(content)} | {b""}
        words = held & self._by_first_word.keys()
        likely = [each for word in words for each in self._by_first_word[word] if len(each) >= shortest]
        if not likely:
            return False
        any_of = b"|".join(map(re.escape, likely))
        return re.search(rb"(?<![0-9A-Za-z])(?:" + any_of + rb")(?![0-9A-Za-z])", content) is not None

    def stand_within(self, content: mmap.mmap) -> bool:
        """Whether one of them stands there, also between other letters."""
        return any(content.find(spelling) >= 0 for spelling in self._long)


def traces(folder: Path, terms: Collection[str], leave_out: Collection[str] = ()) -> list[str]:
    """The files below a folder that name one of the terms, by their path in it.

    Of a file that cannot be unpacked (half of one, one with a password) the bytes alone are searched; one that is gone
    when it would be read names nobody.

    Parameters
    ----------
    leave_out
        Files and folders directly below it that are not searched.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    searched = [path for path in files if path.relative_to(folder).parts[0] not in leave_out]
    wanted = Terms(terms)
    return [str(path.relative_to(folder)) for path in searched if _names(path, wanted)]


def _names(path: Path, terms: Terms) -> bool:
    try:
        if not path.stat().st_size:
            return False
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
            head = raw[:16]
            shortest = SHORTEST_IN_COMPRESSED if head.startswith(COMPRESSED) else 1
            if terms.stand_within(raw) if head.startswith(SQLITE) else terms.stand_in(raw, shortest):
                return True
    except FileNotFoundError:  # SQLite's log goes when a server ends
        return False
    with suppress(*NOT_UNPACKED):
        return any(terms.stand_in(content) for content in _contents(path, head))
    return False


def _contents(path: Path, head: bytes) -> Iterator[bytes]:
    """What a compressed file says, part by part; nothing of one that is not."""
    if head.startswith(PARQUET):
        yield from _values(path)
    elif head.startswith(b"PK\x03\x04"):
        with ZipFile(path) as archive:
            yield from (CELL_PLACES.sub(b"", archive.read(name)) for name in archive.namelist())
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
