"""The chat message."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Hook, http_server, slack_job

from rind.serving.deliver.channels.slack import compose, is_current
from rind.serving.deliver.chat_markup import escaped, sections
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.settings import Secrets

LINKS = "deliveries.base_url=https://rind.example.com"


def test_the_chat_gets_the_top_movers_once(make_job: Any, tmp_path: Path) -> None:
    hook = Hook()
    with http_server(hook) as url:
        job = slack_job(make_job, url)
        assert deliver(job, tmp_path / "state").complete
        assert deliver(job, tmp_path / "state").complete
    (body,) = hook.bodies
    message = json.loads(body)
    assert message["text"].startswith("Hearth &amp; Co: all accounts at risk")
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


def lengths(message: dict[str, Any]) -> list[int]:
    return [len(block["text"]["text"]) for block in message["blocks"] if block["type"] == "section"]


@pytest.mark.parametrize("name", ["&" * 150, "&" * 500, "<" * 149 + "&amp;", "\N{ROCKET}" * 200, "North Foods"])
@pytest.mark.parametrize("movers", [5, 30, 2000])
def test_no_section_is_longer_than_slack_takes_and_no_entity_is_cut(make_job: Any, name: str, movers: int) -> None:
    job = make_job(f"deliveries.slack.movers={movers}", LINKS, week={"accounts": 60})
    job.week.risk_list = job.week.risk_list.assign(name=name, csm=name)
    message = json.loads(compose(job, lambda _: None)[0].payload)
    assert len(message["blocks"]) <= 50
    assert max(lengths(message)) <= 3000
    text = "\n".join(block["text"]["text"] for block in message["blocks"][1:])
    assert not re.search(r"&(?!(amp|lt|gt);)", text)
    assert text.count(":arrow_") == min(movers, 37)
    assert len(message["blocks"][0]["text"]["text"]) <= 150


def test_more_movers_than_blocks_hold_are_counted() -> None:
    blocks = sections(["x" * 2000] * 60, 48)
    assert len(blocks) == 48
    assert blocks[-1]["text"]["text"] == "and 13 more"
    assert [block["text"]["text"] for block in sections(["a" * 1499, "b" * 1500, "c"], 48)] == [
        "a" * 1499 + "\n" + "b" * 1500, "c"
    ]  # fmt: skip


def test_an_id_too_long_for_a_link_is_a_name_without_one(make_job: Any) -> None:
    job = make_job(LINKS)
    job.week.risk_list = job.week.risk_list.assign(account_id=[f"{'é' * 500}{n}" for n in range(40)])
    before = job.week.table("previous_list")
    job.week._tables["previous_list"] = before.assign(account_id=[f"{'é' * 500}{n + 3}" for n in range(len(before))])
    message = json.loads(compose(job, lambda _: None)[0].payload)
    assert max(lengths(message)) <= 3000
    assert "/accounts/" not in json.dumps(message)
    assert ":arrow_" in json.dumps(message)


@pytest.mark.parametrize("most", range(1, 12))
def test_a_text_is_cut_after_it_was_escaped(most: int) -> None:
    cut = escaped("a&<b", most)
    assert cut in {"…", "a…", "a&amp;…", "a&amp;&lt;…", "a&amp;&lt;b"}
    assert len(cut) <= most
    assert escaped("a&<b", 11) == "a&amp;&lt;b"


def test_each_csm_with_a_webhook_gets_the_own_accounts_and_leadership_all_of_them(
    make_job: Any, tmp_path: Path
) -> None:
    names, hook, own_hook = make_job().week.risk_list["csm"].dropna().unique().tolist(), Hook(), Hook()
    own, other = names[:2]
    settings = f"deliveries.slack.csms={{{own}: RIND_SLACK_WEBHOOK_OWN, {other}: RIND_SLACK_WEBHOOK_OTHER}}"
    with http_server(hook) as url, http_server(own_hook) as own_url:
        secrets = Secrets(slack_webhook=url, slack_csms={"RIND_SLACK_WEBHOOK_OWN": own_url})
        job = make_job(LINKS, settings, channels=["slack"], required=True, secrets=secrets)
        report = deliver(job, tmp_path / "state")
    assert f"no chat message for {other}: RIND_SLACK_WEBHOOK_OTHER is not set" in report.notes
    assert len(hook.bodies) == len(own_hook.bodies) == 1
    texts = [block["text"]["text"] for block in json.loads(own_hook.bodies[0])["blocks"]]
    assert f"{own}: your accounts at risk" in texts[0]
    calls = next(text for text in texts if text.startswith("*Call first*"))
    assert calls.count("risk ") >= 1
    mine = job.week.risk_list.loc[job.week.risk_list["csm"] == own, "account_id"]
    assert all(any(account in line for account in mine) for line in calls.splitlines()[1:])


def test_a_csm_who_is_no_reader_any_more_gets_nothing_that_waited(make_job: Any) -> None:
    name = make_job().week.risk_list["csm"].dropna().iloc[0]
    hooks = Secrets(slack_csms={"RIND_SLACK_WEBHOOK_A": "https://chat.example.com/x"})
    named = make_job(f"deliveries.slack.csms={{{name}: RIND_SLACK_WEBHOOK_A}}", secrets=hooks)
    (item,) = compose(named, lambda _: None)
    assert is_current(item, named)
    assert not is_current(item, make_job(secrets=hooks))


def test_a_mover_says_what_moved_it(make_job: Any) -> None:
    job = make_job(LINKS)
    lines = json.loads(compose(job, lambda _: None)[0].payload)["blocks"][2]["text"]["text"].splitlines()
    moved = job.week.risk_list["moved_by"].tolist()
    assert any(line.endswith(tuple(moved)) for line in lines[1:])


def test_a_mover_says_what_the_list_before_said_where_that_reads_differently_today(make_job: Any) -> None:
    job = make_job(LINKS)
    for risk, said in ((0.005, "(the list then said 0.5"), (float("nan"), "")):
        before = job.week.table("previous_list").assign(published_probability=risk)
        job.week._tables["previous_list"] = before
        text = json.loads(compose(job, lambda _: None)[0].payload)["blocks"][2]["text"]["text"]
        assert said in text
        assert ("the list then said" in text) == bool(said)
