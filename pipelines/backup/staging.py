"""One consistent copy of all that belongs to a folder of results, while a server and a run are at work.

    results/...             the week that stands: files of one run, held against its manifest
    access.sqlite, feedback.sqlite, deliveries/deliveries.sqlite     by SQLite's own backup
    deliveries/*.csv        files for CRMs
    mlruns/...              MLflow: its database by SQLite's backup, and the artefacts that it names
    forgotten.json          who was forgotten

A file of results is never written into once it stands, so it is shared under a second name and costs no space.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rind.common.errors import RindError, UsageError
from rind.common.files import sha256
from rind.common.results import MANIFEST
from rind.common.run_record import run_record
from rind.pipelines.personal.forgotten import NAME as FORGOTTEN
from rind.pipelines.places import Places
from rind.pipelines.scratch import scratch
from rind.pipelines.weeks import HIDDEN, share, share_week
from rind.serving.deliver.outbox import Outbox

RESULTS_FOLDER, TRACKING = "results", "mlruns"
STATES = {"access.sqlite": "access", "feedback.sqlite": "feedback", "deliveries/deliveries.sqlite": "ledger"}
"""SQLite file in the archive -> the place of it (`Places`)."""
TRIES, PAUSE_SECONDS = 5, 1.0


@contextmanager
def staged(places: Places) -> Iterator[Path]:
    """A folder with the copy, deleted afterwards.

    Raises
    ------
    UsageError
        There are no results, or somebody changes them again and again.
    """
    if not (places.out / MANIFEST).exists():
        raise UsageError(f"there are no results in {places.out}", "give with --dir what `rind run` wrote to")
    with scratch(places.out / HIDDEN, ".rind-backup-") as folder:
        _stage_week(places.out, folder / RESULTS_FOLDER)
        for name, place in STATES.items():
            copy_sqlite(getattr(places, place), folder / name)
        if places.shared and places.ledger.is_file():
            _leave_out_other_companies(folder, places.company)
        for file in sorted(places.crm_files.rglob("*.csv")) if places.crm_files.is_dir() else ():
            share(file, folder / "deliveries" / file.relative_to(places.deliveries))
        if (places.out / FORGOTTEN).exists():
            share(places.out / FORGOTTEN, folder / FORGOTTEN)
        _stage_tracking(places.tracking, folder / TRACKING)
        yield folder


def _stage_week(out: Path, folder: Path) -> None:
    """The files of one week; tried again where another one took its place meanwhile."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        record = (out / MANIFEST).read_bytes()
        try:
            share_week(out, folder)
        except FileNotFoundError:  # the week was replaced while we read it
            continue
        if (folder / MANIFEST).read_bytes() == record and _is_of_one_run(folder):
            return
        time.sleep(PAUSE_SECONDS)
    raise UsageError(
        f"the results in {out} are not those that run.json describes, or change again and again",
        "back up when no run is putting its week in place; `rind run` makes a whole one",
    )


def _leave_out_other_companies(folder: Path, company: str) -> None:
    """Keep the company's own items in the copy of a ledger that others use, too."""
    Outbox(folder / "deliveries", company).close()  # an older file tells no companies apart: it is brought up to date
    with closing(sqlite3.connect(folder / "deliveries/deliveries.sqlite", isolation_level=None)) as ledger:
        ledger.execute("delete from deliveries where company not in (?, '')", [company])
        ledger.execute("vacuum")
    (folder / "deliveries/deliveries.lock").unlink(missing_ok=True)


def _is_of_one_run(folder: Path) -> bool:
    manifest = run_record((folder / MANIFEST).read_bytes(), folder / MANIFEST).get("manifest") or {}
    there = [name for name in manifest if (folder / name).exists()]
    return all(sha256(folder / name) == manifest[name]["sha256"] for name in there)


def _stage_tracking(tracking: Path, folder: Path) -> None:
    """The artefacts before the database and once more after it: each run that it names has its files."""
    if not (tracking / "mlflow.db").is_file():
        return
    _share_all(tracking / "artifacts", folder / "artifacts")
    copy_sqlite(tracking / "mlflow.db", folder / "mlflow.db")
    _share_all(tracking / "artifacts", folder / "artifacts")


def _share_all(source: Path, target: Path) -> None:
    for file in sorted(source.rglob("*")) if source.is_dir() else ():
        if file.is_file() and not (target / file.relative_to(source)).exists():
            try:
                share(file, target / file.relative_to(source))
            except FileNotFoundError:  # a run that is at work has deleted it
                continue


def copy_sqlite(source: Path, target: Path) -> None:
    """A SQLite file as it stands at one moment, whoever writes to it; its target is replaced by one transaction.

    Raises
    ------
    RindError
        It cannot be read, or somebody holds it for too long.
    """
    if not source.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as one,
            closing(sqlite3.connect(target, timeout=30)) as other,
        ):
            one.backup(other)
            other.execute("PRAGMA journal_mode = DELETE").fetchone() if HIDDEN in target.parts else None
    except sqlite3.Error as error:
        hint = "end what holds it, or restore it from an older backup"
        raise RindError(f"{source} cannot be copied to {target}: {error}", hint) from error
