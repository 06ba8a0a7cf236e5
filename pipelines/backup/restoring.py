"""`rind restore`: a backup into a folder; the week in one step, and nothing before the whole archive was checked."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from rind.common.errors import RindError, UsageError
from rind.common.results import MANIFEST
from rind.common.run_record import run_record
from rind.pipelines.backup.archive import Backup, read_archive
from rind.pipelines.backup.staging import RESULTS_FOLDER, STATES, TRACKING, copy_sqlite
from rind.pipelines.personal.forgotten import NAME as FORGOTTEN
from rind.pipelines.personal.forgotten import read_forgotten
from rind.pipelines.places import Places
from rind.pipelines.scratch import clear_leftovers
from rind.pipelines.weeks import HIDDEN, RESTORED, alone, commit
from rind.pipelines.workspace import is_dvc_workspace
from rind.serving.access.access_file import Access

WAIT_SECONDS = 30.0
"""For a file of users and keys that another process holds."""


def restore(file: Path, out: Path, places: Callable[[], Places], force: bool = False) -> Backup:
    """Put a backup back.

    Parameters
    ----------
    out
        The folder of results; made where there is none.
    places
        Where users, feedback and deliveries belong, asked once the week stands.
    force
        Whether a folder with something in it may be overwritten. Results, users, feedback, deliveries and MLflow of the
        backup take the place of what is there; a server may stay at work. The list of the forgotten that is there
        stays: it has grown from that of the backup, else nothing is restored.

    Raises
    ------
    UsageError
        The archive is broken, and nothing was touched; there is something in the folder and ``force`` was not given;
        its list of the forgotten is another than the backup's; a run is at work in it; or it is DVC's.
    RindError
        A later Rind wrote the users of the backup; nothing was touched.
    """
    if not file.is_file():
        raise UsageError(f"there is no file {file}", "give what `rind backup` wrote")
    if out.exists() and not (out.is_dir() and (force or not any(out.iterdir()))):
        raise UsageError(f"{out} holds something already", "give an empty folder, or --force to overwrite it")
    beside = out / HIDDEN if out.exists() else out.resolve().parent  # on the disk of the folder
    if is_dvc_workspace(out):
        raise UsageError(f"{out} is the workspace of DVC, whose results are files", "`dvc checkout`, or another folder")
    clear_leftovers(out.resolve().parent, [".rind-restore-"])
    with _tidied(out), read_archive(file, beside) as (backup, folder):
        run_record((folder / RESULTS_FOLDER / MANIFEST).read_bytes(), file)
        _end_sessions(folder / "access.sqlite")
        with alone(out):
            _refuse_another_list(folder, out)
            made = out / HIDDEN / RESTORED
            os.rename(folder / RESULTS_FOLDER, made)
            _join_forgotten(folder, out)
            commit(made, out)
            shutil.rmtree(made)
            _put_beside(folder, places())
    return backup


def _refuse_another_list(folder: Path, out: Path) -> None:
    """Raise a UsageError where a list of the forgotten is there that has not grown from that of the backup.

    Its hashes have another key, so the two cannot be one; without the backup's the next run brings its people back.
    """
    there, backed_up = read_forgotten(out), read_forgotten(folder)
    if there.marks and backed_up.marks and there.key != backed_up.key:
        raise UsageError(
            f"{out / FORGOTTEN} is another list than that of the backup: one of them would be lost",
            "move it away, restore, and run `rind forget` for those that were forgotten since",
        )


def _join_forgotten(folder: Path, out: Path) -> None:
    """Let the folder have the backup's list where it has none, or an empty one; its own is never older."""
    if (folder / FORGOTTEN).exists() and not read_forgotten(out).marks:
        os.replace(folder / FORGOTTEN, out / FORGOTTEN)


def _end_sessions(access: Path) -> None:
    """Let nobody in again by a session of the backup's day, which may have been ended since."""
    if access.is_file():
        with closing(Access(access)) as unpacked:
            unpacked.sessions.end_all()


def _revoke_again(access: Path, there: Path) -> None:
    """Let no key count again that was revoked since, by the file that is there; a broken one says nothing.

    Raises
    ------
    RindError
        Somebody holds the file for too long.
    """
    if not (access.is_file() and there.is_file()):
        return
    address = f"{there.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS)) as connection:
            revoked = {number for (number,) in connection.execute("SELECT id FROM keys WHERE revoked_at IS NOT NULL")}
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return
        reason = f"nobody can tell which keys of {there} were revoked since: {error}"
        raise RindError(reason, "end what holds it; then the same command with --force") from error
    with closing(Access(access)) as unpacked:
        for key in unpacked.keys.all():
            if key.id in revoked:
                unpacked.keys.revoke(key.id)


@contextmanager
def _tidied(out: Path) -> Iterator[None]:
    """Leave no empty hidden folder behind where nothing was restored."""
    try:
        yield
    finally:
        with suppress(OSError):
            (out / HIDDEN).rmdir()


def _put_beside(folder: Path, places: Places) -> None:
    """What is no result: files of SQLite through SQLite, so that a server that has them open sees what was restored."""
    _revoke_again(folder / "access.sqlite", places.access)
    shared = places.deliveries.resolve() != (places.out / "deliveries").resolve()
    for name, place in STATES.items():
        if place == "ledger" and shared and places.ledger.is_file():
            continue  # of other companies, too: what they have sent must not go again
        put_sqlite(folder / name, getattr(places, place))
    for file in sorted((folder / "deliveries").glob("**/*.csv")):
        target = places.deliveries / file.relative_to(folder / "deliveries")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    if (folder / TRACKING).is_dir():
        former = places.tracking.with_name(f"{TRACKING}.before-restore")
        shutil.rmtree(former, ignore_errors=True)
        if places.tracking.exists():
            os.rename(places.tracking, former)
        shutil.move(folder / TRACKING, places.tracking)
        shutil.rmtree(former, ignore_errors=True)


def put_sqlite(source: Path, target: Path) -> None:
    """A SQLite file in place of another, or of one that is broken: that may be why somebody restores.

    Raises
    ------
    RindError
        Somebody holds the file for too long, or the disk is full.
    """
    try:
        copy_sqlite(source, target)
    except RindError as error:
        if isinstance(error.__cause__, sqlite3.OperationalError):
            raise
        for end in ("", "-wal", "-shm"):
            target.with_name(target.name + end).unlink(missing_ok=True)
        copy_sqlite(source, target)
