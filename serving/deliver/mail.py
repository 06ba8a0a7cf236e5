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
from rind.serving.rendering.locales import Format

WIDTH = 72
"""Columns of a text mail."""

SIGNATURE = "-- "
"""What mail programs fold away begins after this line; its blank belongs to it."""


def subject(told: Digest, fmt: Format) -> str:
    """What stands in the inbox: the company, whose accounts, how many are red, the day."""
    who = "your accounts" if told.csm else "all accounts"
    red = f"{told.now.red} red" if told.now.red else "none red"
    text = f"{told.facts.company}: {who} at risk, {red}, {fmt.day(told.facts.as_of)}"
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def as_text(told: Digest, fmt: Format) -> str:
    """The mail for who reads text; lines of at most `WIDTH` columns but for addresses."""
    made = _environment().get_template("mail.txt.j2").render(told=told, fmt=fmt, top_line=_top_line(told, fmt))
    lines = "".join(f"{line.rstrip() if line != SIGNATURE else line}\n" for line in made.splitlines())
    return re.sub(r"\n{4,}", "\n\n\n", lines)


def as_html(told: Digest, fmt: Format) -> str:
    """The mail for everybody else: one column, tables and styles in place, nothing loaded from elsewhere."""
    return _environment().get_template("mail.html.j2").render(told=told, fmt=fmt, subject=subject(told, fmt))


def message(told: Digest, fmt: Format, sender: str, recipient: str, at: datetime | None = None) -> EmailMessage:
    """The whole mail.

    Notes
    -----
    Its Message-ID is made of company, week and reader: a mail that had to be sent again, since nobody can know
    whether the server had taken it, is the same mail to a mailbox that looks at Message-IDs.
    """
    name, address = parseaddr(sender)
    made = EmailMessage(policy=SMTP)
    made["Subject"] = subject(told, fmt)
    made["From"] = Address(display_name=name, addr_spec=address)
    made["To"] = Address(addr_spec=recipient)
    made["Date"] = format_datetime(at or datetime.now(UTC))
    made["Message-ID"] = message_id(told, address, recipient)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(as_text(told, fmt), cte="quoted-printable")
    made.add_alternative(as_html(told, fmt), subtype="html", cte="quoted-printable")
    return made


def message_id(told: Digest, sender: str, recipient: str) -> str:
    """The same for the same company, week, kind of mail and reader."""
    of = "\0".join([told.facts.company, "leadership" if told.csm is None else f"csm {told.csm}", recipient])
    number = hashlib.sha256(of.encode()).hexdigest()[:20]
    return f"<rind.{told.facts.as_of.isoformat()}.{number}@{sender.rpartition('@')[2]}>"


def _top_line(told: Digest, fmt: Format) -> str:
    """ "52 accounts, 3 red, 2 watermelons"."""
    now = told.now
    counts = (now.accounts, "account", "accounts"), (now.watermelons, "watermelon", "watermelons")
    accounts, melons = (f"{fmt.number(n)} {one if n == 1 else many}" for n, one, many in counts)
    return f"{accounts}, {fmt.number(now.red)} red, {melons}"


def _wrapped(text: str, indent: int = 0, first: str | None = None) -> str:
    """The text in lines of `WIDTH`, ``indent`` blanks before each; ``first`` before the first one instead."""
    blanks = " " * indent
    initial = blanks if first is None else first
    flat = " ".join(str(text).split())
    return textwrap.fill(flat, WIDTH, initial_indent=initial, subsequent_indent=blanks, break_on_hyphens=False,
                         break_long_words=False)  # fmt: skip


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
        "sentence": capitalised,
        "words": lambda text: str(text).replace("_", " "),
    }
    return environment
