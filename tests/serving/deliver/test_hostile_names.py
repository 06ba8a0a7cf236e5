"""Names that want to be something else, in everything that a week sends or offers as a file: they stay names."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from report_examples import facts

from rind.reports.page import PageContext, render_page
from rind.reports.risk_list import changes
from rind.reports.summary import summarise
from rind.serving.deliver.channels import CHANNELS
from rind.serving.deliver.dry_run import dry_run
from rind.serving.views.downloads import as_csv, as_workbook

NAMES = [
    "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://evil.example\",\"x\")", "+1+1", "-2-3", "@SUM(A1:A9)", "@Home Labs",
    "\tTab first", "Acme;=1+1", "<script>alert(1)</script>", "</td></tr><img src=x onerror=alert(1)>", "AT&amp;T & Co",
    "\"quoted\", and, commas", "it's 'single'", "a|b|c", "*bold* _it_ ~gone~ `code`", "<!channel> @here :tada:",
    "\u202egnirts desrever", "\u0645\u0624\u0633\u0633\u0629",
    "Family \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f680",
    "CR\rin it", "LF\nin it", "CRLF\r\nBcc: all@example.com", "\u2028line\u0085end\x0b\x0c", "NUL\x00in it", "&" * 500,
    "x" * 500, "../../etc/passwd", "{{ 7*7 }} {% raw %} %s", " blanks ",
]  # fmt: skip
"""Twenty-nine kinds."""

TAGS = {"script", "img", "iframe", "object", "svg"}
FORMULA = tuple("=+-@\t\r\n")


class Tags(HTMLParser):
    """The tags and the texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def job(make_job: Any) -> Any:
    """A week whose accounts, CSMs, segments, reasons and next steps all carry these names; so does its company."""
    job = make_job(
        "deliveries.base_url=https://rind.example.com", "deliveries.top=40", "deliveries.movers=40",
        "deliveries.slack.movers=40", channels=["mail", "slack", "crm"],
    )  # fmt: skip
    names = [NAMES[n % len(NAMES)] for n in range(40)]
    texts = dict.fromkeys(("name", "csm", "segment", "reason_1", "reason_2", "playbook"), names)
    listed = job.week.risk_list.assign(**texts, risk_band="red", watermelon=True)
    ids = dict(zip(listed["account_id"], [f"{name} {n}" for n, name in enumerate(names)], strict=True))
    before = job.week.table("previous_list").assign(csm=names[0], segment=names[0])
    before["account_id"] = before["account_id"].map(lambda one: ids.get(one, one))
    job.week.risk_list = listed.assign(account_id=listed["account_id"].map(ids))
    job.week._tables["previous_list"] = before
    job.week._documents["run"]["facts"]["company"] = "".join(NAMES)
    return replace(job, settings=job.settings.model_copy(update={"csms": dict.fromkeys(NAMES, "csm@example.com")}))


def payloads(job: Any, channel: str) -> list[bytes]:
    return [item.payload for item in CHANNELS[channel].compose(job, lambda _: None)]


def test_files_for_machines_give_every_name_back_as_it_is(job: Any) -> None:
    listed = job.week.risk_list
    for payload in payloads(job, "crm"):
        rows = list(csv.DictReader(io.StringIO(payload.decode(), newline="")))
        key, reasons = (next(field for field in rows[0] if word in field.lower()) for word in ("account_id", "reasons"))
        assert [row[key] for row in rows] == listed["account_id"].tolist()
        assert [row[reasons].split(". ")[0] for row in rows] == [name.split(". ")[0] for name in listed["reason_1"]]


def test_files_for_spreadsheets_keep_their_rows_and_hold_no_formula(job: Any) -> None:
    listed = job.week.risk_list
    text = as_csv(listed).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 40
    assert not [row["name"] for row in rows if row["name"].startswith(FORMULA)]
    assert [row["name"].replace("'", "") for row in rows] == [name.replace("'", "") for name in listed["name"]]
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(listed, facts())))
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    sheet = book["This week"]
    column = next(cell.column for cell in sheet[1] if cell.value == "name")
    shown = [sheet.cell(row, column).value for row in range(2, 42)]
    assert shown[:4] == NAMES[:4]
    assert shown[5] == "@Home Labs"


def test_no_name_is_a_tag_of_a_page_or_of_a_mail(job: Any) -> None:
    listed = job.week.risk_list.assign(watermelon=False)
    now = summarise(listed, job.week.as_of)
    page = render_page(PageContext(facts(), listed, now, changes(listed, job.week.table("previous_list"), 20)))
    for html in (page, *(part_of(mail, "html") for mail in mails(job))):
        tags = Tags(html)
        assert not TAGS.intersection(tags.tags) - {"svg"}
        assert "<script>alert(1)</script>" in "".join(tags.texts)
        assert "{{ 7*7 }} {% raw %} %s" in "".join(tags.texts)


def mails(job: Any) -> list[EmailMessage]:
    read = [message_from_bytes(payload, policy=policy.default) for payload in payloads(job, "mail")]
    return [mail for mail in read if isinstance(mail, EmailMessage)]


def part_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_no_name_makes_a_header_a_recipient_or_a_line_of_a_mail(job: Any) -> None:
    read = mails(job)
    assert len(read) == len(NAMES) + 1
    headers = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    for mail, payload in zip(read, payloads(job, "mail"), strict=True):
        assert list(mail.keys()) == headers
        assert mail["To"] in ("csm@example.com", "boss@example.com")
        assert not mail.defects
        assert max(map(len, payload.split(b"\r\n"))) <= 998
        text, html = (part_of(mail, kind).replace("\r\n", "\n") for kind in ("plain", "html"))
        assert not [line for line in text.splitlines() if line.startswith("Bcc:")]
        assert not set("\x00\t\x0b\x0c\r\u202e\u2028\u0085") & {*text, *html}


def test_no_name_is_markup_of_the_chat(job: Any) -> None:
    (payload,) = payloads(job, "slack")
    message = json.loads(payload)
    texts = [message["text"], *(block["text"]["text"] for block in message["blocks"][1:])]
    assert len(message["blocks"]) <= 50
    assert all(len(text) <= 3000 for text in texts)
    links = re.compile(r"<https://rind\.example\.com/[^<>|\s]*\|[^<>|\n]*>")
    for text in texts:
        bare = links.sub("", text)
        assert not re.search(r"[<>]|&(?!(amp|lt|gt);)", bare)
        assert not re.search(r"@\w|`|~|:(?!arrow_up:|arrow_down:|warning:)[\w+-]+:", bare.replace(":arrow_up:", ""))
        assert not set("\x00\r\u202e\u2028") & set(text)
    assert len(re.findall(r"\*", "".join(texts))) == 4  # of "ARR at risk" and "Moved most"


def test_a_dry_run_writes_one_file_an_item_into_its_folder_alone(job: Any, tmp_path: Path) -> None:
    report = dry_run(job, tmp_path / "preview")
    assert not report.failed
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "week0" not in path.parts]
    assert {path.parent for path in files} == {tmp_path / "preview"}
    assert len(files) == len(report.sent) == len(NAMES) + 1 + 1 + 2


def test_a_parquet_and_its_list_hold_the_names_as_they_are(job: Any, tmp_path: Path) -> None:
    job.week.risk_list.to_parquet(tmp_path / "list.parquet")
    assert pd.read_parquet(tmp_path / "list.parquet")["name"].tolist()[: len(NAMES)] == NAMES
