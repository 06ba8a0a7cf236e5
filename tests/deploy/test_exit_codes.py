"""The table of exit codes: all that a command may end with, and nothing else."""

from __future__ import annotations

import re
import signal

import pytest

from rind.common.errors import EXIT_CODES, SourceError, exit_code_of
from rind.pipelines.runner import POLITE_KILLS
from tests.deploy.dockerfile import ROOT


def test_every_error_of_ours_ends_with_a_code_that_has_a_meaning() -> None:
    rooms = [path.resolve() for path in (ROOT / "rind").iterdir() if path.is_symlink() and path.is_dir()]
    texts = [file.read_text() for room in rooms for file in room.rglob("*.py")]
    pairs = [pair for text in texts for pair in re.findall(r"exit_code(?::.*?)? = (\d+)|Exit\((\d+)\)", text)]
    codes = {int(code) for pair in pairs for code in pair if code}
    assert {1, 2, 3, 8} <= codes <= set(EXIT_CODES)


def test_every_signal_that_ends_a_command_has_its_code() -> None:
    assert {128 + number for number in (*POLITE_KILLS, signal.SIGINT)} <= set(EXIT_CODES)


def test_the_page_on_scheduling_has_the_same_table() -> None:
    page = (ROOT / "docs/scheduling.md").read_text()
    assert dict(re.findall(r"^\| (\d+) \| (.+?) \|", page, re.MULTILINE)) == {
        str(code): meaning for code, meaning in EXIT_CODES.items()
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SourceError("x"), 3), (ValueError("x"), 1), (KeyboardInterrupt(), 130),
        (KeyboardInterrupt(signal.SIGTERM), 143), (KeyboardInterrupt(signal.SIGHUP), 129),
    ],
)  # fmt: skip
def test_the_code_is_that_with_which_the_command_ends_and_has_a_meaning(error: BaseException, code: int) -> None:
    assert exit_code_of(error) == code
    assert code in EXIT_CODES
