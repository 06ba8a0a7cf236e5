"""What is delivered: one item for one recipient."""

from __future__ import annotations

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
        Whose accounts it is about: leadership, csm NAME, all.
    recipient
        An address, the name of a webhook or of a CRM; never a secret.
    payload
        The bytes to send; empty once they were sent.
    """

    as_of: date
    channel: str
    audience: str
    recipient: str
    payload: bytes = b""

    @property
    def key(self) -> str:
        return json.dumps([self.as_of.isoformat(), self.channel, self.audience, self.recipient], ensure_ascii=False)


def file_name(item: Item, label: str, suffix: str) -> str:
    """A name for the item's file, of characters that every system takes: names of CSMs come from outside."""
    plain = "".join(c if c.isalnum() or c in "-_.@" else "_" for c in label).strip(".")
    return f"{item.channel}_{plain}_{item.as_of.isoformat()}.{suffix}"
