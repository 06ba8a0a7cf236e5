"""`rind audit`, as a person types it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rind.common.errors import UsageError
from rind.pipelines.cli.access import audited
from rind.pipelines.cli.app import app
from rind.pipelines.params import load
from rind.serving.access.access_file import Access
from rind.serving.access.audit import Event


def rind(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--dir", str(folder)], env={"COLUMNS": "240"})


def test_what_is_done_on_the_command_line_stands_in_the_log_with_who_did_it(tmp_path: Path) -> None:
    rind(tmp_path, "keys", "create", "crm", "--scope", "read")
    rind(tmp_path, "keys", "revoke", "nothing")
    with audited(tmp_path, load(), "forget", "account A1"):
        pass
    lines = [json.loads(line) for line in rind(tmp_path, "audit", "--json").stdout.splitlines()]
    assert [line["action"] for line in lines] == ["keys create", "keys revoke refused", "forget begun", "forget"]
    assert all(line["who"].startswith("system user") for line in lines)
    only = rind(tmp_path, "audit", "--json", "--what", "keys", "--after", "1").stdout
    assert json.loads(only)["action"] == "keys revoke refused"
    assert "forget begun" in rind(tmp_path, "audit", "--what", "forget").stdout


def test_lines_of_others_are_text_and_no_markup_for_a_terminal(tmp_path: Path) -> None:
    with closing(Access(tmp_path / "access.sqlite")) as access:
        access.audit.add(Event("2026-07-01T00:00:00+00:00", "[red]x\x1b[2J", "see", "/", "", "", 200))
    shown = rind(tmp_path, "audit").stdout
    assert "[red]x\ufffd[2J" in shown
    assert "\x1b" not in shown


def test_since_takes_a_day_and_refuses_words(tmp_path: Path) -> None:
    rind(tmp_path, "keys", "create", "crm", "--scope", "read")
    assert "keys create" in rind(tmp_path, "audit", "--since", "2026-01-01").stdout
    assert "keys create" not in rind(tmp_path, "audit", "--since", "2999-01-01").stdout
    assert rind(tmp_path, "audit", "--since", "monday").exit_code == 2


def test_where_the_log_cannot_be_written_nothing_is_done(tmp_path: Path) -> None:
    done = []
    with pytest.raises(UsageError), audited(tmp_path / "nowhere", load(), "forget", "account A1"):
        done.append("forgotten")
    assert done == []
