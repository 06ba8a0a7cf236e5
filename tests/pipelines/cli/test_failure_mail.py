"""`rind run --notify`."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest
from mail_servers import Mailbox, smtp_server
from rich.console import Console
from typer.testing import CliRunner

from rind.common.errors import PartsMissingError
from rind.pipelines.cli.app import app
from rind.pipelines.cli.failure_mail import mailing_failures
from rind.pipelines.params import Params, load


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    for name in ("HOST", "PORT", "USER", "PASSWORD"):
        monkeypatch.delenv(f"RIND_SMTP_{name}", raising=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def settings(port: int) -> list[str]:
    return [
        "deliveries.operators=[ops@example.com]", "deliveries.sender=rind@example.com",
        "deliveries.smtp.host=127.0.0.1", "deliveries.smtp.security=none", f"deliveries.smtp.port={port}",
        "deliveries.retries.attempts=1", "source.name=Acme",
    ]  # fmt: skip


def given(port: int) -> Params:
    return load(None, settings(port))


def test_a_run_that_fails_mails_those_who_run_it_and_ends_with_its_own_exit_code(port: int, tmp_path: Path) -> None:
    out, mailbox = tmp_path / "out", Mailbox()
    options = [word for setting in settings(port) for word in ("--set", setting)]
    command = ["run", "--source", str(tmp_path / "absent"), "--out", str(out), *options]
    with smtp_server(mailbox, port):
        done = CliRunner().invoke(app, [*command, "--notify"])
        quiet = CliRunner().invoke(app, command)
    assert (done.exit_code, quiet.exit_code) == (3, 3)
    [mail] = mailbox.taken
    assert mail["Subject"].startswith("Acme: the weekly run failed (exit code 3)")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "There is no list yet" in text.get_content()
    assert (out / "deliveries/deliveries.sqlite").exists()


@pytest.mark.parametrize(
    ("error", "mails"),
    [
        (KeyboardInterrupt(signal.SIGTERM), 1),
        (KeyboardInterrupt(), 0),
        (PartsMissingError("adoption"), 0),
        (ValueError("ACME"), 1),
    ],
)
def test_the_platform_that_ends_a_run_is_told_and_who_presses_ctrl_c_knows(
    port: int, tmp_path: Path, error: BaseException, mails: int
) -> None:
    mailbox, console = Mailbox(), Console(quiet=True)
    with (
        smtp_server(mailbox, port),
        pytest.raises(type(error)),
        mailing_failures(tmp_path / "out", given(port), console),
    ):
        raise error
    assert len(mailbox.taken) == mails
    assert not any("ACME" in mail.as_string() for mail in mailbox.taken)


def test_a_run_that_ends_well_mails_nobody(port: int, tmp_path: Path) -> None:
    with mailing_failures(tmp_path / "out", given(port), Console(quiet=True)):
        pass
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"as_of": null}', '{"as_of": "yesterday"}'])
def test_a_broken_record_of_the_week_before_hinders_no_mail(port: int, tmp_path: Path, record: str) -> None:
    (tmp_path / "run.json").write_text(record)
    mailbox = Mailbox()
    with (
        smtp_server(mailbox, port),
        pytest.raises(ValueError, match="x"),
        mailing_failures(tmp_path, given(port), Console(quiet=True)),
    ):
        raise ValueError("x")
    assert len(mailbox.taken) == 1


def test_what_hinders_the_mail_is_said_and_the_error_of_the_run_comes_through(
    port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(stderr=True, width=300)
    with pytest.raises(ValueError, match="x"), mailing_failures(tmp_path, given(port), console):
        raise ValueError("x")
    assert "the mail about this failure: ops@example.com: the mail server" in capsys.readouterr().err
    with pytest.raises(ValueError, match="x"), mailing_failures(tmp_path, load(), console):
        raise ValueError("x")
    assert "--notify will mail nobody: deliveries.operators names nobody" in capsys.readouterr().err
