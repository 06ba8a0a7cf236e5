"""Who gets which mail."""

from __future__ import annotations

from email import message_from_bytes
from typing import Any

from rind.serving.deliver.channels.mail import compose


def test_the_message_id_is_that_of_week_reader_and_kind(make_job: Any) -> None:
    job, later = make_job(), make_job()
    first, again = ([i.payload for i in compose(j, lambda _: None)] for j in (job, later))
    ids = [[message_from_bytes(mail)["Message-ID"] for mail in mails] for mails in (first, again)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


def test_a_csm_without_an_address_is_named(make_job: Any) -> None:
    notes: list[str] = []
    job = make_job('deliveries.csms={"Nobody Here": n@example.com}')
    assert len(compose(job, notes.append)) == 3
    assert any("Amara Okafor" in note and "no address" in note for note in notes)
    assert any("Nobody Here" in note and "no account" in note for note in notes)
