"""The chat message over a real HTTP server, and the files for a CRM."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Hook, http_server

from rind.common.errors import UsageError
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.settings import Secrets

LINKS = "deliveries.base_url=https://rind.example.com"


def slack_job(make_job: Any, url: str, *overrides: str, **more: Any) -> Any:
    return make_job(LINKS, *overrides, channels=["slack"], required=True, secrets=Secrets(slack_webhook=url), **more)


def test_the_chat_gets_the_top_movers_once(make_job: Any, tmp_path: Path) -> None:
    hook = Hook()
    with http_server(hook) as url:
        job = slack_job(make_job, url)
        assert deliver(job, tmp_path / "state").complete
        assert deliver(job, tmp_path / "state").complete
    (body,) = hook.bodies
    said = json.loads(body)
    assert said["text"].startswith("Hearth & Co: all accounts at risk")
    movers = said["blocks"][2]["text"]["text"].splitlines()
    assert movers[0] == "*Moved most*"
    assert 2 <= len(movers) <= 6
    assert all(":arrow_" in line and "<https://rind.example.com/accounts/" in line for line in movers[1:])
    assert {block["type"] for block in said["blocks"]} == {"header", "section"}


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


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_files_for_a_crm_hold_its_own_field_names_and_our_numbers(make_job: Any, tmp_path: Path) -> None:
    job = make_job(LINKS, channels=["crm"], required=True)
    assert deliver(job, tmp_path / "state").complete
    found = rows(tmp_path / "state/crm_salesforce_2026-03-02.csv")
    listed = job.week.risk_list
    assert list(found[0]) == list(job.settings.crm["salesforce"])
    assert [row["Rind_Account_Id__c"] for row in found] == listed["account_id"].tolist()
    assert float(found[0]["Rind_Churn_Risk__c"]) == round(100 * listed["churn_probability"][0], 1)
    assert {row["Rind_Watermelon__c"] for row in found} <= {"TRUE", "FALSE"}
    assert {row["Rind_As_Of__c"] for row in found} == {"2026-03-02"}
    assert list(rows(tmp_path / "state/crm_hubspot_2026-03-02.csv")[0]) == list(job.settings.crm["hubspot"])


def test_a_crm_gets_the_file_of_a_week_once(make_job: Any, tmp_path: Path) -> None:
    job = make_job(channels=["crm"], required=True)
    deliver(job, tmp_path / "state")
    (tmp_path / "state/crm_hubspot_2026-03-02.csv").unlink()  # as an import does that moves what it took
    again = deliver(job, tmp_path / "state")
    assert (again.sent, len(again.already)) == ([], 2)
    assert not (tmp_path / "state/crm_hubspot_2026-03-02.csv").exists()


def test_a_crm_file_holds_no_formula(make_job: Any, tmp_path: Path) -> None:
    job = make_job(week={"name": "=1+1", "reason_1": "@SUM(A1)"}, channels=["crm"], required=True)
    deliver(job, tmp_path / "state")
    first = rows(tmp_path / "state/crm_hubspot_2026-03-02.csv")[0]
    assert first["name"] == "'=1+1"
    assert first["rind_reasons"].startswith("'@SUM")


def test_a_map_with_an_unknown_column_is_refused(make_job: Any, tmp_path: Path) -> None:
    job = make_job("deliveries.crm={sugar: {Risk: risk}}", channels=["crm"], required=True)
    with pytest.raises(UsageError, match="risk"):
        deliver(job, tmp_path / "state")
