"""Servers and processes that die in the middle, and two at once: nothing is lost, nothing needlessly sent twice."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from mail_servers import DROP, EVERYBODY, TAKE_AND_DROP, Mailbox, command_settings, smtp_server
from result_folders import write_results
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.outbox import BusyError, Outbox
from rind.serving.deliver.settings import Secrets
from rind.serving.deliver.smtp import SmtpSender


def states(folder: Path) -> dict[str, str]:
    with sqlite3.connect(folder / "deliveries.sqlite") as ledger:
        rows = dict(ledger.execute("select recipient, state from deliveries").fetchall())
    ledger.close()
    return rows


def crash(job: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, owner: type, method: str) -> None:
    """A delivery that is interrupted when it calls this method."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(owner, method, interrupted)
        with pytest.raises(KeyboardInterrupt):
            deliver(job, folder)


def test_a_server_that_dies_before_it_takes_a_mail_gets_it_again(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(on_data=lambda number: DROP if number == 2 else None)
    with smtp_server(mailbox, port):
        assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_a_server_that_dies_after_it_took_a_mail_gets_the_same_mail_again(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(on_data=lambda number: TAKE_AND_DROP if number == 2 else None)
    with smtp_server(mailbox, port):
        assert deliver(job, tmp_path / "state").complete
    assert len(mailbox.taken) == 4
    assert len(set(mailbox.ids)) == 3
    twice = [mail for mail in mailbox.taken if mailbox.ids.count(str(mail["Message-ID"])) == 2]
    assert twice[0].as_bytes() == twice[1].as_bytes()


def test_a_crash_between_sending_and_noting_repeats_that_one_mail_under_its_id(
    job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        crash(job, tmp_path / "state", monkeypatch, Outbox, "mark_sent")
        assert "sending" in states(tmp_path / "state").values()
        assert deliver(job, tmp_path / "state").complete
    assert len(mailbox.taken) == 4
    assert len(set(mailbox.ids)) == 3


def test_a_crash_before_sending_loses_nothing_and_repeats_nothing(
    job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        crash(job, tmp_path / "state", monkeypatch, SmtpSender, "send")
        assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_everything_is_written_down_before_the_first_item_leaves(
    make_job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(f"deliveries.smtp.port={port}", channels=["mail", "slack", "crm"],
                   secrets=Secrets(slack_webhook="http://127.0.0.1:1/hook"))  # fmt: skip
    crash(job, tmp_path / "state", monkeypatch, SmtpSender, "send")
    outbox = Outbox(tmp_path / "state", job.company)
    assert [len(outbox.waiting(channel)) for channel in ("mail", "slack", "crm")] == [3, 1, 2]
    outbox.close()


def test_two_at_once_send_each_mail_once(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(on_data=lambda _: time.sleep(0.05))
    reports: list[Any] = []
    with smtp_server(mailbox, port):
        threads = [threading.Thread(target=lambda: reports.append(deliver(job, tmp_path / "state"))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)
    assert sorted(len(report.sent) for report in reports) == [0, 0, 3]


def test_who_waits_too_long_for_the_other_says_so(make_job: Any, port: int, tmp_path: Path) -> None:
    job = make_job("deliveries.lock_wait_seconds=0.2", f"deliveries.smtp.port={port}")
    other = Outbox(tmp_path / "state")
    with other.turn(0), pytest.raises(BusyError, match="another process"):
        deliver(job, tmp_path / "state")
    other.close()


def test_a_killed_process_leaves_what_it_did_not_send_to_the_next_one(port: int, tmp_path: Path) -> None:
    arrived = threading.Event()

    def slowly(number: int) -> str | None:
        if number == 2:
            arrived.set()
            time.sleep(0.5)
            return DROP
        return None

    mailbox = Mailbox(on_data=slowly)
    week = write_results(tmp_path / "week", accounts=40)
    arguments = ["--dir", str(week), "--only", "mail", *command_settings(port)]
    with smtp_server(mailbox, port):
        child = subprocess.Popen([sys.executable, "-m", "rind.pipelines.cli", "deliver", *arguments])
        assert arrived.wait(60)
        child.send_signal(signal.SIGKILL)
        child.wait()
        time.sleep(0.6)
        assert len(mailbox.taken) == 1
        done = CliRunner().invoke(app, ["deliver", *arguments])
        assert done.exit_code == 0, done.output
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)
