"""SIGKILL at 30 moments of a weekly run, 15 of them within the swap: `python -m benchmarks.kill [--of-the-run 3]`.

Each moment begins with a good week. A process of its own makes the next week and kills itself: in the middle of a
stage, or at one of the calls that put the week in its place. Then comes a run that fails at once, since its source is
not there. After both, the folder must hold one whole week, which the readers can read: byte for byte the week before,
or, where the kill came after the week was published, the new one. Printed: how each moment ended, and the weeks lost.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console

from benchmarks.fuzz import Fuzz, quiet_output
from benchmarks.made_results import make_results
from benchmarks.remembered import Remembered
from rind.common.errors import RindError, SourceError
from rind.common.files import sha256
from rind.pipelines.flow import WEEKLY
from rind.pipelines.flow_stage import Stage
from rind.pipelines.params import Params, load
from rind.pipelines.weekly import run_weekly
from rind.pipelines.weeks import HIDDEN, commit
from rind.pipelines.workspace import Workspace
from rind.serving.store.folder import FolderStore
from rind.serving.store.results_reader import read_results

CALLS = ("link", "rename", "replace", "symlink", "unlink", "rmdir")
"""Functions of `os` that change which files lie where."""

OLD, NEW, LOST = "the week before stands", "the new week stands", "LOST"


@dataclass(frozen=True)
class Ending:
    """How one moment ended: where the process died, whether it was really killed, and which week stands."""

    moment: str
    killed: bool
    week: str


def content(out: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file that a folder of results shows; a name that begins with a dot is no result."""
    paths = [path.relative_to(out) for path in out.rglob("*") if path.is_file()]
    shown = [path for path in paths if path.parts[0] != "mlruns" and not any(p.startswith(".") for p in path.parts)]
    return {str(path): sha256(out / path) for path in shown}


def week_of(out: Path, before: dict[str, str], published: bool) -> str:
    """Which week stands in a folder.

    Parameters
    ----------
    before
        The content of the good week.
    published
        Whether the new week may stand in its place.
    """
    try:
        FolderStore(out, refresh_seconds=0).current()
        read_results(out)
    except RindError:
        return LOST
    if content(out) == before:
        return OLD
    manifest = json.loads((out / "run.json").read_text(encoding="utf-8"))["manifest"]
    return NEW if published and Workspace(out, out).manifest() == manifest else LOST


def ending(moment: str, good: Path, out: Path, die: Callable[..., None], *given: Any, may_be_new: bool) -> Ending:
    """Copy the good week to ``out``, kill a process that makes the next one, let a run fail, and look after both."""
    shutil.copytree(good, out, symlinks=True)
    before = content(out)
    process = multiprocessing.get_context("spawn").Process(target=die, args=(out, *given))
    process.start()
    process.join()
    first = week_of(out, before, may_be_new)
    fail_at_once(out)
    second = week_of(out, before, may_be_new)
    shutil.rmtree(out, ignore_errors=True)
    return Ending(moment, process.exitcode == -signal.SIGKILL, second if first == second else LOST)


def fail_at_once(out: Path) -> None:
    """A run whose source is not there."""
    try:
        run_weekly(out, load(None, [f"source.url={out / 'no such source'}"]), Console(quiet=True))
    except SourceError:
        return
    raise AssertionError("the run did not fail")


@contextmanager
def counted(at_call: Callable[[str], None]) -> Iterator[None]:
    """Tell each call of `CALLS` before it is made."""

    def with_word(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            at_call(name)
            return real(*args, **more)

        return call

    with ExitStack() as patches:
        for name in CALLS:
            patches.enter_context(mock.patch.object(os, name, with_word(name, getattr(os, name))))
        yield


def publish(out: Path, at_call: Callable[[str], None]) -> None:
    """Publish the second week of made results over the one in ``out``, and tell each call of the swap."""

    def swap(made: Path, folder: Path) -> None:
        with counted(at_call):
            commit(made, folder)

    with mock.patch("benchmarks.made_results.commit", swap):
        make_results(out, accounts=12, seed=8, mark=" (second)")


def die_in_swap(out: Path, call: int) -> None:
    """Publish, and be killed before a call of the swap, counted from 0."""
    calls = 0

    def deadly(_: str) -> None:
        nonlocal calls
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        calls += 1

    publish(out, deadly)


def calls_of_swap(good: Path, out: Path) -> list[str]:
    """The calls that one publication over the good week makes, in order."""
    calls: list[str] = []
    shutil.copytree(good, out, symlinks=True)
    publish(out, calls.append)
    shutil.rmtree(out)
    return calls


def chosen_calls(calls: Sequence[str], count: int) -> list[int]:
    """Places of calls: first those that are rare, since they move the pointer, the others spread over all."""
    rare = [n for n, name in enumerate(calls) if name in ("rename", "symlink", "replace")]
    chosen = rare if len(rare) <= count // 2 else []
    others = [n for n in range(len(calls)) if n not in chosen]
    return sorted({*chosen, *spread(others, count - len(chosen))})


def spread(of: Sequence[Any], count: int) -> list[Any]:
    """``count`` of them at even distances, with the first and the last."""
    count = min(count, len(of))
    return [of[round(n * (len(of) - 1) / max(count - 1, 1))] for n in range(count)]


def swap_endings(folder: Path, count: int) -> Iterator[Ending]:
    """Kills within the swap: over a week of links, and over plain files, as an older Rind left them."""
    linked, plain = folder / "linked", folder / "plain"
    make_results(linked, accounts=12)
    shutil.copytree(linked, plain, ignore=shutil.ignore_patterns(HIDDEN))
    for good, moments in ((linked, count - count // 2), (plain, count // 2)):
        calls = calls_of_swap(good, folder / "out")
        for call in chosen_calls(calls, moments):
            moment = f"swap over {good.name} files, call {call + 1} of {len(calls)} ({calls[call]})"
            yield ending(moment, good, folder / "out", die_in_swap, call, may_be_new=True)


@dataclass
class Deadly:
    """A stage that is killed in the middle of its work, at the latest at its end."""

    stage: Stage
    after_seconds: float

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stage, name)

    def run(self, *given: Any) -> None:
        """Begin the work."""
        threading.Timer(self.after_seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        self.stage.run(*given)
        os.kill(os.getpid(), signal.SIGKILL)


def die_in_stage(out: Path, memory: Path, params: Params, name: str, after_seconds: float) -> None:
    """Run a week whose earlier stages are remembered, and be killed in one stage."""
    stages = [Deadly(s, after_seconds) if s.name == name else Remembered(s, memory) for s in WEEKLY]
    with quiet_output(), warnings.catch_warnings(), mock.patch("rind.pipelines.weekly.WEEKLY", stages):
        warnings.simplefilter("ignore")
        run_weekly(out, params, Console(quiet=True))


def run_endings(folder: Path, count: int) -> Iterator[Ending]:
    """Kills in the middle of stages, spread over the whole run of a small company."""
    with quiet_output():
        fuzz = Fuzz(folder)
    seconds = json.loads((fuzz.good / "run.json").read_text(encoding="utf-8"))["seconds"]
    for number, stage in spread(list(enumerate(WEEKLY, start=1)), count):
        out, half = folder / f"out-{number}", seconds.get(stage.name, 0) / 2
        given = (folder / "memory", fuzz.params, stage.name, half)
        moment = f"stage {number} of {len(WEEKLY)} ({stage.name})"
        yield ending(moment, fuzz.good, out, die_in_stage, *given, may_be_new=stage.after_publishing)


def summary(endings: Sequence[Ending]) -> str:
    """The line that counts how the moments ended."""
    count = {week: sum(e.week == week for e in endings) for week in (OLD, NEW, LOST)}
    return (
        f"moments: {len(endings)}   killed: {sum(e.killed for e in endings)}   week before: {count[OLD]}   "
        f"new week: {count[NEW]}   weeks lost: {count[LOST]}"
    )


def main() -> int:
    """Print how each moment ended, and the counts; 1 where a week was lost or a process was not killed."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--in-the-swap", type=int, default=15, help="moments within the swap")
    options.add_argument("--of-the-run", type=int, default=15, help="moments in the stages of a whole run")
    given = options.parse_args()
    endings = []
    with tempfile.TemporaryDirectory(prefix="rind-kill-") as folder:
        made, run = Path(folder) / "made", Path(folder) / "run"
        for one in chain(swap_endings(made, given.in_the_swap), run_endings(run, given.of_the_run)):
            endings.append(one)
            print(f"{one.moment}: {one.week}{'' if one.killed else ', but nothing was killed'}", flush=True)
    print(summary(endings))
    return int(any(e.week == LOST or not e.killed for e in endings))


if __name__ == "__main__":
    sys.exit(main())
