"""What every channel of the registry holds to."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from rind.serving.deliver.channels import CHANNELS
from rind.serving.deliver.settings import Secrets


@pytest.mark.parametrize("name", CHANNELS)
def test_its_items_carry_its_name_and_have_files_and_destinations_of_their_own(make_job: Any, name: str) -> None:
    channel, job = CHANNELS[name], make_job()
    items = channel.compose(job, lambda _: None)
    assert items
    assert {(item.channel, item.as_of) for item in items} == {(name, job.week.as_of)}
    assert all(item.payload for item in items)
    assert len({channel.file_label(item) for item in items}) == len(items)
    assert len({channel.destination(item) for item in items}) == len(items)


@pytest.mark.parametrize("name", CHANNELS)
def test_it_says_what_it_misses_and_opens_where_nothing_is_missing(make_job: Any, tmp_path: Path, name: str) -> None:
    bare = make_job("deliveries.smtp.host=''").settings.model_copy(update={"crm": {}})
    assert CHANNELS[name].missing_settings(bare, Secrets())
    every_secret = {secret.name: "https://chat.example.com/hook" for secret in fields(Secrets) if secret.type == "str"}
    whole = make_job(secrets=Secrets(**every_secret))
    assert CHANNELS[name].missing_settings(whole.settings, whole.secrets) == ""
    assert CHANNELS[name].wrong_settings(whole) == ""
    with CHANNELS[name].open_sender(whole, tmp_path) as sender:
        assert callable(sender.send)
