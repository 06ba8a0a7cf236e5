"""The whole weekly job outside DVC: the same stages, in order, in a hidden folder beside the results."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from rind.common.errors import RindError, UsageError
from rind.common.files import write_json
from rind.common.results import public_paths
from rind.pipelines.data import read_json
from rind.pipelines.flow import WEEKLY
from rind.pipelines.params import Params
from rind.pipelines.runner import reporting, seconds, timed
from rind.pipelines.workspace import Workspace

PUBLISHED = tuple(dict.fromkeys(path.split("/")[0] for path in public_paths()))
"""Files and folders of the results that are put into place, run.json last."""


def run_weekly(out: Path, params: Params, console: Console) -> None:
    """Run every stage on params.source and put the results into ``out``.

    Nothing in ``out`` changes until all stages have ended well: they work in a hidden folder in it, and each
    result is then renamed into place, run.json last: its manifest tells a reader whether all the others are of the same
    run. Results of an earlier run are replaced; other files stay. Only then the model's alias moves in the registry.

    Raises
    ------
    UsageError
        ``out`` is a file, or cannot be written to; or parameters do not fit together; or another run is at work in
        ``out``: at once, not an hour later.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file", "give a folder with --out")
    _refuse_contradictions(params)
    with _workshop(out) as root:
        space = Workspace(root, tracking=out / "mlruns")
        published = False
        for number, stage in enumerate(WEEKLY, start=1):
            if stage.after_publishing and not published:
                write_json(space.run, read_json(space.run) | {"seconds": seconds(space)})  # with the last stage's own
                publish(space.root, out)
                published = True
            title = f"[{number}/{len(WEEKLY)}] {stage.name}"
            with timed(space, stage.name), reporting(console, title) as progress:
                stage.run(space, params, progress)


def _refuse_contradictions(params: Params) -> None:
    """Build what later stages build of the parameters, so that they refuse before any work is done."""
    from rind.pipelines.health_inputs import health_spec
    from rind.pipelines.watermelon_inputs import watermelon_rule

    health_spec(params)
    watermelon_rule(params)


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    root = out / f".rind-{os.getpid()}.partial"
    _make(out, out)
    with alone(out):
        _make(root, out)
        for process, abandoned in _workshops(out):
            if not _alive(process):
                shutil.rmtree(abandoned, ignore_errors=True)
        try:
            yield root
        finally:
            shutil.rmtree(root, ignore_errors=True)


def _make(folder: Path, out: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {out}: {error.strerror}", "give another folder with --out") from None


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold the folder: two at work would mix their results. The lock ends with the process, however it ends."""
    folder = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = [str(process) for process, _ in _workshops(out) if _alive(process)]
            hint = "wait for it to end, or give another folder"
            raise UsageError(f"another run (process {', '.join(who) or 'unknown'}) is at work in {out}", hint) from None
        yield
    finally:
        os.close(folder)


def _workshops(out: Path) -> list[tuple[int, Path]]:
    """The hidden folders of runs, each with its process."""
    found = ((p.name.removeprefix(".rind-").removesuffix(".partial"), p) for p in out.glob(".rind-*.partial"))
    return [(int(process), path) for process, path in found if process.isdecimal()]


def publish(root: Path, out: Path) -> None:
    """Rename every result into place, run.json last: all of them or, whatever happens, none.

    Raises
    ------
    RindError
        One cannot be replaced: the earlier results stand again, and the new ones are kept in a hidden folder.
    """
    kept = out / ".rind-unpublished"
    try:
        with _uninterrupted():
            _swap(root, out)
            shutil.rmtree(kept, ignore_errors=True)
    except OSError as error:
        _keep(root, kept)
        raise RindError(f"cannot replace the results in {out}: {error}", f"the new ones lie in {kept}") from error


def _keep(root: Path, place: Path) -> None:
    """An hour has made them."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(exist_ok=True)
    for name in PUBLISHED:
        if (root / name).exists():
            os.replace(root / name, place / name)


def _swap(root: Path, out: Path) -> None:
    placed: list[str] = []
    replaced = root / ".replaced"
    replaced.mkdir()
    try:
        for name in PUBLISHED:
            if os.path.lexists(out / name):
                os.replace(out / name, replaced / name)
            os.replace(root / name, out / name)
            placed.append(name)
    except BaseException:
        for name in placed:
            os.replace(out / name, root / name)
        for name in PUBLISHED:  # run.json last here, too
            if os.path.lexists(replaced / name):
                os.replace(replaced / name, out / name)
        raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C and the polite kill wait until the block has ended; only the main thread can make them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before = {n: signal.signal(n, lambda number, _: waiting.append(number)) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for came in waiting:
        signal.raise_signal(came)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
