"""The mail as text and HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from rind.serving.addresses import account_segment
from rind.serving.deliver.digest import digest
from rind.serving.deliver.mail_message import WIDTH, as_html, as_text, message, subject
from rind.serving.rendering.locales import format_of

GOLDEN = Path(__file__).parent / "golden"


FMT = format_of("en_GB", "EUR")


LINKS = "deliveries.base_url=https://rind.example.com"


def _words(html: str) -> set[str]:
    return {word for word in ("<img", "<script", "<link", "http://", "url(") if word in html}


EVIL = "<script>alert(1)</script> & Co"


@pytest.mark.parametrize(("csm", "name"), [("Li Na", "csm"), (None, "leadership")])
def test_the_text_mail_is_as_agreed(make_job: Any, csm: str | None, name: str) -> None:
    job = make_job(LINKS, week={"watermelon": True})
    content = digest(job.week, job.settings, csm)
    assert f"{subject(content, FMT)}\n\n{as_text(content, FMT)}" == (GOLDEN / f"{name}.txt").read_text()


def test_the_mail_says_what_moved_a_risk_and_writes_days_as_people_do(make_job: Any) -> None:
    job = make_job()
    content = digest(job.week, job.settings)
    gone = {**content.movers[0], "why": "left on 2026-06-03"}
    moved = {**content.movers[0], "why": "", "moved_by": "+9 points: tickets open: 3, before that 1 (+9)"}
    bare = {name: cell for name, cell in moved.items() if name != "moved_by"}  # a list of an earlier version
    for text in (as_text, as_html):
        flat = " ".join(text(replace(content, gone=(gone,), movers=(moved, bare)), FMT).split())
        assert "left on 3 Jun 2026" in flat
        assert flat.count("+9 points: tickets open: 3, before that 1 (+9)") == 1


def test_what_the_list_before_said_stands_beside_what_reads_differently_today(make_job: Any) -> None:
    job = make_job()
    content = digest(job.week, job.settings)
    moved = {**content.movers[0], "previous_probability": 0.38, "published_probability": 0.34}
    same = {**moved, "published_probability": 0.38}
    for text in (as_text, as_html):
        flat = " ".join(text(replace(content, movers=(moved, same)), FMT).split())
        assert flat.count("; the list then said 34 %") == 1
        assert flat.count("the list then said") == 1


def test_a_csm_is_told_of_no_one_elses_accounts(make_job: Any) -> None:
    job = make_job(LINKS)
    content = digest(job.week, job.settings, "Li Na")
    others = job.week.risk_list.loc[job.week.risk_list["csm"] != "Li Na", ["account_id", "name"]]
    for text in (as_text(content, FMT), as_html(content, FMT)):
        assert not [name for name in others["name"] if f"{name}:" in text or f">{name}<" in text]
        assert not [account for account in others["account_id"] if account in text]


def test_without_proven_skill_the_mail_says_so_first(make_job: Any) -> None:
    job = make_job(week={"auc": {"value": 0.54, "low": 0.47, "high": 0.61}})
    content = digest(job.week, job.settings)
    for text in (as_text(content, FMT), as_html(content, FMT)):
        flat = " ".join(text.split())
        assert flat.index("do not act on the order") < flat.index("ARR at risk")


def test_leadership_reads_what_the_data_lacked_and_a_csm_does_not(make_job: Any) -> None:
    job = make_job()
    notes = ("Too odd: one unit of USD counts as one EUR <b>here</b>.", "broken rows set aside: contacts 21")
    for csm in (None, "Li Na"):
        content = digest(job.week, job.settings, csm)
        content = replace(content, facts=replace(content.facts, notes=notes))
        for text in (as_text(content, FMT), as_html(content, FMT)):
            flat = " ".join(text.split())
            assert ("broken rows set aside: contacts 21" in flat) == (csm is None)
            assert ("Too odd: one unit" in flat) == (csm is None)
        assert "<b>here" not in as_html(content, FMT)


def test_a_quiet_week_is_told_in_a_few_words(make_job: Any) -> None:
    job = make_job()
    calm = job.week.risk_list.assign(risk_band="green", watermelon=False)
    job.week.risk_list = calm
    job.week._tables["previous_list"] = None
    text = as_text(digest(job.week, job.settings, "Li Na"), FMT)
    assert "None of your accounts is red or amber this week." in text
    assert "There is no earlier list" in " ".join(text.split())
    assert "WHAT CHANGED" not in text


def test_lines_are_short_and_the_page_is_one_column(make_job: Any) -> None:
    job = make_job(LINKS)
    for csm in ("Li Na", None):
        content = digest(job.week, job.settings, csm)
        assert max(len(line) for line in as_text(content, FMT).splitlines() if "https://" not in line) <= WIDTH
        html = as_html(content, FMT)
        assert "max-width:640px" in html
        assert not {"<img", "<script", "<link", "http://", "url("} & set(_words(html))


def test_names_are_text_and_never_markup(make_job: Any) -> None:
    job = make_job(
        LINKS, week={"name": EVIL, "reason_1": "<b>x</b>", "playbook": '"><img src=x>', "account_id": "a/../b?x"}
    )
    html = as_html(digest(job.week, job.settings), FMT)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert f"https://rind.example.com/accounts/{account_segment('a/../b?x')}" in html
    HTMLParser().feed(html)


def test_a_line_break_in_a_name_makes_no_header(make_job: Any) -> None:
    job = make_job()
    job.week._documents["run"]["facts"]["company"] = "Hearth\r\nBcc: all@example.com"
    mail = message(digest(job.week, job.settings), FMT, "Rind <rind@example.com>", "boss@example.com")
    assert mail["Bcc"] is None
    assert "Hearth Bcc: all@example.com" in mail["Subject"]


def test_the_mail_is_one_message_in_two_forms_with_one_recipient(make_job: Any) -> None:
    job = make_job()
    content = digest(job.week, job.settings)
    mail = message(content, FMT, "Rind <rind@example.com>", "boss@example.com", datetime(2026, 3, 2, 6, tzinfo=UTC))
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert (read["From"], read["To"]) == ("Rind <rind@example.com>", "boss@example.com")
    assert read["Date"] == "Mon, 02 Mar 2026 06:00:00 +0000"
    plain = read.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == as_text(content, FMT)
    assert all(len(line) <= 998 for line in mail.as_bytes().split(b"\r\n"))
