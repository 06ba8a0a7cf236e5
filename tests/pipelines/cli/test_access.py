"""`rind users` and `rind keys`, as a person types them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rind.pipelines.cli.app import app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def rind(folder: Path, *words: str, password: str = "", home: str = "") -> Result:
    where = ["--dir", str(folder)] if not home else ["--set", f"serving.access={home}"]
    return CliRunner().invoke(app, [*words, *where], input=f"{password}\n")


def test_a_user_is_added_with_a_password_from_a_pipe_listed_and_removed(folder: Path) -> None:
    added = rind(folder, "users", "add", "jonas", "--role", "csm", "--csm", "Jonas Weber", password="correct horse 9")
    assert (added.exit_code, added.stdout) == (0, "jonas may log in as csm for Jonas Weber\n")
    assert "correct horse" not in (folder / "access.sqlite").read_bytes().decode("latin-1")
    assert "jonas" in rind(folder, "users", "list").stdout
    assert rind(folder, "users", "remove", "jonas").exit_code == 0
    assert "jonas" not in rind(folder, "users", "list").stdout


@pytest.mark.parametrize(
    ("words", "password"),
    [(("users", "add", "jonas"), "short"), (("users", "add", "jonas", "--role", "emperor"), "correct horse 9")],
)
def test_a_weak_password_and_an_unknown_role_are_usage_errors(
    folder: Path, words: tuple[str, ...], password: str
) -> None:
    refused = rind(folder, *words, password=password)
    assert refused.exit_code == 2
    assert "->" in refused.stderr


def test_a_key_is_shown_once_and_the_list_never_shows_it(folder: Path) -> None:
    created = rind(folder, "keys", "create", "crm", "--scope", "read")
    assert created.exit_code == 0
    [key] = re.findall(r"rind_\S+", created.stdout)
    listed = rind(folder, "keys", "list")
    assert "crm" in listed.stdout
    assert key not in listed.stdout
    assert key.encode() not in (folder / "access.sqlite").read_bytes()


def test_the_file_of_serving_access_wins_and_a_folder_that_is_not_there_is_refused(folder: Path) -> None:
    home = folder / "elsewhere.sqlite"
    assert rind(folder, "users", "add", "ana", password="correct horse 9", home=str(home)).exit_code == 0
    assert home.exists()
    assert not (folder / "access.sqlite").exists()
    assert rind(folder / "nowhere", "users", "list").exit_code == 2
