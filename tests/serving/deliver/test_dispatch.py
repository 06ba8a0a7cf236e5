"""Mails over a real SMTP server that is down and refuses: each reader gets each week once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_servers import EVERYBODY, Mailbox, command_settings, smtp_server
from report_examples import AS_OF
from result_folders import write_results
from typer.testing import CliRunner

from rind.common.errors import UsageError
from rind.pipelines.cli.app import app
from rind.serving.deliver.dispatch import deliver


def test_everybody_gets_the_mail_once(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        first = deliver(job, tmp_path / "state")
        again = deliver(job, tmp_path / "state")
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)
    assert (len(first.sent), first.complete) == (3, True)
    assert (again.sent, len(again.already), again.complete) == ([], 3, True)
    assert [str(mail["To"]) for mail in mailbox.taken] == mailbox.recipients


def test_nothing_is_lost_while_the_server_is_down(job: Any, port: int, tmp_path: Path) -> None:
    down = deliver(job, tmp_path / "state")
    assert (down.sent, len(down.pending)) == ([], 3)
    assert "cannot be used" in down.pending[0]
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_a_week_that_waited_goes_out_with_the_next_one_first(
    make_job: Any, job: Any, port: int, tmp_path: Path
) -> None:
    deliver(job, tmp_path / "state")
    later = make_job(
        f"deliveries.smtp.port={port}", week={"as_of": AS_OF + timedelta(days=7)}, channels=["mail"], required=True
    )
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(later, tmp_path / "state")
    assert report.complete
    assert len(mailbox.taken) == 6
    assert ["2 Mar 2026" in str(m["Subject"]) for m in mailbox.taken] == [True] * 3 + [False] * 3


def test_a_refused_connection_is_no_attempt_and_the_rerun_still_corrects_the_mail(
    make_job: Any, job: Any, port: int, tmp_path: Path
) -> None:
    deliver(job, tmp_path / "state")
    rerun = make_job(f"deliveries.smtp.port={port}", week={"name": "Corrected Foods"}, channels=["mail"], required=True)
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        assert deliver(rerun, tmp_path / "state").complete
    assert len(mailbox.taken) == 3
    texts = {str(mail["To"]): mail.get_body(("plain",)).get_content() for mail in mailbox.taken}
    assert all("Corrected Foods" in texts[reader] for reader in ("li@example.com", "boss@example.com"))


def test_one_refused_recipient_keeps_nobody_else_waiting(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(refuses={"li@example.com": "550 no such user"})
    with smtp_server(mailbox, port):
        report = deliver(job, tmp_path / "state")
        again = deliver(job, tmp_path / "state")
    assert sorted(mailbox.recipients) == ["boss@example.com", "tom@example.com"]
    assert not report.complete
    assert "550 no such user" in report.refused[0]
    assert (again.sent, len(again.refused)) == ([], 1)
    with smtp_server(mailbox, port):
        mailbox.refuses.clear()
        assert deliver(job, tmp_path / "state", retry_refused=True).complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_a_full_mailbox_is_tried_again_later(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(refuses={"li@example.com": "452 mailbox full"})
    with smtp_server(mailbox, port):
        report = deliver(job, tmp_path / "state")
        assert (len(report.sent), len(report.pending)) == (2, 1)
        mailbox.refuses.clear()
        assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_the_exit_code_tells_that_something_waits(tmp_path: Path, port: int) -> None:
    week = write_results(tmp_path / "week")
    down = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *command_settings(port)])
    assert down.exit_code == 7, down.output
    assert "still waiting" in down.output
    with smtp_server(Mailbox(), port):
        up = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *command_settings(port)])
        again = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *command_settings(port)])
    assert (up.exit_code, again.exit_code) == (0, 0)
    assert "sent before" in again.output


def test_a_channel_that_was_asked_for_and_is_not_set_up_is_an_error(make_job: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it needs smtp"):
        deliver(make_job("deliveries.smtp.host=''", channels=["mail"], required=True), tmp_path / "state")
    with pytest.raises(UsageError, match="RIND_SLACK_WEBHOOK"):
        deliver(make_job(channels=["slack"], required=True), tmp_path / "state")
    report = deliver(make_job("deliveries.smtp.host=''", channels=["mail", "slack", "crm"]), tmp_path / "state")
    assert len(report.sent) == 2
    assert [note.split()[0] for note in report.notes] == ["mail", "slack"]


def test_the_state_lies_beside_the_results_unless_told(tmp_path: Path) -> None:
    week = write_results(tmp_path / "week")
    CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "crm"])
    assert (week / "deliveries/deliveries.sqlite").exists()
    done = CliRunner().invoke(app, ["deliver", "--dir", "postgres://me@127.0.0.1:1/x", "--only", "crm"])
    assert done.exit_code == 1
    assert (week / "deliveries/crm_salesforce_2026-03-02.csv").exists()
