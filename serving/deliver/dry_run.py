"""`rind deliver --dry-run`: write into a folder what would be sent."""

from __future__ import annotations

from pathlib import Path

from rind.serving.deliver.channels import CHANNELS
from rind.serving.deliver.items import file_name
from rind.serving.deliver.job import Job, Report


def dry_run(job: Job, folder: Path) -> Report:
    """Write one file per item: .eml, .json, .csv. Nothing is sent, and the ledger is not touched."""
    report = Report()
    for name in job.channels:
        channel = CHANNELS[name]
        for item in channel.compose(job, report.notes.append):
            path = folder / file_name(item, channel.file_label(item), channel.SUFFIX)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.payload)
            report.sent.append(str(path))
    return report
