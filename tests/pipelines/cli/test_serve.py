"""`rind users` and `rind keys`: where they look for the file of users and keys."""

from __future__ import annotations

import os
import pwd
import socket
from contextlib import closing
from pathlib import Path

import pyotp
import pytest
from typer.testing import CliRunner

from rind.pipelines.cli.access import keys_app, users_app
from rind.pipelines.cli.app import app
from rind.pipelines.workspace import of_run
from rind.serving.access.access_file import Access
from rind.serving.access.audit import Event

PASSWORD = {"RIND_PASSWORD": "a long enough password"}


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*arguments], env=PASSWORD)
    return done.exit_code, done.output


def test_users_and_keys_need_no_folder_where_the_parameters_name_the_file(tmp_path: Path) -> None:
    """As docs/results_store.md serves PostgreSQL."""
    file = tmp_path / "rind/access.sqlite"
    there = ("--set", f"serving.access={file}")
    assert run("users", "add", "jonas", *there)[0] == 0
    assert run("keys", "create", "crm", "--scope", "read", *there)[0] == 0
    assert file.exists()
    params = tmp_path / "mine.yaml"
    params.write_text(f"serving: {{access: '{file}'}}\n")
    for where in (there, ("--params", str(params)), (*there, "--dir", "postgres://me@host/db")):
        assert "jonas" in run("users", "list", *where)[1]
        assert "crm" in run("keys", "list", *where)[1]
    for command in (["users", "password", "jonas"], ["users", "role", "jonas", "admin"], ["users", "remove", "jonas"]):
        assert run(*command, *there)[0] == 0
    assert "jonas" not in run("users", "list", *there)[1]


def test_a_folder_of_results_holds_its_own_users_unless_the_parameters_say_otherwise(tmp_path: Path) -> None:
    assert run("users", "add", "jonas", "--dir", str(tmp_path))[0] == 0
    assert (tmp_path / "access.sqlite").exists()
    elsewhere = ("--set", f"serving.access={tmp_path / 'other.sqlite'}")
    assert "jonas" not in run("users", "list", "--dir", str(tmp_path), *elsewhere)[1]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ([], "give --dir FOLDER, or --set serving.access=FILE"),
        (["--dir", "postgres://me@host/db"], "give --dir FOLDER, or --set serving.access=FILE"),
        (["--dir", "absent"], "there is no folder absent"),
    ],
)
def test_without_a_place_for_users_the_way_out_is_said(where: list[str], said: str) -> None:
    code, output = run("users", "list", *where)
    assert (code, said in output) == (2, True), output
    assert run("serve")[0] == 2


def test_the_models_are_looked_for_beside_the_results_of_this_checkout(tmp_path: Path) -> None:
    """`rind run` keeps them inside its folder, DVC beside data/, wherever the checkout lies."""
    data = tmp_path / "checkout" / "data"
    (data / "mlruns").mkdir(parents=True)
    (data.parent / "mlruns").mkdir()
    (data / "run.json").write_text("{}")
    assert of_run(data).tracking == data / "mlruns"
    (data / "mlruns").rmdir()
    assert of_run(data).tracking == data.parent / "mlruns"


def lines(file: Path) -> list[Event]:
    with closing(Access(file)) as access:
        return access.audit.events()[::-1]


def test_every_command_that_changes_users_or_keys_writes_who_did_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody else")
    monkeypatch.setenv("USER", "somebody else")
    monkeypatch.delenv("SUDO_USER", raising=False)
    there = ("--dir", str(tmp_path))
    assert run("users", "add", "jonas", *there)[0] == 0
    assert run("users", "role", "jonas", "csm", "--csm", "Jonas Weber", *there)[0] == 0
    assert run("users", "password", "jonas", *there)[0] == 0
    with closing(Access(tmp_path / "access.sqlite")) as access:
        access.second_factors.begin("jonas")
        access.second_factors.confirm("jonas", pyotp.parse_uri(access.second_factors.uri("jonas")).now())
    assert run("users", "reset-second-factor", "jonas", *there)[0] == 0
    key = run("keys", "create", "crm", "--scope", "read", "--days", "9", *there)[1].strip().removeprefix("rind_")
    assert run("keys", "revoke", key[:8], *there)[0] == 0
    assert run("users", "remove", "jonas", *there)[0] == 0
    assert run("users", "role", "mia", "root", *there)[0] == 2
    me = pwd.getpwuid(os.getuid()).pw_name
    written = lines(tmp_path / "access.sqlite")
    assert [(line.action, line.detail) for line in written] == [
        ("users add", "jonas as viewer"), ("users role", "jonas is csm for Jonas Weber"), ("users password", "jonas"),
        ("users reset-second-factor", "jonas"),
        ("keys create", "crm: read, 9 days"), ("keys revoke", key[:8]), ("users remove", "jonas"),
        ("users role refused", "mia is root: there is no user 'mia'"),
    ]  # fmt: skip
    assert {line.who for line in written} == {f"system user {me}"}
    changing = {f"{group} {command.name}" for group, app_ in (("users", users_app), ("keys", keys_app))
                for command in app_.registered_commands if command.name != "list"}  # fmt: skip
    assert changing <= {line.action for line in written}
    assert not any(key[9:] in str(line) or PASSWORD["RIND_PASSWORD"] in str(line) for line in written)


def test_names_that_look_like_markup_are_listed_as_they_are(tmp_path: Path) -> None:
    there = ("--dir", str(tmp_path))
    assert run("users", "add", "[/b]", *there)[0] == 0
    assert run("keys", "create", "[/b]", "--scope", "read", *there)[0] == 0
    for command in ("users", "keys"):
        code, output = run(command, "list", *there)
        assert (code, "[/b]" in output) == (0, True), output


def test_a_port_that_is_taken_is_said_before_anything_is_read_or_written(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, output = run("serve", "--dir", str(tmp_path), "--port", str(taken.getsockname()[1]))
    assert (code, "Address already in use" in output) == (1, True), output
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_cannot_start_gives_its_port_back_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for _ in range(2):
        code, output = run("serve", "--dir", str(tmp_path / "absent"), "--port", str(port))
        assert (code, "there is no folder" in output) == (2, True), output
        socket.create_server(("127.0.0.1", port)).close()


def test_a_place_that_cannot_hold_users_and_keys_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, output = run("users", "list", "--set", f"serving.access={tmp_path / 'file' / 'access.sqlite'}")
    assert (code, "unexpected" in output, "serving.access=" in output) == (1, False, True), output


def test_a_server_that_all_may_reach_wants_https_and_a_login(tmp_path: Path) -> None:
    everywhere = ("--set", "serving.addresses=['127.0.0.1', '::']")
    for more in ((), ("--demo",), ("--demo", "--set", "serving.https=true")):
        code, output = run("serve", "--dir", str(tmp_path), *everywhere, *more)
        assert (code, "serving.addresses opens ::" in output) == (2, True), output
    for wrong in ("serving.addresses=[]", "serving.addresses=[rind.example.com]", "serving.proxies=['0.0.0.0/0']"):
        assert run("serve", "--dir", str(tmp_path), "--set", wrong)[0] == 2
