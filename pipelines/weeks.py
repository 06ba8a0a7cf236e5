"""The folder of results: one whole week at any moment, whatever is killed.

    DIR/NAME            -> .rind/current/NAME     a link for every file of the week
    DIR/.rind/current   -> weeks/NUMBER           moved by one rename: the week before it, or the week after it
    DIR/.rind/weeks/    the weeks; the one before the current is deleted once the new one stands
    DIR/.rind/work/     a run at work, or what a failed one left for `rind run --resume`
    DIR/.rind/store/    finished features of past dates (`rind run --incremental`)
    DIR/.rind/lock      held by the run at work; the lock ends with its process, however it ends

All links are relative: the folder may be copied, moved or restored elsewhere.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rind.common.errors import RindError, UsageError
from rind.common.results import MANIFEST, public_paths
from rind.pipelines.scratch import clear_leftovers

HIDDEN, RESTORED = ".rind", "restored"
"""The folder of what is no result; below it the week that a restore is about to put in place."""


def work_folder(out: Path) -> Path:
    """Where the run at work keeps what it has made so far."""
    return out / HIDDEN / "work"


def store_folder(out: Path) -> Path:
    """Where `rind run --incremental` keeps finished features of past dates."""
    return out / HIDDEN / "store"


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold the folder, which is made where it does not exist: two runs at work would mix their results.

    Raises
    ------
    UsageError
        The folder cannot be written to, or another run holds it.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file", "give a folder with --out")
    try:
        (out / HIDDEN).mkdir(parents=True, exist_ok=True)
        lock = os.open(out / HIDDEN / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"cannot write to {out}: {error.strerror}", "give another folder with --out") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode().strip() or "unknown"
            hint = "wait for it to end, or give another folder"
            raise UsageError(f"another run (process {holder}) is at work in {out}", hint) from None
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        _sweep(out)
        clear_leftovers(out / HIDDEN)
        shutil.rmtree(out / HIDDEN / RESTORED, ignore_errors=True)
        yield
    finally:
        os.close(lock)


def commit(made: Path, out: Path) -> None:
    """Put a whole week in place of the one before, in one step.

    Parameters
    ----------
    made
        A folder below ``out/.rind`` that holds the results; the week shares its files.
    out
        The folder of results; the caller holds it (`alone`).

    Raises
    ------
    RindError
        The disk or its rights do not allow it: the week before still stands, the new one lies in ``made``.
    """
    try:
        _adopt(out)
        _stand(share_week(made, _free(out)), out)
    except OSError as error:
        hint = f"mend that and run again with --resume; the new results lie in {made}"
        raise RindError(f"cannot replace the results in {out}: {error}", hint) from error


@contextmanager
def changed(out: Path) -> Iterator[Path]:
    """A copy of the current week to change; it takes the week's place when the block ends well.

    Files must be replaced, not written into: the copy shares them with the week that stands (`common.files` replaces).
    """
    copy = out / HIDDEN / "changed"
    shutil.rmtree(copy, ignore_errors=True)
    try:
        yield share_week(out, copy)
        commit(copy, out)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _present(folder: Path) -> list[str]:
    """The public results that a folder holds; files of a result that is a folder one by one, run.json last."""
    paths: list[str] = []
    for path in public_paths():
        place = folder / path
        if place.is_dir():
            paths += [str(file.relative_to(folder)) for file in sorted(place.rglob("*")) if file.is_file()]
        elif place.exists():
            paths.append(path)
    return paths


def share_week(source: Path, target: Path) -> Path:
    """The public results of a folder under second names in another one, which is returned."""
    for path in _present(source):
        share(source / path, target / path)
    return target


def share(source: Path, target: Path) -> None:
    """The same file under a second name, in a folder that is made; a copy where the file system has no second names."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy2(source, target)


def _adopt(out: Path) -> None:
    """Make a week of results that lie in ``out`` as plain files: an older Rind, or a copy that followed the links.

    Each name leads to the same content at every moment.
    """
    current = out / HIDDEN / "current"
    if current.is_dir() and not current.is_symlink():  # the copy made a folder of the link
        os.rename(current, _free(out).with_suffix(""))
    plain = [path for path in _present(out) if not (out / path).is_symlink()]
    if plain:
        _stand(share_week(out, _free(out)), out)


def _stand(week: Path, out: Path) -> None:
    """Lead every name to the week, by one rename where the names are links already."""
    numbered = week.with_suffix("")
    os.rename(week, numbered)
    before, paths = _current(out), _present(numbered)
    first = before is None
    if first:
        _point(out / HIDDEN / "current", Path("weeks") / numbered.name)
    for path in paths:
        if not (out / path).is_symlink():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            _point(out / path, Path(*[".."] * path.count("/"), HIDDEN, "current", path))
    if not first:
        _point(out / HIDDEN / "current", Path("weeks") / numbered.name)
    _sweep(out)


def _point(link: Path, target: Path) -> None:
    """Make, or move, a link by one rename; also over a plain file."""
    temporary = link.with_name(f".{link.name}.link")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    os.replace(temporary, link)


def _current(out: Path) -> Path | None:
    link = out / HIDDEN / "current"
    return link.resolve() if link.is_symlink() and link.exists() else None


def _free(out: Path) -> Path:
    """A place for one more week; ``.partial`` until it is whole."""
    weeks = out / HIDDEN / "weeks"
    taken = [int(week.stem) for week in weeks.glob("*") if week.stem.isdecimal()] if weeks.is_dir() else []
    return weeks / f"{max(taken, default=0) + 1:06d}.partial"


def _sweep(out: Path) -> None:
    """Delete weeks that no name leads to, and names that lead to nothing: what a killed run left behind."""
    current = _current(out)
    weeks = out / HIDDEN / "weeks"
    for week in weeks.iterdir() if weeks.is_dir() else ():
        if week.resolve() != current:
            shutil.rmtree(week, ignore_errors=True)
    for link in (*out.glob("*"), *out.glob("*/*")):
        ours = link.is_symlink() and HIDDEN in Path(os.readlink(link)).parts
        if ours and (not link.exists() or link.name.startswith(".")):  # one begins with a dot until it is in place
            link.unlink(missing_ok=True)


def has_results(out: Path) -> bool:
    """Whether a whole week stands there."""
    return (out / MANIFEST).exists()
