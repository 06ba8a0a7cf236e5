"""Retries, and what a failure leaves in the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from report_examples import AS_OF

from rind.pipelines.params import load
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox
from rind.serving.deliver.sending import DownError, TemporaryError, send_waiting


def test_retries_wait_longer_each_time_and_no_longer_than_told(
    make_job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    job = make_job(f"deliveries.smtp.port={port}", "deliveries.retries.attempts=5",
                   "deliveries.retries.first_wait_seconds=2", "deliveries.retries.longest_wait_seconds=9",
                   channels=["mail"], required=True)  # fmt: skip
    assert len(deliver(job, tmp_path / "state").pending) == 3
    assert len(waits) == 4
    assert all(low <= wait <= high for wait, low, high in zip(waits, (2, 4, 8, 9), (4, 6, 9, 9), strict=True))


def test_a_mail_that_may_have_been_taken_is_not_corrected_by_a_later_refused_connection(tmp_path: Path) -> None:
    class Breaks:
        """Breaks in the middle once, and is away from then on."""

        def __init__(self) -> None:
            self.errors = [TemporaryError("the connection broke")]

        def __enter__(self) -> Breaks:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def send(self, item: Item) -> None:
            del item
            raise self.errors.pop() if self.errors else DownError("nobody listens")

    outbox, settings = Outbox(tmp_path / "state"), load(None, ["deliveries.retries.first_wait_seconds=0"]).deliveries
    outbox.put(Item(AS_OF, "mail", "leadership", "boss@example.com", b"old"))
    list(send_waiting(outbox, "mail", Breaks(), settings.retries))
    outbox.put(Item(AS_OF, "mail", "leadership", "boss@example.com", b"new"))
    assert [(entry.attempts, entry.item.payload) for entry in outbox.waiting("mail")] == [(1, b"old")]
    outbox.close()
