"""The chat message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mail_servers import Hook, http_server, slack_job

from rind.serving.deliver.dispatch import deliver


def test_the_chat_gets_the_top_movers_once(make_job: Any, tmp_path: Path) -> None:
    hook = Hook()
    with http_server(hook) as url:
        job = slack_job(make_job, url)
        assert deliver(job, tmp_path / "state").complete
        assert deliver(job, tmp_path / "state").complete
    (body,) = hook.bodies
    message = json.loads(body)
    assert message["text"].startswith("Hearth & Co: all accounts at risk")
    movers = message["blocks"][2]["text"]["text"].splitlines()
    assert movers[0] == "*Moved most*"
    assert 2 <= len(movers) <= 6
    assert all(":arrow_" in line and "<https://rind.example.com/accounts/" in line for line in movers[1:])
    assert {block["type"] for block in message["blocks"]} == {"header", "section"}


def test_a_name_is_no_markup_of_the_chat(make_job: Any, tmp_path: Path) -> None:
    hook = Hook()
    with http_server(hook) as url:
        job = slack_job(make_job, url)
        names = job.week.risk_list.assign(name="<!channel> & |co|", csm="<@U1>")
        job.week.risk_list = names
        deliver(job, tmp_path / "state")
    text = json.loads(hook.bodies[0])["blocks"][2]["text"]["text"]
    assert "<!channel>" not in text
    assert "<@U1>" not in text
    assert "&lt;!channel&gt; &amp; /co/" in text
