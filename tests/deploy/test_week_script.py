"""deploy/week.sh: what it calls, in which order, and with which exit code it ends."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT

SCRIPT = ROOT / "deploy/week.sh"
FAKE = """#!/bin/sh
for word in "$@"; do printf '[%s]' "$word"; done >> "$CALLS"
echo >> "$CALLS"
case "$1" in run) exit "${RUN:-0}";; publish) exit "${PUBLISH:-0}";; deliver) exit "${DELIVER:-0}";; esac
"""

Monday = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def monday(tmp_path: Path) -> Monday:
    """Run the script with a `rind` that writes down how it was called."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/rind").write_text(FAKE)
    (tmp_path / "bin/rind").chmod(0o755)

    def run(**variables: str) -> tuple[int, list[str]]:
        calls = tmp_path / "calls"
        calls.unlink(missing_ok=True)
        given = {"RIND_SOURCE": "/srv/my tables", "RIND_RESULTS": "/var/lib/my results", "CALLS": str(calls)}
        path = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
        done = subprocess.run(["sh", SCRIPT], env=path | given | variables, capture_output=True, check=False)
        return done.returncode, calls.read_text().splitlines() if calls.exists() else []

    return run


RUN = "[run][--out][/var/lib/my results][--notify]"
DELIVER = "[deliver][--dir][/var/lib/my results]"
PUBLISH = "[publish][--dir][/var/lib/my results]"


@pytest.mark.parametrize(
    ("variables", "code", "calls"),
    [
        ({}, 0, [RUN, DELIVER]),
        ({"RIND_STORE": "postgres://me@host/db"}, 0, [RUN, PUBLISH, DELIVER]),
        ({"RIND_PARAMS": "/etc/my company.yaml"}, 0, [f"{c}[--params][/etc/my company.yaml]" for c in (RUN, DELIVER)]),
        ({"RUN": "8"}, 8, [RUN, DELIVER]),
        ({"RUN": "8", "DELIVER": "7"}, 7, [RUN, DELIVER]),
        ({"RUN": "3", "RIND_STORE": "x"}, 3, [RUN]),
        ({"RUN": "143"}, 143, [RUN]),
        ({"PUBLISH": "1", "RIND_STORE": "x"}, 1, [RUN, PUBLISH]),
        ({"DELIVER": "7"}, 7, [RUN, DELIVER]),
    ],
)
def test_a_week_that_is_whole_is_published_and_sent_and_one_that_failed_is_not(
    monday: Monday, variables: dict[str, str], code: int, calls: list[str]
) -> None:
    assert monday(**variables) == (code, calls)


def test_without_a_place_for_the_tables_or_the_results_it_calls_nothing(monday: Monday) -> None:
    for name in ("RIND_SOURCE", "RIND_RESULTS"):
        code, calls = monday(**{name: ""})
        assert (code != 0, calls) == (True, [])
