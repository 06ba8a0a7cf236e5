"""`rind export --pseudonymous`: results for a data scientist who may not see names.

Only what is named here goes out: numbers, days, yes and no, and texts of `KEPT_TEXTS`. Accounts and CSMs have keyed
pseudonyms, the same in all files; names, texts in words and ids of people stay behind. Rows are in the order of the
pseudonyms, so that their order tells nothing. A search for every name and id of the results ends the command where it
finds one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from pandas.api import types

from rind.common.errors import RindError, UsageError
from rind.common.files import write_json
from rind.common.results import MANIFEST, RESULTS
from rind.common.run_record import run_record
from rind.pipelines.personal.catalogue import HOLDS, Data
from rind.pipelines.personal.pseudonyms import pseudonym
from rind.pipelines.personal.search import traces
from rind.pipelines.workspace import Workspace

NOT_EXPORTED = ("set_aside", "voice", "voice_texts")
"""Words of customers, and rows as they came."""
KEPT_TEXTS = frozenset(
    {
        "segment", "plan", "metric", "kind", "feature", "family", "outcome", "risk_band", "health_band", "health_fit",
        "health_missing", "health_source", "basis", "moment_status", "told_family", "push_1", "push_2", "push_3",
        *(f"reason_{n}_{part}" for n in (1, 2, 3) for part in ("theme", "feature")),
    }
)  # fmt: skip
"""Columns whose texts are one of a few words of ours, or of the company's own groups of customers."""
OF_RUN = ("as_of", "previous_as_of", "data_end", "tables", "versions", "schema")
SUMS = ("all", "")
"""Values of csm that name nobody: summed over, and nobody."""


@dataclass
class Exported:
    """What went out: file -> rows, and file -> columns that stayed behind."""

    rows: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)


def export_pseudonymous(out: Path, target: Path, key: bytes) -> Exported:
    """Write the results in ``out`` into a new folder, without names.

    Raises
    ------
    UsageError
        There is something in the folder already.
    RindError
        A name or an id was found in what was written; nothing is left of it.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} holds something already", "give a new folder with --out")
    run = run_record((out / MANIFEST).read_bytes(), out / MANIFEST)
    made = target.with_name(f".{target.name}.partial")
    shutil.rmtree(made, ignore_errors=True)
    exported, kept_texts = Exported(), set[str]()
    try:
        for path in _files(out):
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".parquet":
                frame = _pseudonymous(out / path, key, exported.left_out.setdefault(str(path), []), kept_texts)
                frame.to_parquet(made / path, index=False)
                exported.rows[str(path)] = len(frame)
            else:
                shutil.copyfile(out / path, made / path)
        about = {name: run[name] for name in OF_RUN if name in run}
        write_json(made / "about.json", {"run": about, "rows": exported.rows, "left_out": exported.left_out})
        _refuse_names(made, _terms(out) - kept_texts)
        if target.exists():
            target.rmdir()
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return exported


def _files(out: Path) -> Iterator[Path]:
    """Tables of the results, and documents and curves that hold facts alone, by their path."""
    for name, result in RESULTS.items():
        place = out / result.path
        if not result.public or name in NOT_EXPORTED or result.path == MANIFEST:
            continue
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in (file for file in files if file.is_file()):
            facts_alone = file.suffix in (".json", ".csv") and not {*HOLDS.get(name, ())} - {Data.FACTS}
            in_outcome = name == "outcomes" and file.suffix == ".json"
            if file.suffix == ".parquet" or facts_alone or in_outcome:
                yield file.relative_to(out)


def _pseudonymous(path: Path, key: bytes, left_out: list[str], kept_texts: set[str]) -> pd.DataFrame:
    """The columns that may go out, accounts and CSMs by their pseudonyms, in the order of these."""
    frame = pd.read_parquet(path)
    columns: dict[str, Any] = {}
    for name in map(str, frame.columns):
        column = frame[name]
        if name in ("account_id", "csm"):
            columns[name] = _replaced(column, key, "account" if name == "account_id" else "staff")
        elif not _is_text(column):
            columns[name] = column
        elif name in KEPT_TEXTS or name.startswith("commercial__"):
            kept_texts |= {str(value) for value in column.dropna().unique()}
            columns[name] = column
        else:
            left_out.append(name)
    order = [name for name in ("account_id", "as_of", "feature") if name in columns]
    made = pd.DataFrame(columns)
    return made.sort_values(order, kind="stable").reset_index(drop=True) if order else made


def _replaced(column: pd.Series, key: bytes, kind: Any) -> pd.Series:
    known = {value: pseudonym(key, kind, value) for value in column.dropna().unique() if str(value) not in SUMS}
    return pd.Series(column.astype("object").map(lambda value: known.get(value, value)), index=column.index)


def _is_text(column: pd.Series) -> bool:
    return not (
        types.is_numeric_dtype(column) or types.is_bool_dtype(column) or types.is_datetime64_any_dtype(column)
        or _is_date(column)
    )  # fmt: skip


def _is_date(column: pd.Series) -> bool:
    known = column.dropna()
    return len(known) > 0 and all(hasattr(value, "isoformat") for value in known.head(100))


def _terms(out: Path) -> set[str]:
    """Every id and name in the results; of digits alone it is a number."""
    terms: set[str] = set()
    for result in RESULTS.values():
        place = out / result.path
        for path in sorted(place.rglob("*.parquet")) if place.is_dir() else [place]:
            if path.suffix == ".parquet" and path.is_file():
                names = {"account_id", "name", "csm", "contact_id", "user_id"} & set(pq.read_schema(path).names)
                for column in pd.read_parquet(path, columns=sorted(names)).items() if names else ():
                    terms |= {str(value).strip() for value in column[1].dropna().unique()}
    space = Workspace(out, out)
    if space.voice_texts.exists():
        for row in json.loads(space.voice_texts.read_text(encoding="utf-8")).get("sentences", ()):
            terms |= {str(row[name]) for name in ("account_id", "contact_id", "name", "csm") if row.get(name)}
    return {term for term in terms if len(term) > 1 and not term.isdecimal()} - set(SUMS)


def _refuse_names(folder: Path, terms: Collection[str]) -> None:
    """Hold every file that was written against the names and ids of the results."""
    if files := traces(folder, terms):
        hint = "nothing was written; tell us which result it is, with rind --version"
        raise RindError(f"{', '.join(files)} would name accounts or people", hint)
