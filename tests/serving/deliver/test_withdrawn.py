"""Who is no recipient any more never gets what waited for them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Mailbox, command_settings, smtp_server
from report_examples import AS_OF
from result_folders import write_results
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox

WITHOUT_TOM = {"csms": {"Li Na": "li@example.com"}}
NEW_ADDRESS = {"csms": {"Li Na": "li@example.com", "Tom Hardy": "new@example.com"}}
TOM_LEADS = {**WITHOUT_TOM, "leadership": ("boss@example.com", "tom@example.com")}


def read_by(job: Any, readers: dict[str, Any]) -> Any:
    """The job with other recipients."""
    return replace(job, settings=job.settings.model_copy(update=readers))


def rows(folder: Path, recipient: str) -> list[tuple[str, Any]]:
    db = sqlite3.connect(folder / "deliveries.sqlite")
    rows = db.execute("select state, payload from deliveries where recipient = ?", [recipient]).fetchall()
    db.close()
    return rows


@pytest.mark.parametrize("now", [WITHOUT_TOM, NEW_ADDRESS, TOM_LEADS])
def test_a_removed_reader_gets_nothing_that_waited(job: Any, port: int, tmp_path: Path, now: dict[str, Any]) -> None:
    assert len(deliver(job, tmp_path / "state").pending) == 3
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(read_by(job, now), tmp_path / "state")
    assert report.withdrawn == ["2026-03-02 mail to tom@example.com (csm Tom Hardy): no recipient any more"]
    assert report.complete
    assert ("withdrawn", None) in rows(tmp_path / "state", "tom@example.com")
    subjects = [str(mail["Subject"]) for mail in mailbox.taken if mail["To"] == "tom@example.com"]
    assert [subject for subject in subjects if "your accounts" in subject] == []
    assert "1 withdrawn" in report.channels[0]


def test_what_was_refused_or_may_have_left_is_withdrawn_too(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(refuses={"tom@example.com": "550 not today", "li@example.com": "450 later"})
    with smtp_server(mailbox, port):
        deliver(job, tmp_path / "state")
        mailbox.refuses.clear()
        report = deliver(read_by(job, {"csms": {}}), tmp_path / "state", retry_refused=True)
    assert len(report.withdrawn) == 2
    assert mailbox.recipients == ["boss@example.com"]


def test_a_reader_who_is_back_gets_the_weeks_mail_once(job: Any, port: int, tmp_path: Path) -> None:
    deliver(job, tmp_path / "state")
    deliver(read_by(job, WITHOUT_TOM), tmp_path / "state")
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        for _ in range(2):
            assert deliver(job, tmp_path / "state").complete
    assert mailbox.recipients.count("tom@example.com") == 1


def test_a_forgotten_file_of_parameters_withdraws_nothing(port: int, tmp_path: Path) -> None:
    week = write_results(tmp_path / "week", accounts=40)
    CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *command_settings(port)])
    bare = CliRunner().invoke(app, ["deliver", "--dir", str(week)])
    assert "withdrawn" not in bare.output
    with smtp_server(Mailbox(), port):
        done = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *command_settings(port)])
    assert done.exit_code == 0
    assert "channel: mail: 3 sent" in done.output


def test_a_file_for_a_crm_that_is_mapped_no_more_is_not_written(make_job: Any, tmp_path: Path) -> None:
    job = make_job(channels=["crm"], required=True)
    outbox = Outbox(tmp_path / "state", job.company)
    outbox.put(Item(AS_OF, "crm", "all", "sugar", b"secret", job.company))
    outbox.close()
    report = deliver(job, tmp_path / "state")
    assert len(report.withdrawn) == 1
    assert not list((tmp_path / "state").glob("*sugar*"))


def test_nothing_of_a_withdrawn_mail_stays_in_the_ledgers_file(job: Any, tmp_path: Path) -> None:
    deliver(job, tmp_path / "state")
    ledger = tmp_path / "state/deliveries.sqlite"
    assert b"for Tom Hardy" in ledger.read_bytes()
    deliver(read_by(job, WITHOUT_TOM), tmp_path / "state")
    assert b"for Tom Hardy" not in ledger.read_bytes()
