"""Persons cut out of the week that stands: all of its files at once, as a run puts a week in place."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from rind.common.results import MANIFEST, RESULTS
from rind.pipelines.data import read, read_json
from rind.pipelines.personal.cutting import cut
from rind.pipelines.personal.persons import Persons, same_id
from rind.pipelines.personal.search import traces
from rind.pipelines.stages.report import business_of
from rind.pipelines.weeks import HIDDEN, changed
from rind.pipelines.workspace import Workspace, is_dvc_workspace, vouch_anew
from rind.reports.excel import write_workbook
from rind.reports.facts import RunFacts
from rind.reports.summary import summarise

NOT_RESULTS = (HIDDEN, "mlruns", "deliveries", "feedback", "demo")
"""Folders beside the results. ``demo`` is the demo company's own source."""


def result_files(folder: Path) -> list[Path]:
    """All files of the results in a folder, those of earlier stages too where it is a workspace of DVC."""
    tops = (place for place in sorted(folder.iterdir()) if place.name not in NOT_RESULTS)
    files = [file for top in tops for file in ([top] if top.is_file() else sorted(top.rglob("*")))]
    kinds = (".parquet", ".json", ".csv", ".html")
    return [file for file in files if file.is_file() and file.suffix in kinds and not _is_broken(file)]


def _is_broken(file: Path) -> bool:
    """Whether a file of Parquet or JSON is none; its bytes are searched in the end, as those of all files."""
    try:
        if file.suffix == ".parquet":
            pq.read_metadata(file)
        if file.suffix == ".json":
            json.loads(file.read_text(encoding="utf-8"))
    except ValueError:  # pyarrow's ArrowInvalid is a ValueError
        return True
    return False


def names_of(folder: Path, accounts: frozenset[str]) -> frozenset[str]:
    """The names that these accounts have in the results, and no other account."""
    owners: dict[str, set[str]] = defaultdict(set)
    for account, name in _named(folder):
        owners[str(name).strip()].add(same_id(account))
    return frozenset(name for name, ids in owners.items() if len(name) > 1 and ids <= accounts)


def _named(folder: Path) -> Iterator[tuple[Any, Any]]:
    """Account and name, wherever both stand beside each other."""
    for path in result_files(folder):
        if path.suffix == ".parquet":
            if {"account_id", "name"} <= set(pq.read_schema(path).names):
                rows = pd.read_parquet(path, columns=["account_id", "name"]).dropna()
                yield from zip(rows["account_id"], rows["name"], strict=True)
        elif path.suffix == ".json":
            yield from _named_objects(json.loads(path.read_text(encoding="utf-8")))


def _named_objects(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        if value.get("account_id") is not None and value.get("name"):
            yield value["account_id"], value["name"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _named_objects(each)


def cut_week(out: Path, persons: Persons) -> dict[str, int]:
    """Cut them out of all results: those of `rind run` in one step, DVC's workspace file by file, run.json last.

    The caller holds the folder (`pipelines.weeks.alone`).

    Returns
    -------
    dict
        File -> rows, objects or texts that were cut; those without any are absent.
    """
    if not (out / MANIFEST).exists():
        return {}
    with writable(out) as folder:
        counts = {str(path.relative_to(folder)): cut(path, persons) for path in result_files(folder)}
        workbook = folder / RESULTS["risk_list_xlsx"].path
        if workbook.exists() and persons.terms and traces(folder, persons.terms, _all_but(folder, workbook)):
            counts[workbook.name] = _rewrite(workbook)
        cut_off = {name: count for name, count in counts.items() if count}
        if cut_off:
            vouch_anew(folder)
        return cut_off


@contextmanager
def writable(out: Path) -> Iterator[Path]:
    """The results in a folder to change: a copy that takes the week's place at the end, DVC's workspace as it is."""
    if is_dvc_workspace(out):
        yield out
    else:
        with changed(out) as week:
            yield week


def _all_but(folder: Path, file: Path) -> list[str]:
    return [place.name for place in folder.iterdir() if place != file]


def _rewrite(workbook: Path) -> int:
    """Write the workbook anew from the list that is left.

    Of an older run without the sheets on the book of business, or not at all, where its results lack what they show.
    """
    space = Workspace(workbook.parent, workbook.parent)
    for with_business in (True, False):
        try:
            run, metrics, listed = read_json(space.run), read_json(space.metrics), read(space.risk_list)
            days = {name: run[name] for name in ("as_of", "data_end")}
            record: Any = {**run["facts"], **days, "left_out": run.get("families_left_out")}
            facts = RunFacts.of(record, metrics)
            summary = summarise(listed, facts.as_of, facts.horizon_days)
            write_workbook(workbook, listed, summary, facts, business_of(space) if with_business else None)
        except (KeyError, TypeError, OSError):
            continue
        return 1
    workbook.unlink()
    return 1
