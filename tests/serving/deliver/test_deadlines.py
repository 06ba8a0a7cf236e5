"""A server that sends a byte now and then: no timeout of a socket ends it, and it must not hold the lock."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Mailbox, slack_job, smtp_server, trickling_server

from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.outbox import Outbox

GREETING, HELLO, OK, GO_ON = b"220 here\r\n", b"250 hello\r\n", b"250 ok\r\n", b"354 go on\r\n"
SECONDS = 1.0


def took(job: Any, folder: Path) -> tuple[float, Any]:
    started = time.monotonic()
    report = deliver(job, folder)
    return time.monotonic() - started, report


@pytest.mark.parametrize("parts", [[], [GREETING], [GREETING, HELLO], [GREETING, HELLO, OK], [GREETING, HELLO, OK, OK]])
def test_a_mail_server_that_drips_ends_at_the_deadline_wherever_it_begins(
    make_job: Any, tmp_path: Path, parts: list[bytes]
) -> None:
    with trickling_server(*parts) as port:
        job = make_job(f"deliveries.smtp.port={port}", f"deliveries.smtp.timeout_seconds={SECONDS}", channels=["mail"],
                       required=True)  # fmt: skip
        seconds, report = took(job, tmp_path / "state")
    assert seconds < 3 * SECONDS
    assert len(report.pending) == 3
    assert "within 1 s" in "".join(report.pending)


def test_a_mail_that_a_dripping_server_may_have_taken_is_sent_again_as_it_was(
    make_job: Any, port: int, tmp_path: Path
) -> None:
    with trickling_server(GREETING, HELLO, OK, OK, GO_ON) as slow:
        job = make_job(f"deliveries.smtp.port={slow}", f"deliveries.smtp.timeout_seconds={SECONDS}", channels=["mail"],
                       required=True)  # fmt: skip
        deliver(job, tmp_path / "state")
    outbox = Outbox(tmp_path / "state", job.company)
    first = [entry for entry in outbox.waiting("mail") if entry.attempts]
    outbox.close()
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        job = make_job(f"deliveries.smtp.port={port}", week={"name": "Corrected"}, channels=["mail"], required=True)
        assert deliver(job, tmp_path / "state").complete
    assert len(first) == 1
    again = {str(mail["To"]): mail for mail in mailbox.taken}[first[0].item.recipient]
    assert str(again["Message-ID"]).encode() in first[0].item.payload
    assert len(mailbox.taken) == 3


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nx-odd: "])
def test_a_webhook_that_drips_ends_at_the_deadline_and_the_mails_go(
    make_job: Any, port: int, tmp_path: Path, answer: bytes
) -> None:
    mailbox = Mailbox()
    with trickling_server(b"", answer) as slow, smtp_server(mailbox, port):
        url = f"http://127.0.0.1:{slow}/hook"
        job = slack_job(make_job, url, f"deliveries.slack.timeout_seconds={SECONDS}", f"deliveries.smtp.port={port}")
        job = type(job)(job.week, job.settings, job.secrets, ["slack", "mail"], required=True)
        seconds, report = took(job, tmp_path / "state")
    assert seconds < 6 * SECONDS
    assert [line.split(": ")[-1] for line in report.pending] == ["the webhook did not answer within 1 s"]
    assert len(mailbox.taken) == 3


def test_a_webhook_that_took_the_message_may_drip_its_answer(make_job: Any, tmp_path: Path) -> None:
    with trickling_server(b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\ncontent-encoding: gzip\r\n\r\n") as slow:
        job = slack_job(make_job, f"http://127.0.0.1:{slow}/hook", "deliveries.slack.timeout_seconds=5")
        seconds, report = took(job, tmp_path / "state")
    assert report.complete
    assert seconds < 5
