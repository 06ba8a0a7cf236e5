"""Ctrl-C in real processes, in the middle of real work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# A process that a shell starts in the background ignores Ctrl-C, and so would all that it starts.
RIND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from rind.pipelines.cli.app import main; main()"
)


def interrupted(until: str, *arguments: str) -> tuple[int, str]:
    """Exit code, and what was said last, after Ctrl-C came in the stage that names itself so."""
    command = [sys.executable, "-c", RIND, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any(until in line for line in process.stderr), "it ended before"
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=120)
    return process.returncode, said.strip().splitlines()[-1]


STOPPED = "interrupted: the results of the week before stand as they were; the same command with --resume goes on"


def test_a_demo_company_that_is_interrupted_leaves_no_table(tmp_path: Path) -> None:
    assert interrupted("making", "demo", "--out", str(tmp_path / "company")) == (130, "interrupted")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.slow
def test_a_run_that_is_interrupted_leaves_the_earlier_results_and_nothing_else(small_run: Path, tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text("earlier")
    command = ("run", "--source", str(small_run / "source"), "--out", str(tmp_path), "--set", "threads=1")
    assert interrupted("features_usage", *command) == (130, STOPPED)
    assert {p.name: p.read_text() for p in tmp_path.iterdir() if p.is_file()} == {"metrics.json": "earlier"}
