"""Run the benchmarks and write what they print into docs/measurements.md: `python -m benchmarks.measure [--only NAME]`.

Each command of the table has one block on the page, between two comments. When the command ends well, the block is
replaced: command, day, seconds, machine, and what was printed, without the paths of this machine. What people wrote
around the blocks stays. A command that fails leaves its block as it was, the others still run, and the exit code is 1.

What the page had before is lost there, so each run adds a line to out/bench_history.jsonl, which git ignores.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psutil

from rind.common.files import write_text

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/measurements.md"
HISTORY = ROOT / "out/bench_history.jsonl"
"""One line a run that ended well: command, commit ("+" after it: with changes), day, machine, seconds, printed."""

BEGIN, END = "<!-- {} -->", "<!-- end -->"
LONG = "it takes hours"


@dataclass(frozen=True)
class Command:
    """A benchmark as the page names it.

    Parameters
    ----------
    text
        As a person types it in the project's folder; it names the block.
    needs
        A place from there without which nothing can be measured.
    asked_for
        Why it runs only where `--only` names it; "" for one that always runs.
    """

    text: str
    needs: str = "."
    asked_for: str = ""

    @property
    def name(self) -> str:
        """The module, as `--only` takes it."""
        return shlex.split(self.text)[2].removeprefix("benchmarks.")


COMMANDS = (
    Command("python -m benchmarks.companies 1500 1001 1002 1003"),
    Command("python -m benchmarks.true_north"),
    Command("python -m benchmarks.real", needs="../shared/real"),
    Command("python -m benchmarks.serving"),
    Command("python -m benchmarks.results_store"),
    Command("python -m benchmarks.restore"),
    Command("python -m benchmarks.fuzz", asked_for=LONG),
    Command("python -m benchmarks.kill"),
    Command("python -m benchmarks.usage_cost --repeats 5"),
    Command("python -m benchmarks.usage_cost --rows 24000000 --repeats 1"),
    Command("python -m benchmarks.engines"),
    Command("python -m benchmarks.increment --repeats 1"),
    Command("python -m benchmarks.increment --rows 24000000 --repeats 1"),
    Command("python -m benchmarks.profile_cost --repeats 5"),
    Command("python -m benchmarks.size"),
    Command("python -m benchmarks.scoring"),
    Command("python -m benchmarks.parity"),
    Command("python -m benchmarks.reasons --truth 2001"),
    Command("python -m benchmarks.rules_changed", asked_for=LONG),
    Command("python -m benchmarks.intervals", asked_for=LONG),
    Command("python -m benchmarks.effects 2000 20 20", asked_for=LONG),
    Command("python -m benchmarks.forecast 1000 1101 1102 yearly"),
    Command("python -m benchmarks.forecast 1000 1101 1102 shifting"),
    Command("python -m benchmarks.forecast 1000 1101 1102 monthly"),
)
"""In the order of the page."""


def machine() -> str:
    """Cores, model of the processor, memory, and how busy it is now: nothing that names it."""
    models = re.findall(r"^model name\s*: (.+)$", _text(Path("/proc/cpuinfo")), re.MULTILINE)
    size, busy = psutil.virtual_memory().total / 2**30, psutil.cpu_percent(interval=1)
    model = f" ({models[0].strip()})" if models else ""
    return f"{os.cpu_count()} cores{model}, {size:.0f} GiB, {busy:.0f} % busy before"


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def run(command: Command) -> tuple[int, str]:
    """The exit code, and what it printed; shown meanwhile, with what it says on stderr."""
    words = [sys.executable, *shlex.split(command.text)[1:]]
    lines = []
    with subprocess.Popen(
        words, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    return process.returncode, "\n".join(lines).strip("\n")


def without_paths(text: str) -> str:
    """The text without places of this machine: those of the project become relative, all others three dots.

    A place begins with a folder that lies at the root of this machine; `/v1/accounts` of an API does not.
    """
    tops = "|".join(re.escape(path.name) for path in Path("/").iterdir())
    return re.sub(rf"(?<![\w.])/(?:{tops})/[^\s'\"`,;:()\[\]|]*", "...", text.replace(f"{ROOT}/", ""))


def block(command: Command, day: date, seconds: float, where: str, printed: str) -> str:
    """What stands on the page between the two comments, with them."""
    head = (
        f"| command | day | machine |\n|---|---|---|\n| `{command.text}` | {day:%-d %B %Y}, {seconds:.0f} s | {where} |"
    )
    shown = without_paths(printed).replace("```", "'''")
    return f"{BEGIN.format(command.text)}\n\n{head}\n\n```text\n{shown}\n```\n\n{END}"


def commit() -> str:
    """The commit that is checked out, with a plus where files differ from it; "" where there is no git."""
    try:
        words = ["git", "describe", "--always", "--exclude=*", "--dirty=+", "--abbrev=12"]
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def remember(command: Command, code: str, day: date, seconds: float, where: str, printed: str) -> None:
    """Add a run to the history; ``code`` is the commit that was checked out when it began."""
    run = {"command": command.text, "commit": code, "day": f"{day}", "machine": where}
    line = json.dumps({**run, "seconds": round(seconds, 1), "printed": without_paths(printed)}, ensure_ascii=False)
    HISTORY.parent.mkdir(parents=True, exist_ok=True)
    with HISTORY.open("a", encoding="utf-8") as history:
        history.write(f"{line}\n")


def with_block(page: str, command: Command, new: str) -> str:
    """The page with a new block in place of the command's old one.

    Raises
    ------
    ValueError
        The page has no block for it, or several.
    """
    old = re.compile(f"{re.escape(BEGIN.format(command.text))}\n.*?^{re.escape(END)}$", re.DOTALL | re.MULTILINE)
    text, count = old.subn(lambda _: new, page)
    if count != 1:
        raise ValueError(f"the page has {count} blocks {BEGIN.format(command.text)} ... {END}: it needs one")
    return text


def measure(commands: Sequence[Command], page: Path) -> list[str]:
    """Run the commands, and write each that ends well into the page at once; return what is not written, and why.

    Raises
    ------
    ValueError
        The page lacks a block: nothing was run.
    """
    for command in commands:
        with_block(page.read_text(encoding="utf-8"), command, "")
    left = []
    for number, command in enumerate(commands, start=1):
        print(f"\n[{number} of {len(commands)}] {command.text}", flush=True)
        if not (ROOT / command.needs).exists():
            print(f"skipped: {command.needs} is not there", flush=True)
            continue
        where, code_of, day, start = machine(), commit(), datetime.now(UTC).date(), time.perf_counter()
        code, printed = run(command)
        seconds = time.perf_counter() - start
        if code or not printed:
            left.append(f"{command.text}: {f'ended with {code}' if code else 'printed nothing'} after {seconds:.0f} s")
            print(f"its block stays as it was: {left[-1]}", flush=True)
            continue
        remember(command, code_of, day, seconds, where, printed)
        new = block(command, day, seconds, where, printed)
        write_text(page, with_block(page.read_text(encoding="utf-8"), command, new))
        print(f"written after {seconds:.0f} s", flush=True)
    return left


def main(words: Sequence[str] | None = None, commands: Sequence[Command] = COMMANDS, page: Path = PAGE) -> int:
    """Run what was asked for; 1 where a command failed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = list(dict.fromkeys(command.name for command in commands))
    options.add_argument("--only", action="append", metavar="NAME", choices=names, help=", ".join(names))
    only = options.parse_args(words).only
    chosen = [c for c in commands if (c.name in only if only else not c.asked_for)]
    left = measure(chosen, page)
    print("\n".join(["", *left]) if left else "\nall that ran is written")
    for command in () if only else commands:
        if command.asked_for:
            print(f"not run, {command.asked_for}: python -m benchmarks.measure --only {command.name}")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
