"""The table of exit codes: all that a command may end with, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal

import pytest

import rind
from rind.common.errors import EXIT_CODES, RindError, SourceError, exit_code_of
from rind.pipelines.runner import POLITE_KILLS
from tests.deploy.dockerfile import ROOT


def kinds(kind: type[RindError] = RindError) -> set[type[RindError]]:
    return {kind, *(below for one in kind.__subclasses__() for below in kinds(one))}


def test_every_error_of_ours_ends_with_a_code_that_has_a_meaning() -> None:
    for module in pkgutil.walk_packages(rind.__path__, "rind."):
        if module.name.startswith(("rind.serving", "rind.common", "rind.features")) and "scorer" not in module.name:
            importlib.import_module(module.name)
    assert {kind.__name__: kind.exit_code for kind in kinds() if kind.exit_code not in EXIT_CODES} == {}


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
