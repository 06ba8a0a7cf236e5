"""A folder of results as the rows of the results store: read once, checked to be of one run."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import lib as pa
from pyarrow import types

from rind.common.facts.run import FileRecord
from rind.common.results import MANIFEST, RESULTS, served_paths
from rind.serving.store.protocols import NoResultsError
from rind.serving.store.run_document import run_document

TABLES = served_paths("table", "columns")
"""The Parquet results that become tables of their own: name -> path."""

DOCUMENTS = {path: name for name, path in served_paths("document").items()}
"""Path of a JSON result that is served -> the name by which pages ask for it."""

REQUIRED = tuple(name for name in TABLES if RESULTS[name].needed)
AGAIN = "Wait until the run has ended and publish again; `rind run` makes a whole folder."


@dataclass(frozen=True)
class Results:
    """One run.

    Parameters
    ----------
    as_of
        The scoring date.
    digest
        Changes whenever a result does.
    tables
        `TABLES` by name, those that are there.
    documents
        JSON results by the name of the result ("run", "metrics", "horizon_figures" of horizons.json ...), as texts.
    curves
        plots/<name>.csv by name: one dictionary per row.
    """

    as_of: date
    digest: str
    tables: dict[str, pa.Table]
    documents: dict[str, str]
    curves: dict[str, list[dict[str, Any]]]

    def document(self, name: str) -> dict[str, Any]:
        """A JSON result, parsed; empty where it is absent."""
        document: dict[str, Any] = json.loads(self.documents.get(name, "{}"))
        return document


def read_results(folder: Path) -> Results:
    """Read what `rind run` left in a folder, every file once.

    Raises
    ------
    NoResultsError
        There is no run.json, a file is missing, or the files do not all belong to the run that run.json describes (its
        manifest, where it has one): another run is putting its results into place.
    """
    if not (folder / MANIFEST).is_file():
        raise NoResultsError(f"there are no results in {folder}: no run.json", "give the --out folder of `rind run`")
    contents = _contents(folder)
    run = run_document(contents[MANIFEST], folder / MANIFEST)
    _check_manifest(folder, contents, run.get("manifest") or {})
    missing = [TABLES[name] for name in REQUIRED if TABLES[name] not in contents]
    if missing:
        raise NoResultsError(f"{folder} holds no {', '.join(missing)}", AGAIN)
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    as_of = date.fromisoformat(run["as_of"])
    tables = {name: _table(contents[path]) for name, path in TABLES.items() if path in contents}
    _check_dates(folder, as_of, tables)
    return Results(
        as_of=as_of,
        digest=digest.hexdigest(),
        tables=tables,
        documents={DOCUMENTS.get(n, Path(n).stem): c.decode() for n, c in contents.items() if n.endswith(".json")},
        curves={Path(n).stem: _curve(c.decode()) for n, c in contents.items() if n.endswith(".csv")},
    )


def _contents(folder: Path) -> dict[str, bytes]:
    """The files that are published, by their path in the folder; the same run.json before and after."""
    before = (folder / MANIFEST).read_bytes()
    paths = [folder / path for path in TABLES.values()]
    paths += [*folder.glob("*.json"), *folder.glob("plots/*.csv")]
    contents = {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}
    if (folder / MANIFEST).read_bytes() != before:
        raise NoResultsError(f"the results in {folder} changed while they were read", AGAIN)
    return contents | {MANIFEST: before}


def _check_manifest(folder: Path, contents: dict[str, bytes], manifest: Mapping[str, FileRecord]) -> None:
    for name, listed in manifest.items():
        if name in contents and hashlib.sha256(contents[name]).hexdigest() != listed["sha256"]:
            raise NoResultsError(f"{folder / name} does not belong to the run that run.json describes", AGAIN)
        if name not in contents and name in map(TABLES.get, REQUIRED):
            raise NoResultsError(f"{folder / name} is gone", AGAIN)


def _check_dates(folder: Path, as_of: date, tables: dict[str, pa.Table]) -> None:
    dates = tables["explanations"]["as_of"].unique().to_pylist()
    listed, explained = (set(tables[t]["account_id"].unique().to_pylist()) for t in ("risk_list", "explanations"))
    if (dates and dates != [as_of]) or listed != explained:
        raise NoResultsError(f"{folder}: the list, its explanations and run.json are not of one run", AGAIN)


def _table(content: bytes) -> pa.Table:
    """A Parquet file, with ids as texts, empty cells as nulls, and without the zero bytes that PostgreSQL refuses."""
    table = pq.read_table(BytesIO(content))
    for place, field in enumerate(table.schema):
        column = table[field.name]
        if types.is_dictionary(field.type):
            column = column.cast(field.type.value_type)
        if field.name == "account_id" or types.is_large_string(column.type) or types.is_string_view(column.type):
            column = column.cast(pa.string())
        if types.is_string(column.type):
            column = pc.call_function("replace_substring", [column], pc.ReplaceSubstringOptions("\0", ""))
        if types.is_floating(column.type):
            column = pc.call_function("if_else", [pc.call_function("is_finite", [column]), column, None])
        table = table.set_column(place, field.name, column)
    return table.replace_schema_metadata(None)


def _curve(text: str) -> list[dict[str, Any]]:
    return [{name: _number(value) for name, value in row.items()} for row in csv.DictReader(text.splitlines())]


def _number(text: str | None) -> Any:
    if not text:
        return None
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return text
