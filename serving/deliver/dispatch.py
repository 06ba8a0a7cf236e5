"""`rind deliver`: write the week's messages, queue them, and send what waits.

A message is queued once for its week, channel and reader, and sent once. What cannot be sent waits and goes with a
later run, the oldest week first. Only where the process dies (or the connection breaks) between the server's "taken"
and our note of it, nobody knows whether the message arrived: it is sent again under the same Message-ID. A webhook has
no such id: there the message may, in that case alone, appear twice.
"""

from __future__ import annotations

from dataclasses import replace
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
    outbox = Outbox(folder, job.company)
    try:
        with outbox.turn(job.settings.lock_wait_seconds):
            if retry_refused:
                outbox.requeue_refused()
            for name in job.channels:  # all are queued before the first one is sent
                with report.alone(name):
                    items = CHANNELS[name].compose(job, report.notes.append) if name in usable else []
                    _claim(outbox, job, name, items)
                    if name not in unset:  # a forgotten --params withdraws nothing
                        _withdraw(outbox, job, name, report)
                    for item in items:
                        outbox.put(item)
            sent = {name: _send(outbox, job, name, folder, report) for name in usable}
            _add_states(report, outbox, job, sent)
            report.channels = [_summary(name, report, unset.get(name, "")) for name in job.channels]
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


def _claim(outbox: Outbox, job: Job, name: str, items: list[Item]) -> None:
    """Give the company its items of a ledger that did not know companies yet.

    What waits tells by its payload whose it is. Of what was sent only week, channel and reader are known: it belongs to
    the first company that has such an item, so that nothing is sent twice.
    """
    keys = {item.key for item in items}
    for entry in outbox.unclaimed(name):
        item = replace(entry.item, company=job.company)
        if CHANNELS[name].is_of(item, job) if item.payload else item.key in keys:
            outbox.claim(item)


def _withdraw(outbox: Outbox, job: Job, name: str, report: Report) -> None:
    """Delete what waits for somebody who is no recipient today."""
    for entry in outbox.unsent(name):
        if not CHANNELS[name].is_current(entry.item, job):
            outbox.withdraw(entry.item)
            report.withdrawn.append(f"{_line(entry.item)}: no recipient any more")


def _send(outbox: Outbox, job: Job, name: str, folder: Path, report: Report) -> list[Item]:
    """Send what waits on a channel; the items that went."""
    sent: list[Item] = []
    with report.alone(name), CHANNELS[name].open_sender(job, folder) as sender:
        for item in send_waiting(outbox, name, sender, job.settings.retries):
            sent.append(item)
            report.sent.append(_line(item))
    return sent


def _add_states(report: Report, outbox: Outbox, job: Job, sent: dict[str, list[Item]]) -> None:
    """Add what an earlier run sent, what was refused and what waits."""
    of_week = [entry for entry in outbox.of_week(job.week.as_of) if entry.item.channel in job.channels]
    sent_now = {item.key for items in sent.values() for item in items}
    earlier = [entry.item for entry in of_week if entry.state == "sent" and entry.item.key not in sent_now]
    report.already = [_line(item) for item in earlier]
    report.refused = [f"{_line(entry.item)}: {entry.error}" for entry in of_week if entry.state == "refused"]
    waiting = [entry for name in job.channels for entry in outbox.waiting(name)]
    report.pending = [f"{_line(entry.item)}: {entry.error or 'not tried yet'}" for entry in waiting]
    unclaimed = sum(entry.state != "sent" for name in job.channels for entry in outbox.unclaimed(name))
    if unclaimed:
        report.notes.append(f"{unclaimed} items of an earlier version wait for another company that shares this ledger")


def _summary(name: str, report: Report, unset: str) -> str:
    """ "mail: 2 sent, 1 waiting"; "slack: not tried: RIND_SLACK_WEBHOOK is no https address"."""
    states = {"sent": report.sent, "waiting": report.pending, "refused": report.refused, "sent before": report.already,
              "withdrawn": report.withdrawn}  # fmt: skip
    counts = {state: sum(line.split()[1] == name for line in lines) for state, lines in states.items()}
    numbers = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    reason = unset or report.failed.get(name, "")
    if reason and not counts["sent"]:
        numbers = "not tried" + (f" ({numbers})" if numbers else "")
    return ": ".join(part for part in (name, numbers or "nothing to send", reason) if part)


def _line(item: Item) -> str:
    return f"{item.as_of} {item.channel} to {CHANNELS[item.channel].destination(item)}"
