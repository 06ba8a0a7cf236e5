"""The webhook over a real HTTP server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Hook, http_server, slack_job
from report_examples import AS_OF

from rind.common.errors import UsageError
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.webhook import seconds_of, webhook_problem


@pytest.mark.parametrize("answers", [[500], [503], [429], [None]])
def test_what_a_busy_chat_did_not_take_is_sent_again(make_job: Any, tmp_path: Path, answers: list[int | None]) -> None:
    hook = Hook(*answers)
    with http_server(hook) as url:
        assert deliver(slack_job(make_job, url), tmp_path / "state").complete
    assert len(hook.bodies) == 1
    assert len(hook.times) == 2


def test_a_chat_that_is_down_gets_its_message_with_the_next_run(make_job: Any, tmp_path: Path) -> None:
    hook = Hook(500, 500)
    with http_server(hook) as url:
        job = slack_job(make_job, url)
        report = deliver(job, tmp_path / "state")
        assert len(report.pending) == 1
        assert deliver(job, tmp_path / "state").complete
    assert len(hook.bodies) == 1


def test_a_chat_that_asks_for_patience_gets_it(make_job: Any, tmp_path: Path) -> None:
    hook = Hook(429, retry_after="1")
    with http_server(hook) as url:
        deliver(slack_job(make_job, url), tmp_path / "state")
    assert hook.times[1] - hook.times[0] >= 0.9


def test_a_webhook_that_is_gone_is_not_asked_again(make_job: Any, tmp_path: Path) -> None:
    hook = Hook(404)
    with http_server(hook) as url:
        job = slack_job(make_job, url)
        report = deliver(job, tmp_path / "state")
        assert "404" in report.refused[0]
        deliver(job, tmp_path / "state")
    assert len(hook.times) == 1


def test_the_webhooks_address_is_told_to_nobody(make_job: Any, tmp_path: Path) -> None:
    job = slack_job(make_job, "http://127.0.0.1:1/services/s3cret")
    report = deliver(job, tmp_path / "state")
    assert len(report.pending) == 1
    assert "s3cret" not in str(report) + repr(job)
    assert b"s3cret" not in (tmp_path / "state/deliveries.sqlite").read_bytes()
    with pytest.raises(UsageError, match="no https address") as raised:
        deliver(slack_job(make_job, "http://chat.example.com/s3cret"), tmp_path / "state")
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    "odd", ["\xb2", "\u0663".encode().decode("latin-1"), "-5", "soon", "1e9", "nan", "", "9" * 400, "Mon, 99 Foo 2026"]
)
def test_an_odd_retry_after_is_as_good_as_none(make_job: Any, tmp_path: Path, odd: str) -> None:
    hook = Hook(429, retry_after=odd)
    with http_server(hook) as url:
        job = slack_job(make_job, url, "deliveries.retries.longest_wait_seconds=0")
        assert deliver(job, tmp_path / "state").complete
    assert len(hook.bodies) == 1


def test_retry_after_is_seconds_or_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < seconds_of(soon) <= 90
    assert seconds_of(" 7 ") == 7
    assert [seconds_of(text) for text in ("Mon, 01 Jan 2001 00:00:00 GMT", "\u00b2", "-1", "1.5")] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/s3cret\r", "https://hooks..x/s3cret", "https://hooks.example.com:99999/s3cret",
        "https://hooks.example.com:abc/s3cret", "https://[::1/s3cret", "https:///s3cret", "https://xn--a/s3cret",
        "https://-x.example.com/s3cret", f"https://{'a' * 64}.com/s3cret", "hooks.example.com/s3cret", " s3cret",
    ],
)  # fmt: skip
def test_a_webhook_that_is_no_address_is_refused_without_telling_it(url: str) -> None:
    assert webhook_problem(url, "RIND_SLACK_WEBHOOK") == "RIND_SLACK_WEBHOOK is no https address"


def test_a_message_whose_blocks_are_refused_goes_as_text(make_job: Any, tmp_path: Path) -> None:
    hook = Hook(400, code="invalid_blocks")
    with http_server(hook) as url:
        assert deliver(slack_job(make_job, url), tmp_path / "state").complete
    (body,) = hook.bodies
    message = json.loads(body)
    assert list(message) == ["text"]
    assert "ARR at risk" in message["text"]
    assert ":arrow_" in message["text"]


def test_a_message_that_is_refused_altogether_keeps_no_later_one_back_and_can_be_corrected(
    make_job: Any, tmp_path: Path
) -> None:
    hook = Hook(400, 400, code="invalid_payload")
    with http_server(hook) as url:
        job = slack_job(make_job, url)
        report = deliver(job, tmp_path / "state")
        assert report.refused == ["2026-03-02 slack to webhook: the webhook answered 400 (invalid_payload)"]
        later = slack_job(make_job, url, week={"as_of": AS_OF + timedelta(days=7)})
        assert deliver(later, tmp_path / "state").complete
        corrected = slack_job(make_job, url, week={"mrr_at_risk": 9_000_000.0})
        assert deliver(corrected, tmp_path / "state", retry_refused=True).complete
    assert len(hook.bodies) == 2
    assert b"ARR at risk 108,0" in hook.bodies[1]
