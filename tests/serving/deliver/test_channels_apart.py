"""One bad channel never blocks the rest, and the summary says what went on each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mail_servers import EVERYBODY, Mailbox, command_settings, smtp_server
from result_folders import write_results
from typer.testing import CliRunner

from rind.common.errors import UsageError
from rind.pipelines.cli.app import app
from rind.pipelines.params import load
from rind.serving.deliver.channels import CHANNELS, crm, slack
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.settings import Secrets, from_environment

WEBHOOKS = ["https://hooks.example.com/s3cret\r", "https://hooks..x/s3cret", "ftp://hooks.example.com/s3cret"]
HOSTS = ["smtp..example.com", "smtp.example.com\r", "smtp example com", "a" * 70 + ".com"]


@pytest.mark.parametrize("webhook", WEBHOOKS)
def test_a_wrong_webhook_leaves_mails_and_files_alone(make_job: Any, port: int, tmp_path: Path, webhook: str) -> None:
    job = make_job(f"deliveries.smtp.port={port}", secrets=Secrets(slack_webhook=webhook))
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(job, tmp_path / "state")
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)
    assert not report.complete
    lines = ["mail: 3 sent", "slack: not tried: RIND_SLACK_WEBHOOK is no https address", "crm: 2 sent"]
    assert [line for line in report.channels if line.split(":")[0] in ("mail", "slack", "crm")] == lines
    assert "s3cret" not in str(report)


@pytest.mark.parametrize("host", HOSTS)
def test_a_wrong_mail_server_leaves_the_files_alone(make_job: Any, tmp_path: Path, host: str) -> None:
    settings, secrets = from_environment(make_job().settings, {"RIND_SMTP_HOST": f"{host}x"})
    job = make_job(channels=["mail", "crm"])
    job = type(job)(job.week, settings, secrets, job.channels)
    report = deliver(job, tmp_path / "state")
    assert [line.split(": ")[:2] for line in report.channels] == [["mail", "not tried"], ["crm", "2 sent"]]
    assert "is no name of a server" in report.failed["mail"]


def test_a_port_of_the_environment_that_is_none_concerns_mail_alone(make_job: Any, tmp_path: Path) -> None:
    settings, secrets = from_environment(make_job().settings, {"RIND_SMTP_PORT": "99999"})
    job = make_job(channels=["mail", "crm"])
    report = deliver(type(job)(job.week, settings, secrets, job.channels), tmp_path / "state")
    assert report.failed == {"mail": "deliveries.smtp.port (or RIND_SMTP_PORT) cannot be '99999'"}
    assert len(report.sent) == 2


def test_a_line_end_behind_a_value_of_the_environment_is_cut() -> None:
    given = {"RIND_SMTP_HOST": "smtp.example.com\r", "RIND_SMTP_PORT": "25\r", "RIND_SMTP_PASSWORD": " a b \r\n",
             "RIND_SLACK_WEBHOOK": "https://hooks.example.com/x\r\n"}  # fmt: skip
    settings, secrets = from_environment(load().deliveries, given)
    assert (settings.smtp.host, settings.smtp.port) == ("smtp.example.com", 25)
    assert (secrets.smtp_password, secrets.slack_webhook) == (" a b ", "https://hooks.example.com/x")


def test_a_defect_in_one_channel_leaves_the_others_alone(
    make_job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise ValueError("s3cret")

    job = make_job(f"deliveries.smtp.port={port}", secrets=Secrets(slack_webhook="http://127.0.0.1:1/x"))
    monkeypatch.setattr(slack, "compose", broken)
    monkeypatch.setattr(crm, "open_sender", broken)
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(job, tmp_path / "state")
    assert len(mailbox.taken) == 3
    assert report.failed == {"slack": "unexpected ValueError", "crm": "unexpected ValueError"}
    assert report.channels[0] == "mail: 3 sent"
    assert [len(report.pending), "s3cret" in str(report.channels)] == [2, False]


def test_where_no_channel_can_be_used_all_reasons_are_told(make_job: Any, tmp_path: Path) -> None:
    job = make_job("deliveries.smtp.host=a..b", "deliveries.crm={sugar: {Risk: risk}}",
                   secrets=Secrets(slack_webhook="x"))  # fmt: skip
    with pytest.raises(UsageError) as raised:
        deliver(job, tmp_path / "state")
    assert all(word in str(raised.value) for word in ("mail: ", "slack: ", "crm: ", "sugar.risk"))
    assert not (tmp_path / "state").exists()


def test_the_command_prints_a_line_per_channel_and_ends_with_seven(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIND_SLACK_WEBHOOK", "https://hooks..x/s3cret")
    week = write_results(tmp_path / "week", accounts=40)
    with smtp_server(Mailbox(), port):
        done = CliRunner().invoke(app, ["deliver", "--dir", str(week), *command_settings(port)])
    assert done.exit_code == 7, done.output
    assert "channel: mail: 3 sent" in done.output
    assert "channel: slack: not tried: RIND_SLACK_WEBHOOK is no https address" in done.output
    assert "channel: crm: 2 sent" in done.output
    assert "s3cret" not in done.output
    assert "1 failed" in done.output


def test_each_channel_says_what_is_wrong_with_its_settings(make_job: Any) -> None:
    sound = make_job(secrets=Secrets(slack_webhook="https://hooks.example.com/x"))
    assert [CHANNELS[name].wrong_settings(sound) for name in ("mail", "slack", "crm")] == ["", "", ""]
