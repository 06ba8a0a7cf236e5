"""How a stage is run: progress, seconds, errors of one line, exit codes."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from rind.common.disks import full_disk
from rind.common.errors import RindError
from rind.common.files import write_json
from rind.features.locations import masked_text
from rind.pipelines.params import Params, load
from rind.pipelines.private_files import created_for
from rind.pipelines.workspace import Workspace

Progress = Callable[[str], None]
Run = Callable[[Workspace, Params, Progress], None]

POLITE_KILLS = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a command as Ctrl-C does."""


@contextmanager
def timed(space: Workspace, stage: str) -> Iterator[None]:
    """Write down how long a stage took, for run.json; BLAS gets one thread meanwhile.

    Our vectors are long and our products cheap: threads cost more than they bring, and several times as much on a
    machine with other work (LightGBM has its own threads, from params.yaml).
    """
    from threadpoolctl import threadpool_limits

    start = time.perf_counter()
    with threadpool_limits(limits=1, user_api="blas"):
        yield
    write_json(space.seconds(stage), round(time.perf_counter() - start, 2))


def seconds(space: Workspace) -> dict[str, float]:
    """Seconds of every stage that has run in this workspace."""
    files = sorted(space.seconds("x").parent.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


@contextmanager
def reporting(console: Console, title: str, left: Callable[[], str] = str) -> Iterator[Progress]:
    """A spinner with what is being done now; plain lines where the output is no terminal.

    Parameters
    ----------
    left
        The time that is left, in words, at any moment; "" where nobody knows.
    """
    line = _Line(title, left)
    if not console.is_terminal:
        console.print(str(line), highlight=False, markup=False)  # a title may be what somebody called a change
        yield lambda _: None
        return
    with console.status(line):
        yield line.update


class _Line:
    """What is being done now, and the time that is left as it is when the line is drawn."""

    def __init__(self, title: str, left: Callable[[], str]) -> None:
        self._title, self._left, self._text = title, left, ""

    def update(self, text: str) -> None:
        """Say what is being done now."""
        self._text = text

    def __str__(self) -> str:
        now = f"{self._title}: {self._text}" if self._text else f"{self._title} ..."
        left = self._left()
        return f"{now} ({left})" if left else now

    def __rich__(self) -> Text:
        return Text(str(self))


@contextmanager
def door(console: Console, verbose: bool, stopped: str = "") -> Iterator[None]:
    """Turn every error of a command into one line, a hint and an exit code.

    A foreseen error is a `RindError`, or that of a full disk; anything else is a defect and asks for ``--verbose``.
    Passwords of URLs that the text quotes are masked. SIGTERM and SIGHUP end a command as Ctrl-C does.

    Parameters
    ----------
    stopped
        What to say of a command that was interrupted: what stands, and how to go on.

    Raises
    ------
    SystemExit
        With the error's exit code.
    """
    _warn_of_secrets(console, sys.argv[1:])
    try:
        with _signals(), created_for("owner"):
            yield
    except KeyboardInterrupt as interrupt:
        name = interrupt.args[0] if interrupt.args else signal.SIGINT
        console.print(f"interrupted{f': {stopped}' if stopped else ''}", style="red", highlight=False, soft_wrap=True)
        raise SystemExit(128 + name) from None
    except Exception as error:
        if verbose:
            _trace()
        foreseen = error if isinstance(error, RindError) else full_disk(error)
        text = masked_text(f"{type(foreseen or error).__name__}: {foreseen or error}")
        text = text if foreseen else f"unexpected {text}"
        console.print(text, style="red", highlight=False, markup=False, soft_wrap=True)
        if not foreseen and not verbose:
            console.print("  -> run again with --verbose to see where", style="red")
        raise SystemExit((foreseen or RindError).exit_code) from error


def in_a_line(error: Exception) -> str:
    """Why a part of a week failed: the first line of the error, without passwords."""
    reason = str(error.message) if isinstance(error, RindError) else f"{type(error).__name__}: {error}"
    return masked_text(reason.partition("\n")[0])


def _warn_of_secrets(console: Console, arguments: Sequence[str]) -> None:
    """Say that a password on the command line is read by everybody on this machine, and where it belongs."""
    for argument in arguments:
        if masked_text(argument) != argument:
            text = (
                f"the password in {masked_text(argument)} shows in `ps` to everybody on this machine, and in the "
                "shell's history\n  -> leave it out and set PGPASSWORD or ~/.pgpass; or give the whole address in "
                "RIND_SOURCE (--source) or RIND_STORE (--to, --dir of serve)"
            )
            console.print(text, style="yellow", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _signals() -> Iterator[None]:
    """Turn the polite kills into a KeyboardInterrupt that names the signal; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, _: object) -> None:
        raise KeyboardInterrupt(number)

    before = {number: signal.getsignal(number) for number in POLITE_KILLS}
    try:
        for number in POLITE_KILLS:
            if before[number] != signal.SIG_IGN:  # nohup: the shell asked to ignore it
                signal.signal(number, interrupt)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _trace() -> None:
    sys.stderr.write(masked_text(traceback.format_exc()))


def main(name: str, run: Run) -> None:
    """What DVC calls for a stage: the workspace is ``data/``, the parameters are params.yaml of this folder."""
    from rind.features.engine import computing_on

    console = Console(stderr=True)
    space = Workspace(root=Path("data"), tracking=Path("mlruns"))
    with door(console, "--verbose" in sys.argv):
        params = load(Path("params.yaml"))
        readers = params.files.readable_by
        engine = computing_on(params.engine.name, params.engine.memory_gb)
        with created_for(readers), engine, timed(space, name), reporting(console, name) as progress:
            run(space, params, progress)
