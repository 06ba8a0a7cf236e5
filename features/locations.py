"""Where the tables of a source lie: files of a folder, paths and secrets in a URL."""

from __future__ import annotations

import codecs
import csv
import gzip
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from rind.common.errors import SourceError
from rind.features.names import matched

SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv"}
HEADER_BYTES = 1 << 20
"""A header line longer than this is none."""

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_USER_PASSWORD = re.compile(r"^([^:/?#]+://[^:/?#]*):(.*)@(?=[^@]*$)", re.DOTALL)
_SECRET_OPTION = re.compile(r"([?&](?:password|passwd|pwd|token|secret|sslpassword)=)[^&#]*", re.IGNORECASE)

_PASSWORD_WITHIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^:/?#\s]*):\S*@")
_SECRET_WITHIN = re.compile(r"\b((?:password|passwd|pwd|token|secret|sslpassword)=)[^\s&#'\",;)]+", re.IGNORECASE)


def has_scheme(url: str) -> bool:
    """Whether the text is a URL and not a path."""
    return bool(_SCHEME.match(url))


def masked(url: str) -> str:
    """The URL without its password, for messages and records."""
    return _SECRET_OPTION.sub(r"\1***", _USER_PASSWORD.sub(r"\1:***@", url))


def place_name(url: str) -> str:
    """The own name of a folder, file or database, without where it lies: ``crm`` of ``postgres://me@host/crm``.

    Of a mapping's file it is the folder's; "" where a place has no name.
    """
    if has_scheme(url):
        name = url.split("://", 1)[1].split("?")[0].partition("/")[2].rstrip("/").rpartition("/")[2]
        return unquote(name).removesuffix(".db").removesuffix(".duckdb")
    path = Path(os.path.abspath(Path(url).expanduser()))
    return path.parent.name if path.suffix in (".yaml", ".yml") else path.name


def masked_text(text: str) -> str:
    """A text without the passwords of the URLs and connection strings in it, whichever they are."""
    return _SECRET_WITHIN.sub(r"\1***", _PASSWORD_WITHIN.sub(r"\1:***@", text))


def without_secret(text: str, url: str) -> str:
    """The text without the URL's password, wherever a driver may have quoted it."""
    text = text.replace(url, masked(url))
    parts = _USER_PASSWORD.match(url)
    for secret in {parts[2], unquote(parts[2])} if parts and parts[2] else ():
        text = text.replace(secret, "***")
    return text


def refuse_ambiguous_password(url: str) -> None:
    """A password with a bare separator would be cut there, and its rest taken for the name of a host."""
    parts = _USER_PASSWORD.match(url)
    if parts and any(separator in parts[2] for separator in "@/?#:"):
        raise SourceError(
            f"cannot read {masked(url)}: its password holds one of @ / ? # :",
            "Percent-encode it: @ is %40, / is %2F, ? is %3F, # is %23, : is %3A.",
        )


def resolve_duckdb(url: str) -> str:
    """The file of a ``duckdb://`` URL: the absolute path if it exists, else the one relative to here.

    ``duckdb:///file.db`` is written for both, with and without a leading slash of its own.
    """
    text = url.split("://", 1)[1]
    spellings = dict.fromkeys((text, unquote(text), text.split("?", 1)[0]))
    candidates = [Path(p) for spelling in spellings for p in (spelling, spelling.lstrip("/")) if p]
    file = next((path for path in candidates if path.is_file()), None)
    if file is None:
        raise SourceError(
            f"there is no database file at {text or '(no path given)'}",
            "Write duckdb:///folder/file.db for a path from the root, duckdb://file.db for one from here.",
        )
    return str(file)


def find_tables(folder: Path, names: tuple[str, ...]) -> tuple[dict[str, tuple[str, list[Path]]], tuple[str, ...]]:
    """The files of each table in a folder.

    Returns
    -------
    tuple
        Table -> (format, files in the order of their names), and the files from which no table was read
        (hidden ones aside). A name may differ from the table's in case, blanks and underscores.
    """
    if not folder.is_dir():
        what = "a file, not a folder" if folder.is_file() else "not there"
        raise SourceError(
            f"cannot open the source {folder}: it is {what}",
            "Give the folder that holds accounts, subscriptions, usage (.parquet or .csv), or a database URL.",
        )
    try:
        entries = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "_")))
        named = list(dict.fromkeys(_table_name(path) for path in entries))
        paths = {name: _files_of(name, entries, alias) for name, alias in matched(names, named).items()}
    except OSError as error:
        raise SourceError(f"cannot read the folder {folder}: {error.strerror}", "May you read it?") from error
    tables = {name: files for name, files in paths.items() if files is not None}
    read = {part for _, parts in tables.values() for part in parts}
    return tables, tuple(name for path in entries for name in _unread(path, folder, read))


def _unread(path: Path, folder: Path, read: set[Path]) -> list[str]:
    """The file or the folder itself where nothing of it was read, else what lies in it beside the parts."""
    inside = [part for part in path.rglob("*") if part.is_file()] if path.is_dir() else [path]
    left = [part for part in sorted(inside) if part not in read and not _hidden(part, folder)]
    if path.is_dir() and len(left) == len(inside):
        return [path.name]
    return [str(part.relative_to(folder)) for part in left]


def _hidden(path: Path, folder: Path) -> bool:
    return any(name.startswith((".", "_")) for name in path.relative_to(folder).parts)


@dataclass(frozen=True)
class CsvLayout:
    """How a CSV file is written."""

    delimiter: str
    columns: tuple[str, ...]
    line_end: str
    encoding: str


def csv_layout(path: Path) -> CsvLayout:
    """The layout of a CSV file, from its first line.

    Not left to the engine's sniffer: that takes a ragged line for the header and skips all before it.
    """
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rb") as file:
        begin = file.read(HEADER_BYTES)
    encoding = "utf-16" if begin[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
    text = begin.decode("utf-16" if encoding == "utf-16" else "utf-8-sig", errors="ignore")
    line, line_end = _first_line(text)
    if not line.strip():
        raise SourceError(f"cannot read {path}: it has no header line", "The first line must name the columns.")
    delimiter = max(",;\t|", key=line.count)
    (names,) = csv.reader([line], delimiter=delimiter)
    return CsvLayout(delimiter, _unique(names), line_end, encoding)


def _first_line(text: str) -> tuple[str, str]:
    """The first line without its end, and that end: old Macs wrote a carriage return alone."""
    line_end = re.search(r"\r\n|\n|\r", text)
    return (text, "\n") if line_end is None else (text[: line_end.start()], line_end[0])


def _unique(names: list[str]) -> tuple[str, ...]:
    positions: dict[str, int] = {}
    for position, name in enumerate(names):
        unique = name.strip() if name.strip() and name.strip() not in positions else f"{name.strip()}_{position + 1}"
        positions[unique] = position
    return tuple(positions)


def _files_of(name: str, entries: list[Path], alias: str) -> tuple[str, list[Path]] | None:
    places = [path for path in entries if _table_name(path) == alias]
    by_place = {path: _parts(path) for path in places}
    filled = {path: parts for path, parts in by_place.items() if parts}
    formats = {SUFFIXES[_suffix(part)] for parts in filled.values() for part in parts}
    if len(filled) > 1 or len(formats) > 1:
        where = ", ".join(path.name for path in filled)
        raise SourceError(
            f"the table {name} is there more than once: {where} ({' and '.join(sorted(formats))})",
            "Keep one of them: which one is right is not for us to guess.",
        )
    if not filled:
        return None
    (parts,) = filled.values()
    return formats.pop(), parts


def _parts(path: Path) -> list[Path]:
    """The file itself, or the parts in a folder (Spark names folders like files); markers are hidden."""
    if path.is_file():
        return [path]
    inside = sorted(part for part in path.rglob("*") if part.is_file() and _suffix(part))
    return [part for part in inside if not _hidden(part, path)]


def _table_name(path: Path) -> str:
    suffix = _suffix(path)
    if path.is_dir() or suffix:
        return path.name[: len(path.name) - len(suffix)]
    return ""


def _suffix(path: Path) -> str:
    """The suffix that says the format, "" where there is none that we read; the longest one wins."""
    return next((s for s in sorted(SUFFIXES, key=len, reverse=True) if path.name.lower().endswith(s)), "")
