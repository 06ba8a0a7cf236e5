"""The ledger of deliveries."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from mail_servers import Mailbox, smtp_server
from report_examples import AS_OF

from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox


def test_a_rerun_of_the_week_corrects_what_still_waits(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "state")
    for text in (b"old", b"new"):
        outbox.put(Item(AS_OF, "mail", "leadership", "boss@example.com", text))
    assert [entry.item.payload for entry in outbox.waiting("mail")] == [b"new"]
    outbox.mark_sending(outbox.waiting("mail")[0].item)
    outbox.put(Item(AS_OF, "mail", "leadership", "boss@example.com", b"newest"))
    assert [entry.item.payload for entry in outbox.waiting("mail")] == [b"new"]
    outbox.close()


def test_what_was_sent_is_forgotten_and_the_ledger_is_its_owners_alone(job: Any, port: int, tmp_path: Path) -> None:
    with smtp_server(Mailbox(), port):
        deliver(job, tmp_path / "state")
    ledger = tmp_path / "state/deliveries.sqlite"
    assert ledger.stat().st_mode & 0o077 == 0
    with sqlite3.connect(ledger) as db:
        assert db.execute("select count(*), count(payload) from deliveries").fetchone() == (3, 0)
    db.close()
