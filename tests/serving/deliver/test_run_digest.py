"""The mail to those who run the job: what was set aside, which guards fired, what is missing; no account."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Mailbox, smtp_server

from rind.common.guards import Finding, records
from rind.serving.deliver.channels.mail import compose, missing_settings
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.run_digest import run_digest
from rind.serving.deliver.settings import Secrets

OPERATORS = "deliveries.operators=[ops@example.com]"


def rule(count: int, share: float, set_aside: bool = True, **more: Any) -> dict[str, Any]:
    names = {"table": "tickets", "column": "priority", "rule": "value <not> allowed", "hint": "Allowed are low, high."}
    return names | {"count": count, "share": share, "set_aside": set_aside} | more


GUARD = Finding("late_rows", "too late", "stamp", True, "14 rows of usage <b>here</b>.", "Check the clock.")
FAULTY = {
    "validation": {
        "rules": [rule(7, 0.0004), rule(1234, 0.012, column="opened_at"), rule(9, 0.1, set_aside=False)],
        "accounts_set_aside": {"count": 3, "of": 1000, "share": 0.003},
        "notes": ["accounts.region is empty"],
    },
    "guards": {"answer": "stamp", "fired": records([GUARD]), "measured": {}},
}


def for_operators(job: Any) -> Any:
    """The job without any other reader."""
    readers = {"csms": {}, "leadership": (), "operators": ("ops@example.com",)}
    return replace(job, settings=job.settings.model_copy(update=readers))


def faulty(make_job: Any, **documents: Any) -> Any:
    """A job for operators alone, of a week with these documents."""
    job = for_operators(make_job())
    run = job.week.document("run") | {"parts_missing": {"adoption": "too few young accounts"}}
    job.week._documents = {**job.week._documents, "run": run, **FAULTY, **documents}
    return job


def parts(job: Any) -> tuple[str, str, str]:
    """Subject, text and HTML of the only mail."""
    (item,) = compose(job, lambda _: None)
    mail = message_from_bytes(item.payload, policy=policy.default)
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    return str(mail["Subject"]), text.get_content(), html.get_content()


def test_who_runs_the_job_reads_each_rule_with_count_and_share_each_guard_and_what_is_missing(make_job: Any) -> None:
    job = faulty(make_job)
    subject, text, html = parts(job)
    assert "1 part missing, 1 guard fired, 1,241 rows set aside, 3 accounts set aside" in subject
    flat = " ".join(text.split()).replace("\N{NO-BREAK SPACE}", " ")
    assert "3 of 1,000 accounts" in flat
    assert "tickets.opened_at: value <not> allowed: 1,234 rows (1 %). Allowed are low, high." in flat
    assert "tickets.priority: value <not> allowed: 7 rows (below 0.1 %)" in flat
    assert flat.index("1,234 rows") < flat.index("7 rows")
    assert "9 rows" not in flat, "this rule set nothing aside"
    assert "late_rows (too late, stamp): 14 rows of usage <b>here</b>. Check the clock." in flat
    assert "adoption: too few young accounts" in flat
    assert "accounts.region is empty" in flat
    assert "&lt;b&gt;here" in html
    assert "<b>here" not in html
    for name in job.week.risk_list["name"].dropna():
        assert name not in text, "no account is named"


def test_a_week_with_nothing_to_look_at_says_so_in_the_subject(make_job: Any) -> None:
    subject, text, html = parts(for_operators(make_job()))
    assert "nothing to look at" in subject
    for body in (text, html):
        assert "No guard fired, no row was set aside, and no part is missing." in " ".join(body.split())


@pytest.mark.parametrize("document", ["validation", "guards"])
@pytest.mark.parametrize("value", [None, {}])
def test_what_an_older_run_did_not_write_down_is_left_out(make_job: Any, document: str, value: Any) -> None:
    digest = run_digest(faulty(make_job, **{document: value}).week)
    assert not (digest.rules if document == "validation" else digest.guards)
    assert digest.missing == ("adoption: too few young accounts",)


def test_operators_alone_are_recipients_enough_and_each_mail_goes_once(
    make_job: Any, port: int, tmp_path: Path
) -> None:
    job = for_operators(make_job(f"deliveries.smtp.port={port}", channels=["mail"]))
    assert missing_settings(job.settings, Secrets()) == ""
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        assert deliver(job, tmp_path / "state").complete
        assert deliver(job, tmp_path / "state").complete
    assert mailbox.recipients == ["ops@example.com"]


def test_who_is_no_operator_any_more_gets_no_mail_that_waited(make_job: Any, port: int, tmp_path: Path) -> None:
    given = (f"deliveries.smtp.port={port}", "deliveries.retries.attempts=1")
    assert len(deliver(make_job(OPERATORS, *given, channels=["mail"]), tmp_path / "state").pending) == 4
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(make_job(*given, channels=["mail"]), tmp_path / "state")
    assert report.withdrawn == ["2026-03-02 mail to ops@example.com (operators): no recipient any more"]
    assert "ops@example.com" not in mailbox.recipients
