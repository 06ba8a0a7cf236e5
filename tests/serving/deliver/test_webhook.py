"""The webhook over a real HTTP server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mail_servers import Hook, http_server, slack_job

from rind.common.errors import UsageError
from rind.serving.deliver.dispatch import deliver


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
