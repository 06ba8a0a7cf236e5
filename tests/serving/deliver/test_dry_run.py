"""A dry run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mail_servers import Mailbox, smtp_server

from rind.serving.deliver.dry_run import dry_run


def test_a_dry_run_writes_mails_and_sends_nothing(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = dry_run(job, tmp_path / "preview")
    assert not mailbox.taken
    assert sorted(Path(p).name for p in report.sent) == sorted(p.name for p in (tmp_path / "preview").iterdir())
    assert "mail_csm_Li_Na_li@example.com_2026-03-02.eml" in {p.name for p in (tmp_path / "preview").iterdir()}
    assert not (tmp_path / "week0/deliveries").exists()
