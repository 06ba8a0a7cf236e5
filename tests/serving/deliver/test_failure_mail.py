"""A failed run tells those who run it by mail: through the ledger, once a day for each exit code."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Mailbox, smtp_server

from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.failed_run import FailedRun
from rind.serving.deliver.failure_mail import lacking, mail_failure
from rind.serving.deliver.settings import Secrets

OPS = "deliveries.operators=[ops@example.com, ops@example.com]"
ONCE = "deliveries.retries.attempts=1"
ENDED = datetime(2026, 3, 2, 5, 21, tzinfo=UTC)
RUN = FailedRun(
    title="Acme <Inc>", code=3, reason="SourceError: cannot read the table usage", hint="`rind validate` says more.",
    started=ENDED - timedelta(minutes=6), ended=ENDED, list_of=date(2026, 2, 23),
)  # fmt: skip


def test_the_mail_says_what_happened_what_to_do_and_which_list_readers_see(
    make_job: Any, port: int, tmp_path: Path
) -> None:
    job, mailbox = make_job(OPS, f"deliveries.smtp.port={port}"), Mailbox()
    with smtp_server(mailbox, port):
        for _ in range(2):
            assert mail_failure(RUN, job.settings, Secrets(), "Acme", tmp_path / "state") == []
        assert mail_failure(replace(RUN, code=5), job.settings, Secrets(), "Acme", tmp_path / "state") == []
    assert mailbox.recipients == ["ops@example.com"] * 2, "once for each exit code"
    mail = mailbox.taken[0]
    assert mail["Subject"] == "Acme <Inc>: the weekly run failed (exit code 3), 2 Mar 2026"
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    flat = " ".join(text.get_content().split())
    for words in (
        "05:21 UTC, after 6 minutes", "SourceError: cannot read the table usage", "`rind validate` says more.",
        "Exit code 3: the source cannot be opened or read.", "Readers still see the list of 23 Feb 2026.",
    ):  # fmt: skip
        assert words in flat
    assert "Acme &lt;Inc&gt;" in html.get_content()


def test_where_the_server_is_away_the_mail_waits_and_goes_with_the_next_delivery(
    make_job: Any, port: int, tmp_path: Path
) -> None:
    job = make_job(OPS, ONCE, f"deliveries.smtp.port={port}", channels=["mail"])
    [line] = mail_failure(RUN, job.settings, Secrets(), job.company, tmp_path / "state")
    assert line.startswith("ops@example.com: the mail server 127.0.0.1:")
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        assert deliver(job, tmp_path / "state").complete
    assert sum("failed" in mail["Subject"] for mail in mailbox.taken) == 1


def test_whoever_is_no_operator_any_more_does_not_get_it_later(make_job: Any, port: int, tmp_path: Path) -> None:
    given = (ONCE, f"deliveries.smtp.port={port}")
    job = make_job(OPS, *given, channels=["mail"])
    mail_failure(RUN, job.settings, Secrets(), job.company, tmp_path / "state")
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(replace(make_job(*given, channels=["mail"]), place=job.place), tmp_path / "state")
    assert report.withdrawn == ["2026-03-02 mail to ops@example.com (operators, failed run (3)): no recipient any more"]
    assert "ops@example.com" not in mailbox.recipients


def test_nothing_else_that_waits_goes_with_it(make_job: Any, port: int, tmp_path: Path) -> None:
    """Its recipients may be none any more: only `rind deliver` knows."""
    job = make_job(OPS, ONCE, f"deliveries.smtp.port={port}", channels=["mail"])
    assert len(deliver(job, tmp_path / "state").pending) == 4
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        assert mail_failure(RUN, job.settings, Secrets(), job.company, tmp_path / "state") == []
    assert mailbox.recipients == ["ops@example.com"]


@pytest.mark.parametrize("broken", ["a file", "no ledger"])
def test_where_the_ledger_cannot_be_written_the_mail_goes_all_the_same(
    make_job: Any, port: int, tmp_path: Path, broken: str
) -> None:
    folder = tmp_path / "state"
    if broken == "a file":
        folder.write_text("")
    else:
        folder.mkdir()
        (folder / "deliveries.sqlite").write_text("this is no database, and long enough to be seen as none" * 99)
        with pytest.raises(sqlite3.DatabaseError):
            sqlite3.connect(folder / "deliveries.sqlite").execute("select 1 from x")
    job, mailbox = make_job(OPS, f"deliveries.smtp.port={port}"), Mailbox()
    with smtp_server(mailbox, port):
        assert mail_failure(RUN, job.settings, Secrets(), "Acme", folder) == []
    assert mailbox.recipients == ["ops@example.com"]


def test_what_the_mail_lacks_is_named(make_job: Any) -> None:
    assert lacking(make_job(OPS).settings, Secrets()) == ""
    assert lacking(make_job().settings, Secrets()) == "deliveries.operators names nobody"
    assert "deliveries.sender" in lacking(make_job(OPS, "deliveries.sender=''").settings, Secrets())
    assert "RIND_SMTP_HOST" in lacking(make_job(OPS, "deliveries.smtp.host=''").settings, Secrets())
    far = make_job(OPS, "deliveries.smtp.host=smtp.example.com").settings
    assert "clear text" in lacking(far, Secrets(smtp_password="secret"))
