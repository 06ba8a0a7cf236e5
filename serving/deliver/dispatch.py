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
from rind.serving.deliver.job import Job, Report
from rind.serving.deliver.outbox import Outbox
from rind.serving.deliver.sending import send_waiting


def deliver(job: Job, folder: Path, retry_refused: bool = False) -> Report:
    """Queue the week's items and send all that wait; what goes wrong on one channel leaves the others alone.

    Parameters
    ----------
    folder
        Of the ledger and of the CRM files.
    retry_refused
        Try again what was refused for good.

    Raises
    ------
    UsageError
        No channel can be used as it is set up.
    BusyError
        Another process is delivering from the same folder.
    """
    report = Report()
    usable, unset = _usable_channels(job, report)  # all settings are checked before anything is queued
    outbox = Outbox(folder)
    try:
        with outbox.turn(job.settings.lock_wait_seconds):
            sent_before = {entry.item.key for entry in outbox.of_week(job.week.as_of) if entry.state == "sent"}
            if retry_refused:
                outbox.requeue_refused()
            for name in usable:  # all are queued before the first one is sent
                with report.alone(name):
                    _queue(outbox, job, name, report)
            sent = {name: _send(outbox, job, name, folder, report) for name in usable}
            _add_states(report, outbox, job, sent_before)
            report.channels = [_summary(name, outbox, job, report, unset, sent.get(name, 0)) for name in job.channels]
    finally:
        outbox.close()
    return report


def _usable_channels(job: Job, report: Report) -> tuple[list[str], dict[str, str]]:
    """The channels that are set up and sound, and what the others miss.

    Raises
    ------
    UsageError
        There is none, and one was asked for or is set up wrongly.
    """
    usable, unset = [], {}
    for name in job.channels:
        channel = CHANNELS[name]
        if missing := channel.missing_settings(job.settings, job.secrets):
            unset[name] = f"not set up: it needs {missing}"
            if job.required:
                report.failed[name] = unset[name]
            else:
                report.notes.append(f"{name} is not set up (it needs {missing})")
        elif wrong := channel.wrong_settings(job):
            report.failed[name] = wrong
        else:
            usable.append(name)
    if report.failed and not usable:
        reasons = "; ".join(f"{name}: {why}" for name, why in report.failed.items())
        raise UsageError(f"nothing can be delivered: {reasons}", "see `deliveries` in params.yaml")
    return usable, unset


def _queue(outbox: Outbox, job: Job, name: str, report: Report) -> None:
    for item in CHANNELS[name].compose(job, report.notes.append):
        outbox.put(item)


def _send(outbox: Outbox, job: Job, name: str, folder: Path, report: Report) -> int:
    """Send what waits on a channel; how many items went."""
    before = len(report.sent)
    with report.alone(name), CHANNELS[name].open_sender(job, folder) as sender:
        for item in send_waiting(outbox, name, sender, job.settings.retries):
            report.sent.append(_line(item))
    return len(report.sent) - before


def _add_states(report: Report, outbox: Outbox, job: Job, sent_before: set[str]) -> None:
    """Add what an earlier run sent, what was refused and what waits."""
    of_week = [entry for entry in outbox.of_week(job.week.as_of) if entry.item.channel in job.channels]
    report.already = [_line(entry.item) for entry in of_week if entry.item.key in sent_before]
    report.refused = [f"{_line(entry.item)}: {entry.error}" for entry in of_week if entry.state == "refused"]
    waiting = [entry for name in job.channels for entry in outbox.waiting(name)]
    report.pending = [f"{_line(entry.item)}: {entry.error or 'not tried yet'}" for entry in waiting]


def _summary(name: str, outbox: Outbox, job: Job, report: Report, unset: dict[str, str], sent: int) -> str:
    """ "mail: 2 sent, 1 waiting"; "slack: not tried: RIND_SLACK_WEBHOOK is no https address"."""
    states = [entry.state for entry in outbox.of_week(job.week.as_of) if entry.item.channel == name]
    counts = {"sent": sent, "waiting": len(outbox.waiting(name)), "refused": states.count("refused"),
              "sent before": states.count("sent") - sent}  # fmt: skip
    numbers = ", ".join(f"{count} {state}" for state, count in counts.items() if count > 0) or "nothing to send"
    if name in unset:
        return f"{name}: {unset[name]}"
    if name not in report.failed:
        return f"{name}: {numbers}"
    return f"{name}: {numbers if sent else 'not tried'}: {report.failed[name]}"


def _line(item: Item) -> str:
    return f"{item.as_of} {item.channel} to {CHANNELS[item.channel].destination(item)}"
