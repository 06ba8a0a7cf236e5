"""What is delivered: one item for one recipient."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Item:
    """One thing to deliver to one recipient, once.

    Parameters
    ----------
    channel
        A name of `serving.deliver.channels.CHANNELS`.
    audience
        Whose accounts it is about: leadership, csm NAME, operators (those who run the job), all.
    recipient
        An address, the name of a webhook or of a CRM; never a secret.
    payload
        The bytes to send; empty once they were sent.
    company
        Whose item it is, where several companies share a ledger: `serving.deliver.job.Job.company`.
    """

    as_of: date
    channel: str
    audience: str
    recipient: str
    payload: bytes = b""
    company: str = ""

    @property
    def key(self) -> str:
        names = [self.company, self.as_of.isoformat(), self.channel, self.audience, self.recipient]
        return json.dumps(names, ensure_ascii=False)


LONGEST_NAME = 120
"""Bytes of a file's name that come from outside; file systems take 255 for the whole."""


def file_name(item: Item, label: str, suffix: str) -> str:
    """A name for the item's file, of characters that every system takes: names of CSMs come from outside."""
    return f"{item.channel}_{plain_name(label)}_{item.as_of.isoformat()}.{suffix}"


def folder_name(company: str) -> str:
    """A name for a company's folder; two companies never share one."""
    plain = plain_name(company)
    return plain if plain == company else f"{plain}-{_digest(company)}"


def plain_name(text: str) -> str:
    """The text as part of a file's name; a long one ends in a digest instead of its rest."""
    plain = "".join(c if c.isalnum() or c in "-_.@" else "_" for c in text).strip(".")
    encoded = plain.encode()
    if len(encoded) <= LONGEST_NAME:
        return plain
    return f"{encoded[:LONGEST_NAME].decode(errors='ignore')}-{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
