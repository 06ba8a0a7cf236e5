"""The whole weekly job outside DVC: the same stages, in order, in a hidden folder beside the results."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console

from common.errors import UsageError
from common.files import write_json
from features.families import FAMILIES
from pipelines.data import read_json
from pipelines.params import Params
from pipelines.runner import Run, reporting, seconds, timed
from pipelines.workspace import RESULTS, Workspace


def stages() -> list[tuple[str, Run]]:
    """Every stage after the demo, in the order of dvc.yaml."""
    from pipelines.stages import (
        adoption,
        backtest,
        early,
        evaluate,
        export,
        family,
        health,
        labels,
        matrix,
        moments_page,
        promote,
        register,
        score,
        search,
        snapshots,
        true_north,
        tune_health,
        validate,
        watermelons,
    )

    of_family = [(f"features_{name}", partial(family.run, name=name)) for name in FAMILIES]
    later = (
        labels,
        search,
        backtest,
        health,
        tune_health,
        watermelons,
        evaluate,
        register,
        score,
        early,
        true_north,
        adoption,
        moments_page,
        export,
        promote,
    )
    whole = [("validate", validate.run), ("snapshots", snapshots.run), *of_family, ("matrix", matrix.run)]
    return [*whole, *((module.__name__.rsplit(".", 1)[1], module.run) for module in later)]


def run_weekly(out: Path, params: Params, console: Console) -> None:
    """Run every stage on params.source and put the results into ``out``.

    Nothing in ``out`` changes until all stages have ended well: they work in a hidden folder in it, and each
    result is then renamed into place, run.json last: its manifest tells a reader whether all the others are of the same
    run. Results of an earlier run are replaced; other files stay. Only then the model's alias moves in the registry.

    Raises
    ------
    UsageError
        ``out`` is a file, or cannot be written to; or parameters do not fit together: at once, not an hour later.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file", "give a folder with --out")
    _refuse_contradictions(params)
    with _workshop(out) as root:
        space = Workspace(root, tracking=out / "mlruns")
        *making, (last, promote) = stages()
        for number, (name, run) in enumerate(making, start=1):
            title = f"[{number}/{len(making) + 1}] {name}"
            with timed(space, name), reporting(console, title) as progress:
                run(space, params, progress)
        write_json(space.run, read_json(space.run) | {"seconds": seconds(space)})  # export's own too
        publish(space.root, out)
        with reporting(console, f"[{len(making) + 1}/{len(making) + 1}] {last}") as progress:
            promote(space, params, progress)


def _refuse_contradictions(params: Params) -> None:
    """Build what later stages build of the parameters, so that they refuse before any work is done."""
    from pipelines.stages import health, watermelons

    health.spec(params)
    watermelons.rule(params)


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    root = out / f".rind-{os.getpid()}.partial"
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {out}: {error.strerror}", "give another folder with --out") from None
    for abandoned in out.glob(".rind-*.partial"):
        process = abandoned.name.removeprefix(".rind-").removesuffix(".partial")
        if process.isdecimal() and not _alive(int(process)):
            shutil.rmtree(abandoned, ignore_errors=True)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def publish(root: Path, out: Path) -> None:
    """Rename every result into place, run.json last."""
    for name in RESULTS:
        made, place = root / name, out / name
        if made.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        os.replace(made, place)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
