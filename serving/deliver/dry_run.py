"""`rind deliver --dry-run`: write into a folder what would be sent."""

from __future__ import annotations

from pathlib import Path

from rind.common.files import write_bytes
from rind.serving.deliver.channels import CHANNELS
from rind.serving.deliver.items import file_name
from rind.serving.deliver.job import Job, Report


def dry_run(job: Job, folder: Path) -> Report:
    """Write one file per item: .eml, .json, .csv. Nothing is sent, and the ledger is not touched."""
    report = Report()
    for name in job.channels:
        channel = CHANNELS[name]
        with report.alone(name):
            for item in channel.compose(job, report.notes.append):
                path = folder / file_name(item, channel.file_label(item), channel.SUFFIX)
                write_bytes(path, item.payload)
                report.sent.append(str(path))
    return report
