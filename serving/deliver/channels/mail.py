"""Mails: each CSM gets a digest of the own accounts, leadership one of all, operators what became of the run."""

from __future__ import annotations

from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path

from rind.serving.deliver.digest import digest
from rind.serving.deliver.failed_run import is_failed_run
from rind.serving.deliver.items import Item
from rind.serving.deliver.job import Job, Note
from rind.serving.deliver.mail_message import OPERATORS, audience_of, message, message_number, run_message
from rind.serving.deliver.run_digest import run_digest
from rind.serving.deliver.sending import Sender
from rind.serving.deliver.settings import DeliverySettings, Secrets, smtp_problem
from rind.serving.deliver.smtp import SmtpSender
from rind.serving.views.run_facts import facts_of

SUFFIX = "eml"
SENDER_OF_A_DRY_RUN = "Rind <rind@localhost>"


def missing_settings(settings: DeliverySettings, secrets: Secrets) -> str:
    """A mail needs a server, a sender and somebody to send it to."""
    del secrets  # a server may take mails without a password
    complete = settings.smtp.host and settings.sender and (settings.csms or settings.leadership or settings.operators)
    return "" if complete else "smtp.host (or RIND_SMTP_HOST), sender, and csms, leadership or operators"


def wrong_settings(job: Job) -> str:
    """The mail server must be one, and its password must not travel in clear text."""
    return smtp_problem(job.settings.smtp, job.secrets.smtp_password)


def compose(job: Job, note: Note) -> list[Item]:
    """One mail per CSM who has an address and accounts, one per address of leadership and of operators."""
    settings, names = job.settings, job.week.risk_list["csm"].dropna()
    if not settings.sender:
        note(f"deliveries.sender is not set: the files say {SENDER_OF_A_DRY_RUN}")
    for csm, accounts in names.value_counts().sort_index().items():
        if csm and csm not in settings.csms:
            note(f"no mail for {csm} ({accounts} accounts): deliveries.csms holds no address")
    items = []
    for csm, recipient in settings.csms.items():
        if csm in set(names):
            items.append(_mail(job, csm, recipient))
        else:
            note(f"no mail for {csm}: no account of the list carries this name")
    items += [_mail(job, None, recipient) for recipient in dict.fromkeys(settings.leadership)]
    return items + [_run_mail(job, recipient) for recipient in dict.fromkeys(settings.operators)]


def open_sender(job: Job, folder: Path) -> Sender:
    """A connection to the mail server."""
    del folder
    return SmtpSender(job.settings.smtp, job.secrets.smtp_password, parseaddr(job.settings.sender)[1])


def file_label(item: Item) -> str:
    return f"{item.audience}_{item.recipient}"


def destination(item: Item) -> str:
    return f"{item.recipient} ({item.audience})"


def is_current(item: Item, job: Job) -> bool:
    """Whether today's settings still send this kind of mail to this address."""
    if is_failed_run(item):
        return item.recipient in job.settings.operators
    readers = {(audience_of(csm), recipient) for csm, recipient in job.settings.csms.items()}
    readers |= {(audience_of(None), recipient) for recipient in job.settings.leadership}
    readers |= {(OPERATORS, recipient) for recipient in job.settings.operators}
    return (item.audience, item.recipient) in readers


def is_of(item: Item, job: Job) -> bool:
    """Whether the mail was written for this company: its Message-ID tells."""
    number = message_from_bytes(item.payload)["Message-ID"].split(".")[2].partition("@")[0]
    names = {job.company, facts_of(job.week).company}
    return number in {message_number(name, item.audience, item.recipient) for name in names}


def _mail(job: Job, csm: str | None, recipient: str) -> Item:
    sender = job.settings.sender or SENDER_OF_A_DRY_RUN
    mail = message(
        digest(job.week, job.settings, csm, job.feedback), job.format, sender, recipient, company=job.company
    )
    return Item(job.week.as_of, "mail", audience_of(csm), recipient, mail.as_bytes(), job.company)


def _run_mail(job: Job, recipient: str) -> Item:
    sender = job.settings.sender or SENDER_OF_A_DRY_RUN
    mail = run_message(run_digest(job.week), job.format, sender, recipient, company=job.company)
    return Item(job.week.as_of, "mail", OPERATORS, recipient, mail.as_bytes(), job.company)
