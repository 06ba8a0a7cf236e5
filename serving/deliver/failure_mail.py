"""The mail that a failed run sends by itself, through the same ledger as all deliveries."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from email.utils import parseaddr
from pathlib import Path

from rind.common.errors import RindError
from rind.serving.deliver.failed_run import FailedRun
from rind.serving.deliver.items import Item
from rind.serving.deliver.mail_message import failed_message
from rind.serving.deliver.outbox import Outbox
from rind.serving.deliver.sending import send_waiting
from rind.serving.deliver.settings import DeliverySettings, Secrets, smtp_problem
from rind.serving.deliver.smtp import SmtpSender
from rind.serving.rendering.locales import format_of


def lacking(settings: DeliverySettings, secrets: Secrets) -> str:
    """What the mail needs and does not have, in words; "" where it can be sent."""
    if not settings.operators:
        return "deliveries.operators names nobody"
    if not (settings.smtp.host and settings.sender):
        return "it needs deliveries.sender and deliveries.smtp.host (or RIND_SMTP_HOST)"
    return smtp_problem(settings.smtp, secrets.smtp_password)


def mail_failure(run: FailedRun, settings: DeliverySettings, secrets: Secrets, company: str, folder: Path) -> list[str]:
    """Queue the mail for each of those who run the job, and send it; give a line for each that did not go.

    Nothing else that waits in the ledger is sent. What could not go now goes with the next `rind deliver`.

    Parameters
    ----------
    company
        Whose run it was, as the ledger names the company.
    folder
        Of the ledger. Where it cannot be written to (its disk may be what failed), the mail goes without a ledger.
    """
    try:
        return _mail(run, settings, secrets, company, folder)
    except (OSError, sqlite3.Error):
        with tempfile.TemporaryDirectory(prefix="rind-mail-") as elsewhere:
            return _mail(run, settings, secrets, company, Path(elsewhere))


def _mail(run: FailedRun, settings: DeliverySettings, secrets: Secrets, company: str, folder: Path) -> list[str]:
    items = [_item(run, settings, recipient, company) for recipient in dict.fromkeys(settings.operators)]
    keys = frozenset(item.key for item in items)
    problem = ""
    with closing(Outbox(folder, company)) as outbox, outbox.turn(settings.lock_wait_seconds):
        for item in items:
            outbox.put(item)
        try:
            sender = parseaddr(settings.sender)[1]
            with SmtpSender(settings.smtp, secrets.smtp_password, sender) as smtp:
                list(send_waiting(outbox, "mail", smtp, settings.retries, keys))
        except RindError as error:
            problem = error.message
        unsent = [entry for entry in outbox.unsent("mail") if entry.item.key in keys]
    return [f"{entry.item.recipient}: {entry.error or problem or 'not tried'}" for entry in unsent]


def _item(run: FailedRun, settings: DeliverySettings, recipient: str, company: str) -> Item:
    mail = failed_message(run, format_of(settings.locale, ""), settings.sender, recipient, company)
    return Item(run.day, "mail", run.audience, recipient, mail.as_bytes(), company)
