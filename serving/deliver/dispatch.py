"""`rind deliver`: write the week's messages, queue them, and send what waits.

A message is queued once for its week, channel and reader, and sent once. What cannot be sent waits and goes with a
later run, the oldest week first. Only where the process dies (or the connection breaks) between the server's "taken"
and our note of it, nobody knows whether the message arrived: it is sent again under the same Message-ID. A webhook has
no such id: there the message may, in that case alone, appear twice.
"""

from __future__ import annotations

from pathlib import Path

from rind.common.errors import UsageError
from rind.serving.deliver.channels import CHANNELS
from rind.serving.deliver.items import Item
from rind.serving.deliver.job import Job, Note, Report
from rind.serving.deliver.outbox import Outbox
from rind.serving.deliver.sending import send_waiting


def deliver(job: Job, folder: Path, retry_refused: bool = False) -> Report:
    """Queue the week's items and send all that wait.

    Parameters
    ----------
    folder
        Of the ledger and of the CRM files.
    retry_refused
        Try again what was refused for good.

    Raises
    ------
    BusyError
        Another process is delivering from the same folder.
    """
    report, outbox = Report(), Outbox(folder)
    try:
        with outbox.turn(job.settings.lock_wait_seconds):
            sent_before = {entry.item.key for entry in outbox.of_week(job.week.as_of) if entry.state == "sent"}
            if retry_refused:
                outbox.requeue_refused()
            usable = _usable_channels(job, report.notes.append)
            items = [item for name in usable for item in CHANNELS[name].compose(job, report.notes.append)]
            for item in items:  # all are queued before the first one is sent
                outbox.put(item)
            for name in usable:
                with CHANNELS[name].open_sender(job, folder) as sender:
                    sent = send_waiting(outbox, name, sender, job.settings.retries)
                report.sent += [_line(item) for item in sent]
            _add_states(report, outbox, job, sent_before)
    finally:
        outbox.close()
    return report


def _usable_channels(job: Job, note: Note) -> list[str]:
    """The channels that are set up.

    Raises
    ------
    UsageError
        The job requires a channel that is not.
    """
    usable = []
    for name in job.channels:
        missing = CHANNELS[name].missing_settings(job.settings, job.secrets)
        if not missing:
            usable.append(name)
        elif job.required:
            raise UsageError(f"{name} is not set up: it needs {missing}", "see `deliveries` in params.yaml")
        else:
            note(f"{name} is not set up (it needs {missing})")
    return usable


def _add_states(report: Report, outbox: Outbox, job: Job, sent_before: set[str]) -> None:
    """Add what an earlier run sent, what was refused and what waits."""
    of_week = [entry for entry in outbox.of_week(job.week.as_of) if entry.item.channel in job.channels]
    report.already = [_line(entry.item) for entry in of_week if entry.item.key in sent_before]
    report.refused = [f"{_line(entry.item)}: {entry.error}" for entry in of_week if entry.state == "refused"]
    waiting = [entry for name in job.channels for entry in outbox.waiting(name)]
    report.pending = [f"{_line(entry.item)}: {entry.error or 'not tried yet'}" for entry in waiting]


def _line(item: Item) -> str:
    return f"{item.as_of} {item.channel} to {CHANNELS[item.channel].destination(item)}"
