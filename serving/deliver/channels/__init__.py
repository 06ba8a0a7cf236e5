"""The channels of `rind deliver`. To add one: write a module like the others, add it to the list below.

A channel is a module with

- ``SUFFIX``: of the files that a dry run writes;
- ``missing_settings(settings, secrets)``: what it still needs to be used, in words; "" where it is set up;
- ``wrong_settings(job)``: what cannot be right about its settings, without a secret; "" where nothing is wrong;
- ``compose(job, note)``: its items of a week; ``note`` takes a line about what is left out;
- ``is_current(item, job)``: whether today's settings still deliver it to its recipient; else it is withdrawn;
- ``is_of(item, job)``: whether its payload was written for the job's company, as far as that can be seen;
- ``open_sender(job, folder)``: a `serving.deliver.sending.Sender` that sends them; ``folder`` holds the ledger;
- ``file_label(item)``: tells the item's file from the channel's others; ``destination(item)``: where it goes, for the
  report.

Ledger, retries, the command line (``--only NAME``) and the dry run follow. Its settings are fields of
`serving.deliver.settings.DeliverySettings`, its secrets come from the environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from rind.serving.deliver.channels import crm, mail, slack
from rind.serving.deliver.items import Item
from rind.serving.deliver.job import Job, Note
from rind.serving.deliver.sending import Sender
from rind.serving.deliver.settings import DeliverySettings, Secrets


class Channel(Protocol):
    """What each module below is to the rest (a property: a module's constants are read only)."""

    @property
    def SUFFIX(self) -> str: ...

    def missing_settings(self, settings: DeliverySettings, secrets: Secrets) -> str: ...

    def wrong_settings(self, job: Job) -> str: ...

    def compose(self, job: Job, note: Note) -> list[Item]: ...

    def is_current(self, item: Item, job: Job) -> bool: ...

    def is_of(self, item: Item, job: Job) -> bool: ...

    def open_sender(self, job: Job, folder: Path) -> Sender: ...

    def file_label(self, item: Item) -> str: ...

    def destination(self, item: Item) -> str: ...


CHANNELS: dict[str, Channel] = {"mail": mail, "slack": slack, "crm": crm}
