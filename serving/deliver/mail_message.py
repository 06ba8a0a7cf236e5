"""A digest as a mail: text and HTML in one message, the same every time but for its date."""

from __future__ import annotations

import hashlib
import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from rind.reports.look_back import look_back_sentences, said_then
from rind.reports.wording import capitalised, words_of
from rind.serving.deliver.digest import Digest
from rind.serving.deliver.failed_run import FailedRun
from rind.serving.deliver.run_digest import RunDigest
from rind.serving.deliver.texts import one_line
from rind.serving.rendering.locales import Format

WIDTH = 72
"""Columns of a text mail."""

OPERATORS = "operators"
"""The audience of the mail to those who run the job, as the ledger names it."""

SIGNATURE = "-- "
"""The line before the signature, which mail programs fold away; its blank belongs to it."""


def subject(digest: Digest, fmt: Format) -> str:
    """The subject: the company, whose accounts, how many are red, the day."""
    who = "your accounts" if digest.csm else "all accounts"
    red = f"{digest.now.red} red" if digest.now.red else "none red"
    text = f"{digest.facts.company}: {who} at risk, {red}, {fmt.day(digest.facts.as_of)}"
    return one_line(text)


def as_text(digest: Digest, fmt: Format) -> str:
    """The text part; lines of at most `WIDTH` columns but for addresses."""
    lines = {"top_line": _top_line(digest, fmt), **_shared_lines(digest, fmt)}
    return _lines(_environment().get_template("mail.txt.j2").render(digest=digest, fmt=fmt, **lines))


def _lines(text: str) -> str:
    """The text without blanks at the ends of lines, and with at most two empty lines between others."""
    lines = "".join(f"{line.rstrip() if line != SIGNATURE else line}\n" for line in text.splitlines())
    return re.sub(r"\n{4,}", "\n\n\n", lines)


def as_html(digest: Digest, fmt: Format) -> str:
    """The HTML part: one column, styles inline, nothing loaded from elsewhere."""
    lines = {"subject": subject(digest, fmt), **_shared_lines(digest, fmt)}
    return _environment().get_template("mail.html.j2").render(digest=digest, fmt=fmt, **lines)


def message(
    digest: Digest, fmt: Format, sender: str, recipient: str, at: datetime | None = None, company: str = ""
) -> EmailMessage:
    """The whole mail.

    Parameters
    ----------
    company
        Whose mail it is, to tell it from those of other companies; "" is the company's title.

    Notes
    -----
    Its Message-ID is made of company, week and reader. Where nobody knows whether the server took a mail, it is sent
    again, and a mailbox that looks at Message-IDs shows it once.
    """
    return _mail(
        subject(digest, fmt), as_text(digest, fmt), as_html(digest, fmt), sender, recipient,
        Origin(company or digest.facts.company, audience_of(digest.csm), digest.facts.as_of), at,
    )  # fmt: skip


def run_message(run: RunDigest, fmt: Format, sender: str, recipient: str, company: str = "") -> EmailMessage:
    """The mail to one of those who run the job; the parameters are those of `message`."""
    subject = run_subject(run, fmt)
    values = {"run": run, "fmt": fmt, "subject": subject}
    text = _lines(_environment().get_template("run.txt.j2").render(values))
    html = _environment().get_template("run.html.j2").render(values)
    return _mail(
        subject, text, html, sender, recipient, Origin(company or run.facts.company, OPERATORS, run.facts.as_of)
    )


def failed_message(run: FailedRun, fmt: Format, sender: str, recipient: str, company: str) -> EmailMessage:
    """The mail to one of those who run the job: it failed. The parameters are those of `message`."""
    subject = one_line(f"{run.title}: the weekly run failed (exit code {run.code}), {fmt.day(run.day)}")
    values = {"run": run, "fmt": fmt, "subject": subject}
    text = _lines(_environment().get_template("failed.txt.j2").render(values))
    html = _environment().get_template("failed.html.j2").render(values)
    return _mail(subject, text, html, sender, recipient, Origin(company, run.audience, run.day), run.ended)


def run_subject(run: RunDigest, fmt: Format) -> str:
    """The subject: the company, what there is to look at, the day."""
    counts = (
        (len(run.missing), "part missing", "parts missing"),
        (len(run.guards), "guard fired", "guards fired"),
        (run.rows, "row set aside", "rows set aside"),
        (run.accounts, "account set aside", "accounts set aside"),
    )
    findings = ", ".join(f"{fmt.number(n)} {one if n == 1 else many}" for n, one, many in counts if n)
    withheld = "the list is withheld, " if run.facts.withheld else ""
    return one_line(f"{run.facts.company}: {withheld}{findings or 'nothing to look at'}, {fmt.day(run.facts.as_of)}")


@dataclass(frozen=True)
class Origin:
    """What tells a mail from others of the same reader: the company, the kind of mail, the week."""

    company: str
    audience: str
    as_of: date


def _mail(
    subject: str, text: str, html: str, sender: str, recipient: str, origin: Origin, at: datetime | None = None
) -> EmailMessage:
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject
    mail["From"] = Address(display_name=name, addr_spec=address)
    mail["To"] = Address(addr_spec=recipient)
    mail["Date"] = format_datetime(at or datetime.now(UTC))
    number = message_number(origin.company, origin.audience, recipient)
    mail["Message-ID"] = f"<rind.{origin.as_of.isoformat()}.{number}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail


def audience_of(csm: str | None) -> str:
    """Whose accounts a mail is about, as the ledger names it."""
    return "leadership" if csm is None else f"csm {csm}"


def message_number(company: str, audience: str, recipient: str) -> str:
    """The part of a Message-ID that is the same for the same company, kind of mail and reader."""
    return hashlib.sha256("\0".join([company, audience, recipient]).encode()).hexdigest()[:20]


def _top_line(digest: Digest, fmt: Format) -> str:
    """ "52 accounts, 3 red, 2 watermelons"."""
    now = digest.now
    counts = (now.accounts, "account", "accounts"), (now.watermelons, "watermelon", "watermelons")
    accounts, melons = (f"{fmt.number(n)} {one if n == 1 else many}" for n, one, many in counts)
    return f"{accounts}, {fmt.number(now.red)} red, {melons}"


def _shared_lines(digest: Digest, fmt: Format) -> dict[str, str]:
    """Sentences that stand in both parts of a mail."""
    look_back = look_back_sentences(digest.facts.as_of, digest.since)
    return {"week_line": _week_line(digest, fmt), "look_back": " ".join(look_back)}


def _week_line(digest: Digest, fmt: Format) -> str:
    """How much a CSM is expected to manage this week, and how much of it is taken care of."""
    work = fmt.number(digest.week_work)
    accounts = "is the first account" if digest.week_work == 1 else f"are the first {work} accounts"
    done = f"; {fmt.number(digest.week_done)} taken care of so far" if digest.week_done else ""
    return f"Your {work} of this week {accounts} of your list{done}."


def _wrapped(text: str, indent: int = 0, first: str | None = None) -> str:
    """The text in lines of `WIDTH`, ``indent`` blanks before each; ``first`` before the first one instead."""
    blanks = " " * indent
    initial = blanks if first is None else first
    return textwrap.fill(
        one_line(str(text)), WIDTH, initial_indent=initial, subsequent_indent=blanks, break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("rind.serving.deliver"),
        autoescape=lambda name: bool(name and ".html" in name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["said_then"] = said_then
    environment.filters |= {
        "wrapped": _wrapped,
        "line": one_line,
        "sentence": capitalised,
        "words": lambda text: words_of(str(text)),
    }
    return environment
