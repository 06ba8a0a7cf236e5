"""Companies that share a ledger, and a ledger of the version that did not know companies."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mail_servers import EVERYBODY, Hook, Mailbox, command_settings, http_server, slack_job, smtp_server
from result_folders import write_results
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.serving.deliver.channels import CHANNELS
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox

OLD_TABLE = """
create table deliveries (
    key text primary key, as_of text not null, channel text not null, audience text not null, recipient text not null,
    payload blob, state text not null, attempts integer not null default 0, queued_at text not null,
    changed_at text not null, error text not null default '')
"""


def named(job: Any, company: str) -> Any:
    """The job of another company with the same readers."""
    job.week._documents["run"]["facts"]["company"] = company
    return job


def old_ledger(folder: Path, items: list[Item], state: str) -> None:
    """A ledger as the version without companies left it."""
    folder.mkdir(exist_ok=True)
    db = sqlite3.connect(folder / "deliveries.sqlite")
    db.execute(OLD_TABLE.replace("create table", "create table if not exists"))
    for item in items:
        names = [item.as_of.isoformat(), item.channel, item.audience, item.recipient]
        payload = None if state == "sent" else item.payload
        values = [
            json.dumps(names, ensure_ascii=False),
            *names,
            payload,
            state,
            int(state != "pending"),
            "2026",
            "2026",
            "",
        ]
        db.execute(f"insert into deliveries values ({', '.join('?' * 11)})", values)
    db.commit()
    db.close()


def mails(job: Any) -> list[Item]:
    return CHANNELS["mail"].compose(job, lambda _: None)


@pytest.fixture
def two(make_job: Any, port: int) -> tuple[Any, Any]:
    """Two companies with the same week and the same readers."""
    jobs = (make_job(f"deliveries.smtp.port={port}", channels=["mail"], required=True) for _ in range(2))
    first, second = (named(job, company) for job, company in zip(jobs, ("Hearth & Co", "Moor Ltd"), strict=True))
    return first, second


def test_each_company_that_shares_a_ledger_gets_its_mails_once(two: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        for job in (*two, *two):
            assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(2 * EVERYBODY)
    assert len(set(mailbox.ids)) == 6
    assert sorted({str(mail["Subject"]).split(":")[0] for mail in mailbox.taken}) == ["Hearth & Co", "Moor Ltd"]


def test_a_company_sends_nothing_of_another_one(two: Any, port: int, tmp_path: Path) -> None:
    first, second = two
    assert len(deliver(first, tmp_path / "state").pending) == 3
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(second, tmp_path / "state")
        assert (report.complete, len(report.sent)) == (True, 3)
        assert {str(mail["Subject"]).split(":")[0] for mail in mailbox.taken} == {"Moor Ltd"}
        assert deliver(first, tmp_path / "state").complete
    assert len(mailbox.taken) == 6


def test_the_crm_files_of_two_companies_lie_apart_in_a_shared_folder(make_job: Any, tmp_path: Path) -> None:
    for company in ("Hearth & Co", "Moor Ltd"):
        job = named(make_job(f"deliveries.state={tmp_path / 'state'}", channels=["crm"], required=True), company)
        assert deliver(job, tmp_path / "state").complete
    assert len(list((tmp_path / "state").glob("*/crm_salesforce_2026-03-02.csv"))) == 2


def test_a_company_is_named_by_its_setting_then_by_its_run_then_by_the_place_of_its_results(make_job: Any) -> None:
    job = replace(make_job(), place="../results")
    assert job.company == "Hearth & Co"
    run = job.week._documents["run"]
    run["parameters"]["source"] = {"name": "Moor Ltd", "url": "exports/1"}
    assert job.company == "Moor Ltd"
    run["parameters"]["source"] = {"name": "", "url": "exports/1"}
    run["facts"]["company"] = "exports/1"
    assert job.company == "../results"
    assert replace(job, settings=job.settings.model_copy(update={"company": "Moor"})).company == "Moor"


def test_two_companies_without_a_name_share_a_ledger_too(port: int, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        for place in ("a/results", "b/results", "a/results"):
            week = write_results(tmp_path / place, accounts=40)
            run = json.loads((week / "run.json").read_text())
            run["parameters"]["source"] = {"name": "", "url": "tables/"}
            run["facts"]["company"] = "tables/"
            (week / "run.json").write_text(json.dumps(run))
            settings = [*command_settings(port), "--set", f"deliveries.state={tmp_path / 'state'}"]
            done = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *settings])
            assert done.exit_code == 0, done.output
    assert sorted(mailbox.recipients) == sorted(2 * EVERYBODY)
    assert len(set(mailbox.ids)) == 6


@pytest.mark.parametrize("state", ["pending", "sending", "refused"])
def test_what_waits_in_an_old_ledger_goes_once_by_the_company_that_wrote_it(
    two: Any, port: int, tmp_path: Path, state: str
) -> None:
    first, second = two
    old_ledger(tmp_path / "state", mails(first), state)
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        for job in (second, first, second, first):
            deliver(job, tmp_path / "state", retry_refused=state == "refused")
    assert sorted(mailbox.recipients) == sorted(2 * EVERYBODY)
    assert len(set(mailbox.ids)) == 6


def test_what_an_old_ledger_sent_is_not_sent_again_and_the_other_company_gets_its_mails(
    two: Any, port: int, tmp_path: Path
) -> None:
    first, second = two
    old_ledger(tmp_path / "state", mails(first), "sent")
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(first, tmp_path / "state")
        assert (report.sent, len(report.already), report.complete) == ([], 3, True)
        assert deliver(second, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)
    assert {str(mail["Subject"]).split(":")[0] for mail in mailbox.taken} == {"Moor Ltd"}


def test_a_chat_message_of_an_old_ledger_goes_to_the_chat_of_its_company_alone(make_job: Any, tmp_path: Path) -> None:
    hooks = Hook(), Hook()
    with http_server(hooks[0]) as one, http_server(hooks[1]) as other:
        first, second = slack_job(make_job, one), named(slack_job(make_job, other), "Moor Ltd")
        old_ledger(tmp_path / "state", CHANNELS["slack"].compose(first, lambda _: None), "pending")
        report = deliver(second, tmp_path / "state")
        assert report.notes == ["1 items of an earlier version wait for another company that shares this ledger"]
        assert deliver(first, tmp_path / "state").complete
    assert [len(hook.bodies) for hook in hooks] == [1, 1]
    assert b"Moor" not in hooks[0].bodies[0]


def test_an_old_ledger_opened_by_two_at_once_gets_its_column_once(two: Any, tmp_path: Path) -> None:
    old_ledger(tmp_path / "state", mails(two[0]), "pending")
    boxes = [Outbox(tmp_path / "state", "x"), Outbox(tmp_path / "state", "y")]
    assert [len(box.unclaimed("mail")) for box in boxes] == [3, 3]
    for box in boxes:
        box.close()
