"""A digest as a mail: text and HTML in one message, the same every time but for its date."""

from __future__ import annotations

import hashlib
import re
import textwrap
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from rind.reports.wording import capitalised
from rind.serving.deliver.digest import Digest
from rind.serving.deliver.texts import one_line
from rind.serving.rendering.locales import Format

WIDTH = 72
"""Columns of a text mail."""

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
    text = _environment().get_template("mail.txt.j2").render(digest=digest, fmt=fmt, top_line=_top_line(digest, fmt))
    lines = "".join(f"{line.rstrip() if line != SIGNATURE else line}\n" for line in text.splitlines())
    return re.sub(r"\n{4,}", "\n\n\n", lines)


def as_html(digest: Digest, fmt: Format) -> str:
    """The HTML part: one column, styles inline, nothing loaded from elsewhere."""
    return _environment().get_template("mail.html.j2").render(digest=digest, fmt=fmt, subject=subject(digest, fmt))


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
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject(digest, fmt)
    mail["From"] = Address(display_name=name, addr_spec=address)
    mail["To"] = Address(addr_spec=recipient)
    mail["Date"] = format_datetime(at or datetime.now(UTC))
    number = message_number(company or digest.facts.company, audience_of(digest.csm), recipient)
    mail["Message-ID"] = f"<rind.{digest.facts.as_of.isoformat()}.{number}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(as_text(digest, fmt), cte="quoted-printable")
    mail.add_alternative(as_html(digest, fmt), subtype="html", cte="quoted-printable")
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
    environment.filters |= {
        "wrapped": _wrapped,
        "line": one_line,
        "sentence": capitalised,
        "words": lambda text: str(text).replace("_", " "),
    }
    return environment
