"""Where the tables of a source lie: files of a folder, paths and secrets in a URL."""

from __future__ import annotations

import glob
import re
from pathlib import Path
from urllib.parse import unquote

from common.errors import SourceError

SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv"}
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_USER_PASSWORD = re.compile(r"^([^:/?#]+://[^:/?#]*):(.*)@(?=[^@]*$)", re.DOTALL)
_SECRET_OPTION = re.compile(r"([?&](?:password|passwd|pwd|token|secret|sslpassword)=)[^&#]*", re.IGNORECASE)


def has_scheme(url: str) -> bool:
    """Whether the text is a URL and not a path."""
    return bool(_SCHEME.match(url))


def masked(url: str) -> str:
    """The URL without its password, for messages and records."""
    return _SECRET_OPTION.sub(r"\1***", _USER_PASSWORD.sub(r"\1:***@", url))


def resolve_duckdb(url: str) -> str:
    """The file of a ``duckdb://`` URL: the absolute path if it exists, else the one relative to here.

    ``duckdb:///file.db`` is written for both, with and without a leading slash of its own.
    """
    text = url.split("://", 1)[1]
    spellings = dict.fromkeys((text, unquote(text), text.split("?", 1)[0]))
    candidates = [Path(p) for spelling in spellings for p in (spelling, spelling.lstrip("/")) if p]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise SourceError(
            f"there is no database file at {text or '(no path given)'}",
            "Write duckdb:///folder/file.db for a path from the root, duckdb://file.db for one from here.",
        )
    return str(found)


def find_tables(folder: Path, names: tuple[str, ...]) -> tuple[dict[str, tuple[str, list[str]]], tuple[str, ...]]:
    """The files of each table in a folder.

    Returns
    -------
    tuple
        Table -> (format, paths ready for a globbing reader, in the order of their names), and what else
        lies in the folder (hidden files aside).
    """
    if not folder.is_dir():
        what = "a file, not a folder" if folder.is_file() else "not there"
        raise SourceError(
            f"cannot open the source {folder}: it is {what}",
            "Give the folder that holds accounts, subscriptions, usage (.parquet or .csv), or a database URL.",
        )
    try:
        entries = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "_")))
        found = {name: _files_of(name, entries) for name in names}
    except OSError as error:
        raise SourceError(f"cannot read the folder {folder}: {error.strerror}", "May you read it?") from error
    tables = {name: files for name, files in found.items() if files is not None}
    return tables, tuple(path.name for path in entries if _table_name(path) not in tables)


def _files_of(name: str, entries: list[Path]) -> tuple[str, list[str]] | None:
    places = [path for path in entries if _table_name(path) == name]
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
    return formats.pop(), [glob.escape(str(part)) for part in parts]


def _parts(path: Path) -> list[Path]:
    """The file itself, or the parts in a folder (Spark names folders like files); markers are hidden."""
    if path.is_file():
        return [path]
    inside = sorted(part for part in path.rglob("*") if part.is_file() and _suffix(part))
    return [p for p in inside if not any(n.startswith((".", "_")) for n in p.relative_to(path).parts)]


def _table_name(path: Path) -> str:
    suffix = _suffix(path)
    if path.is_dir() or suffix:
        return path.name.removesuffix(suffix)
    return ""


def _suffix(path: Path) -> str:
    """The suffix that says the format, "" where there is none that we read; the longest one wins."""
    return next((s for s in sorted(SUFFIXES, key=len, reverse=True) if path.name.endswith(s)), "")
