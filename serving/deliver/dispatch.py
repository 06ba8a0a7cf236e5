"""`rind deliver`: write the week's messages, queue them, and send what waits.

What is promised: a message is queued once for its week, channel and reader, and sent once. What cannot be sent waits
and goes with a later run, the oldest week first. Only a crash (or a broken connection) in the moment between the
server's "taken" and our note of it leaves a message of which nobody knows: it is sent again under the same Message-ID.
A webhook has no such number: there a message may, in that moment alone, appear twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from pathlib import Path

from rind.common.errors import UsageError
from rind.common.files import write_text
from rind.serving.deliver.channels import (
    Channel,
    DownError,
    RefusedError,
    SmtpChannel,
    TemporaryError,
    WebhookChannel,
    retrying,
)
from rind.serving.deliver.crm import crm_file
from rind.serving.deliver.digest import digest
from rind.serving.deliver.mail import message
from rind.serving.deliver.outbox import Item, Outbox
from rind.serving.deliver.settings import DeliverySettings, Secrets
from rind.serving.deliver.slack import chat_message
from rind.serving.rendering.locales import Format, format_of
from rind.serving.store.protocols import Week
from rind.serving.views.downloads import as_csv

CHANNELS = ("mail", "slack", "crm")
Say = Callable[[str], None]


@dataclass
class Report:
    """How the week's items stand, and what else is worth saying.

    Parameters
    ----------
    sent, already, pending, refused
        One line per item: sent now; sent by an earlier run; still waiting (also of earlier weeks); never to be taken.
    notes
        What was left out, and why.
    """

    sent: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.pending and not self.refused


@dataclass(frozen=True)
class Job:
    """What is to be delivered, by which means.

    Parameters
    ----------
    week
        The published week.
    settings, secrets
        See `serving.deliver.settings`.
    channels
        Some of `CHANNELS`; ``asked`` says that they were asked for by name, so that none may be left out silently.
    currency
        ISO 4217 code of all money; "".
    """

    week: Week
    settings: DeliverySettings
    secrets: Secrets
    channels: Sequence[str] = CHANNELS
    asked: bool = False
    currency: str = ""

    @property
    def format(self) -> Format:
        return format_of(self.settings.locale, self.currency)


def deliver(job: Job, state: Path, retry_refused: bool = False) -> Report:
    """Queue the week's items and send all that wait.

    Parameters
    ----------
    state
        The folder of the ledger and of the CRM files.
    retry_refused
        Try again what was refused for good.

    Raises
    ------
    BusyError
        Another process is at it.
    """
    report, outbox = Report(), Outbox(state)
    try:
        with outbox.turn(job.settings.lock_wait_seconds):
            before = {entry.item.key for entry in outbox.of_week(job.week.as_of) if entry.state == "sent"}
            if retry_refused:
                outbox.ask_again()
            usable = _usable(job, report.notes.append)
            items = [item for channel in usable for item in compose(job, channel, report.notes.append)]
            for item in items:  # all are written down before the first one leaves
                outbox.put(item)
            for channel in usable:
                with _channel(job, channel, state) as way:
                    report.sent += _drain(outbox, channel, way, job.settings)
            _tell(outbox, job, before, report)
    finally:
        outbox.close()
    return report


def compose(job: Job, channel: str, note: Say) -> list[Item]:
    """The items of one channel for this week."""
    if channel == "mail":
        return list(_mails(job, note))
    if channel == "slack":
        told = digest(job.week, job.settings.model_copy(update={"movers": job.settings.slack.movers}))
        body = json.dumps(chat_message(told, job.format), ensure_ascii=False)
        return [Item(job.week.as_of, "slack", "all", "webhook", body.encode())]
    return [
        Item(job.week.as_of, "crm", "all", system, as_csv(crm_file(job.week, columns, job.settings, system)))
        for system, columns in job.settings.crm.items()
    ]


def dry_run(job: Job, folder: Path) -> Report:
    """Write what would be sent into ``folder``: .eml, .json and .csv files. Nothing is sent or written down."""
    report = Report()
    for channel in job.channels:
        if channel == "mail" and not job.settings.sender:
            sender = "Rind <rind@localhost>"
            job = replace(job, settings=job.settings.model_copy(update={"sender": sender}))
            report.notes.append(f"deliveries.sender is not set: the files say {sender}")
        for item in compose(job, channel, report.notes.append):
            path = folder / _file_name(item)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.payload)
            report.sent.append(str(path))
    return report


def _mails(job: Job, note: Say) -> Iterator[Item]:
    settings, names = job.settings, job.week.risk_list["csm"].dropna()
    for csm, accounts in names.value_counts().sort_index().items():
        if csm and csm not in settings.csms:
            note(f"no mail for {csm} ({accounts} accounts): deliveries.csms holds no address")
    for csm, recipient in settings.csms.items():
        if csm in set(names):
            yield _mail(job, csm, recipient)
        else:
            note(f"no mail for {csm}: no account of the list carries this name")
    for recipient in dict.fromkeys(settings.leadership):
        yield _mail(job, None, recipient)


def _mail(job: Job, csm: str | None, recipient: str) -> Item:
    made = message(digest(job.week, job.settings, csm), job.format, job.settings.sender, recipient)
    audience = "leadership" if csm is None else f"csm {csm}"
    return Item(job.week.as_of, "mail", audience, recipient, made.as_bytes())


def _usable(job: Job, note: Say) -> list[str]:
    """The channels that are set up; what was asked for by name and is not raises."""
    settings = job.settings
    mail = settings.smtp.host and settings.sender and (settings.csms or settings.leadership)
    missing = {
        "mail": "" if mail else "smtp.host (or RIND_SMTP_HOST), sender, and csms or leadership",
        "slack": "" if job.secrets.slack_webhook else "RIND_SLACK_WEBHOOK in the environment",
        "crm": "" if job.settings.crm else "crm, a map of columns",
    }  # fmt: skip
    for channel in job.channels:
        if missing[channel] and job.asked:
            raise UsageError(f"{channel} is not set up: it needs {missing[channel]}", "see `deliveries` in params.yaml")
        if missing[channel]:
            note(f"{channel} is not set up (it needs {missing[channel]})")
    return [channel for channel in job.channels if not missing[channel]]


@contextmanager
def _channel(job: Job, name: str, state: Path) -> Iterator[Channel]:
    settings, secrets = job.settings, job.secrets
    made: Channel
    if name == "mail":
        made = SmtpChannel(settings.smtp, secrets.smtp_password, parseaddr(settings.sender)[1])
    elif name == "slack":
        made = WebhookChannel(secrets.slack_webhook, settings.slack)
    else:
        made = FileChannel(state)
    with made as opened:
        yield opened


class FileChannel:
    """Files for a CRM beside the ledger, each written at once or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> FileChannel:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, item: Item) -> None:
        """Write one file."""
        write_text(self._folder / _file_name(item), item.payload.decode())


def _drain(outbox: Outbox, channel: str, way: Channel, settings: DeliverySettings) -> list[str]:
    """Send what waits on one channel; return a line for each item that was taken."""
    sent: list[str] = []
    for entry in outbox.waiting(channel):
        item, doubts = entry.item, list[TemporaryError]()
        outbox.begin(item)
        try:
            retrying(settings.retries)(_attempt, way, item, doubts)
        except RefusedError as error:
            outbox.refused(item, str(error))
        except TemporaryError as error:
            outbox.again(item, str(error), surely_not=not doubts)
            if isinstance(error, DownError):
                break
        else:
            outbox.sent(item)
            sent.append(_line(item))
    return sent


def _attempt(way: Channel, item: Item, doubts: list[TemporaryError]) -> None:
    """Send an item; add to ``doubts`` a failure after which nobody knows whether it was taken."""
    try:
        way.send(item)
    except DownError:
        raise
    except TemporaryError as error:
        doubts.append(error)
        raise


def _tell(outbox: Outbox, job: Job, before: set[str], report: Report) -> None:
    of_week = [e for e in outbox.of_week(job.week.as_of) if e.item.channel in job.channels]
    report.already = [_line(e.item) for e in of_week if e.item.key in before]
    report.refused = [f"{_line(e.item)}: {e.error}" for e in of_week if e.state == "refused"]
    waiting = [entry for channel in job.channels for entry in outbox.waiting(channel)]
    report.pending = [f"{_line(e.item)}: {e.error or 'not tried yet'}" for e in waiting]


def _line(item: Item) -> str:
    to = item.recipient if item.channel != "crm" else _file_name(item)
    return f"{item.as_of} {item.channel} to {to}" + (f" ({item.audience})" if item.channel == "mail" else "")


def _file_name(item: Item) -> str:
    """A file's name of letters that every system takes: csm names come from outside."""
    suffix = {"mail": "eml", "slack": "json", "crm": "csv"}[item.channel]
    told = {"mail": f"{item.audience}_{item.recipient}", "slack": "webhook", "crm": item.recipient}[item.channel]
    plain = "".join(c if c.isalnum() or c in "-_.@" else "_" for c in told).strip(".")
    return f"{item.channel}_{plain}_{item.as_of.isoformat()}.{suffix}"
