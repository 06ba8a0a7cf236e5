"""Where the tables of a source lie: files of a folder, paths and secrets in a URL."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path
from urllib.parse import unquote

from rind.common.errors import SourceError

SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv"}
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


def masked_text(text: str) -> str:
    """A text without the passwords of the URLs and connection strings in it, whichever they are."""
    return _SECRET_WITHIN.sub(r"\1***", _PASSWORD_WITHIN.sub(r"\1:***@", text))


def without_secret(text: str, url: str) -> str:
    """The text without the URL's password, wherever a driver may have quoted it."""
    text = text.replace(url, masked(url))
    found = _USER_PASSWORD.match(url)
    for secret in {found[2], unquote(found[2])} if found and found[2] else ():
        text = text.replace(secret, "***")
    return text


def refuse_ambiguous_password(url: str) -> None:
    """A password with a bare separator would be cut there, and its rest taken for the name of a host."""
    found = _USER_PASSWORD.match(url)
    if found and any(separator in found[2] for separator in "@/?#:"):
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
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise SourceError(
            f"there is no database file at {text or '(no path given)'}",
            "Write duckdb:///folder/file.db for a path from the root, duckdb://file.db for one from here.",
        )
    return str(found)


def find_tables(folder: Path, names: tuple[str, ...]) -> tuple[dict[str, tuple[str, list[Path]]], tuple[str, ...]]:
    """The files of each table in a folder.

    Returns
    -------
    tuple
        Table -> (format, files in the order of their names), and what else
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


def csv_layout(path: Path) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the column names of a CSV file, from its first line.

    Not left to the engine's sniffer: that takes a ragged line for the header and skips all before it.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        line = file.readline().decode("utf-8-sig")
    if not line.strip():
        raise SourceError(f"cannot read {path}: it has no header line", "The first line must name the columns.")
    delimiter = max(",;\t|", key=line.count)
    (names,) = csv.reader([line], delimiter=delimiter)
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        unique = name.strip() if name.strip() and name.strip() not in seen else f"{name.strip()}_{position + 1}"
        seen[unique] = position
    return delimiter, tuple(seen)


def _files_of(name: str, entries: list[Path]) -> tuple[str, list[Path]] | None:
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
    return formats.pop(), parts


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
