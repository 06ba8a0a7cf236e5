"""The exports as relations that DuckDB can read: CSV, Parquet, JSON, Excel, tables of a DuckDB file."""

from __future__ import annotations

import csv
import fnmatch
import glob
import gzip
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from rind.common.errors import SourceError
from rind.features.engine import reading
from rind.features.locations import has_scheme
from rind.features.mapping.conversions import identifier, literal

SUFFIXES = {
    ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".xlsx": "excel",
    ".xlsm": "excel", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".json.gz": "json", ".jsonl.gz": "json",
    ".ndjson.gz": "json",
}  # fmt: skip
ATTACHED = "exports"
"""The name under which a DuckDB file of exports is attached; its tables are exports.<table>."""


def format_of(name: str) -> str:
    """csv, parquet, json or excel by the name's suffix; "" for what is not read."""
    lower = name.lower()
    return next((SUFFIXES[s] for s in sorted(SUFFIXES, key=len, reverse=True) if lower.endswith(s)), "")


def export_names(connection: Any, exports: str) -> list[str]:
    """Names of all readable files (or tables) of the exports, sorted."""
    if exports.startswith("duckdb:"):
        query = f"select schema_name, table_name from duckdb_tables() where database_name = '{ATTACHED}' order by all"
        return [t if s == "main" else f"{s}.{t}" for s, t in connection.con.execute(query).fetchall()]
    if has_scheme(exports):
        with reading(exports, exports):
            rows = connection.con.execute(f"select file from glob({literal(exports.rstrip('/') + '/**')})").fetchall()
        below = exports.rstrip("/").split("://", 1)[1] + "/"  # DuckDB may name a file with its scheme or without
        return sorted(name.split(below, 1)[-1] for (name,) in rows if format_of(name))
    root = Path(exports)
    if not root.is_dir():
        raise SourceError(
            f"cannot open the exports {exports}: there is no such folder", "Give the folder of the exports."
        )
    paths = (p.relative_to(root) for p in root.rglob("*") if p.is_file() and format_of(p.name))
    return sorted(str(p) for p in paths if not any(n.startswith((".", "_", "~$")) for n in p.parts))


def matching(names: list[str], pattern: str) -> list[str]:
    """The names that a pattern with ``*`` means; a name without ``*`` means itself."""
    return [n for n in names if n == pattern] or [n for n in names if fnmatch.fnmatch(n, pattern)]


def relation(connection: Any, exports: str, names: list[str], options: dict[str, str]) -> str:
    """What can stand after FROM for one file or several of the same kind.

    Parameters
    ----------
    options
        ``delimiter``, ``encoding``, ``sheet``; "" for what the file itself tells.
    """
    paths = [f"{exports.rstrip('/')}/{name}" for name in names]
    kinds = {format_of(name) for name in names}
    if len(kinds) > 1:
        raise SourceError(f"{', '.join(names)} are of several kinds", "Name files of one kind.")
    match kinds.pop():
        case "parquet":
            return f"read_parquet({_paths(paths)}, union_by_name=true)"
        case "json":
            return _json(connection, paths)
        case "excel":
            return _temporary(connection, [_sheet(Path(p), options.get("sheet", "")) for p in paths])
        case "csv":
            return _csv(connection, paths, options)
    raise SourceError(f"cannot read {names[0]}", f"Only {', '.join(SUFFIXES)} can be read.")


def column_types(connection: Any, source: str) -> dict[str, str]:
    """Column -> DuckDB's name of its type."""
    return {r[0]: r[1] for r in connection.con.execute(f"describe select * from {source}").fetchall()}


def _paths(paths: list[str]) -> str:
    quoted = (p if has_scheme(p) else glob.escape(p) for p in paths)
    return "[" + ", ".join(literal(p) for p in quoted) + "]"


def _json(connection: Any, paths: list[str]) -> str:
    """Lines or an array of objects; every value as text, objects within as JSON text."""
    names = column_types(connection, f"read_json({_paths(paths)}, union_by_name=true, sample_size=200000)")
    wanted = ", ".join(f"{identifier(name)}: 'VARCHAR'" for name in names)
    return f"read_json({_paths(paths)}, columns={{{wanted}}})"


def _csv(connection: Any, paths: list[str], options: dict[str, str]) -> str:
    if has_scheme(paths[0]):
        delimiter = f", delim={literal(options['delimiter'])}" if options.get("delimiter") else ""
        return f"read_csv({_paths(paths)}, header=true, all_varchar=true, union_by_name=true{delimiter})"
    encoding = options.get("encoding") or encoding_of(Path(paths[0]))
    if encoding not in ("utf-8", "utf-8-sig"):
        return _temporary(connection, [_rows(Path(p), encoding, options.get("delimiter", "")) for p in paths])
    layouts = {_header(Path(p), encoding, options.get("delimiter", "")) for p in paths}
    if len(layouts) > 1:
        raise SourceError(f"{', '.join(paths)} have different columns", "Name files with the same columns.")
    delimiter, names = layouts.pop()
    columns = ", ".join(f"{identifier(n)}: 'VARCHAR'" for n in names)
    return (
        f"read_csv({_paths(paths)}, auto_detect=false, header=true, delim={literal(delimiter)}, quote='\"', "
        f"escape='\"', null_padding=true, columns={{{columns}}})"
    )


def encoding_of(path: Path) -> str:
    """UTF-8, UTF-16 (by its mark), else Windows' western one, which Excel writes; the whole file decides."""
    with _opened(path) as file:
        start = file.read(4)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        decoder = io.TextIOWrapper(file, encoding="utf-8")
        file.seek(0)
        try:
            while decoder.read(1 << 20):
                pass
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig" if start.startswith(b"\xef\xbb\xbf") else "utf-8"


def _opened(path: Path) -> Any:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _header(path: Path, encoding: str, delimiter: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the names of the first line; an unnamed or repeated column gets its number."""
    with _opened(path) as file:
        reader = io.TextIOWrapper(file, encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")
        line = reader.readline()
    if not line.strip():
        raise SourceError(f"cannot read {path}: it has no header line", "The first line must name the columns.")
    delimiter = delimiter or max(",;\t|", key=line.count)
    (names,) = csv.reader([line.rstrip("\r\n")], delimiter=delimiter)
    return delimiter, _unique([n.strip() for n in names])


def _unique(names: list[str]) -> tuple[str, ...]:
    unique: list[str] = []
    for position, name in enumerate(names, 1):
        known = {n.lower() for n in unique}
        unique.append(name if name and name.lower() not in known else f"{name or 'column'}_{position}")
    return tuple(unique)


def _rows(path: Path, encoding: str, delimiter: str) -> pa.Table:
    delimiter, names = _header(path, encoding, delimiter)
    with _opened(path) as file:
        reader = csv.reader(io.TextIOWrapper(file, encoding=encoding, newline=""), delimiter=delimiter)
        next(reader)
        rows = [row for row in reader if row]
    return _text_table(names, rows)


def _sheet(path: Path, sheet: str) -> pa.Table:
    """All cells of a sheet as texts; the first row that is not empty names the columns."""
    from openpyxl.reader.excel import load_workbook  # a third of a second

    with reading(f"the spreadsheet {path}"):
        book: Any = load_workbook(path, read_only=True, data_only=True)
    if sheet and sheet not in book.sheetnames:
        raise SourceError(f"{path} has no sheet {sheet!r}", f"It has {', '.join(book.sheetnames)}.")
    page = book[sheet] if sheet else book.worksheets[0]
    rows = [[_cell(c) for c in row] for row in page.iter_rows(values_only=True) if any(c is not None for c in row)]
    book.close()
    if not rows:
        raise SourceError(f"cannot read {path}: the sheet {page.title} is empty", "Name the sheet with `sheet:`.")
    return _text_table(_unique([c.strip() for c in rows[0]]), rows[1:])


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime() | date():
            return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def _text_table(names: tuple[str, ...], rows: list[list[str]]) -> pa.Table:
    columns = [[(row[i] if i < len(row) else "") or None for row in rows] for i in range(len(names))]
    return pa.table({n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)})


def _temporary(connection: Any, parts: list[pa.Table]) -> str:
    """A table of the connection itself, since DuckDB cannot read the file."""
    rows = pa.concat_tables(parts, promote_options="default")
    name = f"read_{len(connection.con.execute('from duckdb_tables()').fetchall())}"
    connection.con.register("arriving", rows)
    connection.con.execute(f"create temp table {name} as select * from arriving")
    connection.con.unregister("arriving")
    return name
