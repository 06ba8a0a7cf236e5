"""`rind sessions`, as a person types it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from served import PASSWORD, QUICK
from typer.testing import CliRunner, Result

from rind.pipelines.cli.app import app
from rind.serving.access.access_file import Access
from rind.serving.access.principals import Identity
from rind.serving.access.sessions import Origin


def rind(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--dir", str(folder)], env={"COLUMNS": "240"})


def test_sessions_are_listed_and_ended_one_by_one_or_all_of_somebody(tmp_path: Path) -> None:
    with closing(Access(tmp_path / "access.sqlite", QUICK)) as access:
        access.users.add("jonas", PASSWORD, "viewer")
        tokens = [access.sessions.open_local("jonas", 1, Origin("203.0.113.7", "Firefox")) for _ in range(3)]
        access.sessions.open_company("t", Identity("1", "ada@acme.example", "admin"), "", 1)
        listed = rind(tmp_path, "sessions", "list").stdout
        assert listed.count("jonas") == 3
        assert "203.0.113.7" in listed
        assert "company" in listed
        assert not any(token in listed for token in tokens)
        first = access.sessions.session(tokens[0])
        assert first is not None
        assert rind(tmp_path, "sessions", "end", first.id).exit_code == 0
        assert [access.sessions.session(token) is None for token in tokens] == [True, False, False]
        assert rind(tmp_path, "sessions", "end", "--who", "jonas").exit_code == 0
        assert [line.name for line in access.sessions.all()] == ["ada@acme.example"]
        assert [e.action for e in access.audit.events()] == ["sessions end", "sessions end"]


def test_a_session_or_a_person_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    for words in (("end",), ("end", "0000"), ("end", "--who", "nobody"), ("end", "0000", "--who", "jonas")):
        refused = rind(tmp_path, "sessions", *words)
        assert (refused.exit_code, "->" in refused.stderr) == (2, True)
